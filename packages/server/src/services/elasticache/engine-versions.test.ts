import { expect, test } from "vitest";
import { faultOf, memcached, newCall, redis } from "./call-for-tests.ts";
import { describeCacheEngineVersions, resolveEngineVersion } from "./engine-versions.ts";

const call = newCall();

function listed(input: Parameters<typeof describeCacheEngineVersions>[0]): string[] {
  const { CacheEngineVersions = [] } = describeCacheEngineVersions(input, call);
  return CacheEngineVersions.map((one) => `${one.Engine} ${one.EngineVersion}`);
}

test("the versions are those that the installed engines serve", () => {
  expect(describeCacheEngineVersions({ Engine: "Redis", EngineVersion: "7.0" }, call)).toEqual({
    CacheEngineVersions: [
      {
        Engine: "redis",
        EngineVersion: "7.0",
        CacheParameterGroupFamily: "redis7",
        CacheEngineDescription: "Redis",
        CacheEngineVersionDescription: "redis version 7.0.15",
      },
    ],
  });
  expect(listed({})).toEqual(["memcached 1.6.18", "redis 7.0", "redis 7.1"]);
});

test.each([
  [{ CacheParameterGroupFamily: "memcached1.6" }, ["memcached 1.6.18"]],
  [{ DefaultOnly: true }, ["memcached 1.6.18", "redis 7.1"]],
  [{ Engine: "redis", EngineVersion: "7", DefaultOnly: true }, ["redis 7.1"]],
  [{ Engine: "redis", EngineVersion: "7" }, []],
  [{ Engine: "valkey" }, []],
  [{ Engine: "oracle" }, []],
  [{ EngineVersion: "9.9" }, []],
])("%j gives %j", (input, versions) => {
  expect(listed(input)).toEqual(versions);
});

test("7.10 comes after 7.2", () => {
  const many = { ...call, installed: [{ ...redis, serves: ["7.10", "7.2"] }] };
  const { CacheEngineVersions } = describeCacheEngineVersions({}, many);
  expect(CacheEngineVersions?.map((one) => one.EngineVersion)).toEqual(["7.2", "7.10"]);
  expect(resolveEngineVersion(many, "redis", undefined).version).toBe("7.10");
});

test("the newest version is the default", () => {
  expect(resolveEngineVersion(call, "REDIS", undefined)).toEqual({
    engine: "redis",
    version: "7.1",
    family: "redis7",
    installed: redis,
  });
  expect(resolveEngineVersion(call, "memcached", "1.6.18").installed).toBe(memcached);
});

test("6.x is the newest redis 6", () => {
  const installed = [redis, { ...redis, serves: ["6.0", "6.2"], family: "redis6.x" }];
  expect(resolveEngineVersion({ installed }, "redis", "6.x").version).toBe("6.2");
  expect(faultOf(() => resolveEngineVersion(call, "redis", "6.x"))).toMatch(/Cannot find version/);
  expect(faultOf(() => resolveEngineVersion(call, "redis", "7.x"))).toMatch(/Cannot find version/);
});

test.each([
  ["redis", "7.4", "Cannot find version 7.4 for redis"],
  ["memcached", "1.6", "Cannot find version 1.6 for memcached"],
  ["redis", "5.0.6", "Cannot find version 5.0.6 for redis"],
  [
    "redis",
    "7.0.7",
    "The version 7.0.7 of redis cannot be chosen by its patch number; ask for 7.0.",
  ],
  [
    "valkey",
    undefined,
    "This server has no valkey installed. It has redis 7.0, redis 7.1, memcached 1.6.18.",
  ],
  ["oracle", undefined, "Invalid engine oracle. Engine must be one of redis, valkey, memcached."],
])("%s %s is refused", (engine, version, message) => {
  expect(faultOf(() => resolveEngineVersion(call, engine, version))).toBe(
    `InvalidParameterValue: ${message}`,
  );
});

test("a server without engines says so", () => {
  expect(faultOf(() => resolveEngineVersion({ installed: [] }, "redis", "7.1"))).toMatch(
    /no redis installed. It has no engine at all./,
  );
});
