import { expect, test } from "vitest";
import type { NodeType } from "../node-type.ts";
import { findNodeType, nodeTypesFor } from "../node-types.ts";
import { parameterConflict } from "./conflict.ts";

const family = "memcached1.6";

function nodeType(name: string): NodeType {
  const found = findNodeType(name);
  if (found === undefined) throw new Error(`no node type ${name}`);
  return found;
}

test("the defaults fit every node type", () => {
  const conflicts = nodeTypesFor("memcached", "1.6.18").map((one) =>
    parameterConflict(family, {}, one),
  );
  expect(conflicts.filter((conflict) => conflict !== null)).toEqual([]);
});

test.each([
  [{ max_item_size: "2097152" }],
  [{ max_item_size: "1572864" }],
  [{ max_item_size: "1024", slab_chunk_max: "1024" }],
  [{ slab_chunk_max: "16384" }],
  [{ no_modern: "0", slab_reassign: "1" }],
  [{ no_modern: "1", slab_reassign: "0" }],
])("%j stand together", (values) => {
  expect(parameterConflict(family, values, null)).toBeNull();
});

test.each([
  [{ max_item_size: "2000000" }, /max_item_size \(2000000\) must be a multiple/],
  [{ max_item_size: "65536" }, /multiple of slab_chunk_max \(524288\)/],
  [{ no_modern: "0", slab_reassign: "0" }, /slab_reassign cannot be 0 while no_modern is 0/],
  [{ slab_chunk_max: "786432" }, /power of two/],
  [{ max_item_size: "1000000", slab_chunk_max: "500000" }, /power of two/],
])("%j do not", (values, message) => {
  expect(parameterConflict(family, values, null)).toMatch(message);
});

test("an item may take half of a node's memory at most", () => {
  const values = { max_item_size: String(256 * 2 ** 20) };
  expect(parameterConflict(family, values, nodeType("cache.m5.large"))).toBeNull();
  expect(parameterConflict(family, values, nodeType("cache.t3.micro"))).toMatch(
    /^On cache.t3.micro, .* leaves 412 MB for items/,
  );
  // (512 - 100) MB is 412 MB, and 206 MB of that is the most.
  const most = { max_item_size: String(206 * 2 ** 20) };
  expect(parameterConflict(family, most, nodeType("cache.t3.micro"))).toBeNull();
});

test("the overhead must leave room for items", () => {
  const values = { memcached_connections_overhead: "100000" };
  expect(parameterConflict(family, values, nodeType("cache.t3.micro"))).toMatch(/leaves 0 MB/);
});

test("redis and valkey take any values that are allowed one by one", () => {
  const values = { "min-replicas-to-write": "5", databases: "1" };
  expect(parameterConflict("redis7", values, nodeType("cache.t3.micro"))).toBeNull();
});
