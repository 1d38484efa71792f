import { expect, test } from "vitest";
import { familyMinimums } from "./node-type-data.ts";
import { familyOf, findNodeType, nodeTypes, nodeTypesFor } from "./node-types.ts";

function namesFor(...[engine, version]: Parameters<typeof nodeTypesFor>): readonly string[] {
  return nodeTypesFor(engine, version).map(({ name }) => name);
}

test("figures are those of the user guide", () => {
  expect(findNodeType("cache.t4g.small")).toEqual({
    name: "cache.t4g.small",
    vcpus: 2,
    maxMemoryBytes: 1_471_026_299,
    maxClients: 46_000,
    memcachedMb: 1_402,
    memcachedThreads: 2,
  });
  expect(findNodeType("cache.r6gd.xlarge")?.memcachedMb).toBeNull();
  expect(findNodeType("t4g.small")).toBeUndefined();
  expect(nodeTypes).toHaveLength(73);
});

test("every node type is named once and has a family with minimum versions", () => {
  expect(new Set(nodeTypes.map(({ name }) => name)).size).toBe(nodeTypes.length);
  for (const nodeType of nodeTypes) expect(familyMinimums).toHaveProperty(familyOf(nodeType));
});

test("memcached's memory never exceeds the node's by more than a tenth", () => {
  const tooMuch = nodeTypes.filter(
    ({ memcachedMb, maxMemoryBytes }) => (memcachedMb ?? 0) * 2 ** 20 > maxMemoryBytes * 1.1,
  );
  expect(tooMuch).toEqual([]);
});

test("a family is offered from its first engine version on", () => {
  expect(namesFor("redis", "6.0")).not.toContain("cache.m7g.large");
  expect(namesFor("redis", "6.2")).toContain("cache.m7g.large");
  expect(namesFor("redis", "5.0.0")).toContain("cache.t3.micro");
  expect(namesFor("redis", "5.0.0")).not.toContain("cache.t4g.micro");
  expect(namesFor("memcached", "1.6.5")).not.toContain("cache.c7gn.large");
  expect(namesFor("memcached", "1.6.18")).toContain("cache.c7gn.large");
});

test("node types that tier data cannot be asked for", () => {
  expect(namesFor("redis", "7.1").filter((name) => name.includes("r6gd"))).toEqual([]);
});
