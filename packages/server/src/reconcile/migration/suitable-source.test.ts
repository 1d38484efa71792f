import { describe, expect, test } from "vitest";
import type { ForeignEngine } from "../../engine/engine.ts";
import { type MigrationTarget, unsuitable } from "./suitable-source.ts";

const source: ForeignEngine = {
  address: { host: "127.0.0.1", port: 7000 },
  ...{ engine: "redis", version: "7.0.15", role: "primary", replicationId: "a", offset: 1 },
  ...{ isCluster: false, usedMemoryBytes: 100, hasDatabases: true, admitsReplicas: true },
};
const target: MigrationTarget = {
  ...{ engine: "redis", binaryVersion: "7.0.15", databases: 16, maxMemoryBytes: 100 },
  ours: new Set(["127.31.0.4:6379"]),
};

test("a source that fits is suitable", () => {
  expect(unsuitable(source, target)).toBeNull();
});

describe("a source is unsuitable", () => {
  test.each<[string, Partial<ForeignEngine>, RegExp]>([
    ["in cluster mode", { isCluster: true }, /cluster mode/],
    ["that is a replica", { role: "replica" }, /replica/],
    ["that wants a login of replicas", { admitsReplicas: false }, /login/],
    ["with other databases", { hasDatabases: false }, /databases/],
    ["with more data than fits", { usedMemoryBytes: 101 }, /memory/],
    ["that is Larder's own", { address: { host: "127.31.0.4", port: 6379 } }, /this server/],
    ["at a link-local address", { address: { host: "169.254.169.254", port: 80 } }, /address/],
    ["at no address", { address: { host: "0.0.0.0", port: 6379 } }, /address/],
  ])("%s", (_, change, because) => {
    expect(unsuitable({ ...source, ...change }, target)).toMatch(because);
  });

  test.each([
    ["redis", "6.2.14", "redis", "7.0.15", true],
    ["redis", "7.2.4", "redis", "7.0.15", false],
    ["redis", "7.0.15", "valkey", "8.0.1", true],
    ["redis", "7.2.4", "valkey", "8.0.1", true],
    ["redis", "7.4.0", "valkey", "8.0.1", false],
    ["valkey", "8.1.0", "valkey", "8.0.1", true],
    ["valkey", "9.0.0", "valkey", "8.0.1", false],
    ["valkey", "8.0.1", "redis", "7.0.15", false],
  ] as const)("%s %s to %s %s by its data's format: %s", (...row) => {
    const [engine, version, targetEngine, binaryVersion, fits] = row;
    const problem = unsuitable(
      { ...source, engine, version },
      { ...target, engine: targetEngine, binaryVersion },
    );
    if (fits) expect(problem).toBeNull();
    else expect(problem).toMatch(/newer/);
  });
});
