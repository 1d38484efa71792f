import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findNodeType, nodeTypes } from "../node-types.ts";
import { allowedText, defaultValue, validateParameter } from "./definition.ts";
import { defaultGroups, families, type Family, findFamily } from "./families.ts";
import { resolveParameters } from "./resolve.ts";

function definitionsOf(name: string): Family["definitions"] {
  return findFamily(name)?.definitions ?? [];
}

function find(family: string, name: string): Family["definitions"][number] | undefined {
  return definitionsOf(family).find((definition) => definition.name === name);
}

function namesIn(family: string): readonly string[] {
  return definitionsOf(family).map(({ name }) => name);
}

const small = findNodeType("cache.t3.micro") ?? nodeTypes[0]!;

describe.each(families)("$name", (family) => {
  test("has each parameter once, described, in order of name", () => {
    const names = family.definitions.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].toSorted());
    for (const { description } of family.definitions) expect(description).toMatch(/\.$/);
  });

  test("has defaults that its own rules allow", () => {
    const problems = family.definitions
      .filter(({ allowed }) => allowed.kind !== "fixed")
      .map((definition) => validateParameter(definition, defaultValue(definition, small)));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });

  test("says what callers may set wherever they may", () => {
    const silent = family.definitions.filter(
      ({ modifiable, allowed }) => modifiable && allowedText(allowed) === "",
    );
    expect(silent).toEqual([]);
  });

  test("resolves for every node type that runs its engine, to plain values", () => {
    const running = nodeTypes.filter(
      ({ memcachedMb }) => family.engine !== "memcached" || memcachedMb !== null,
    );
    for (const nodeType of running) {
      const resolved = resolveParameters(family.name, {}, nodeType);
      expect(Object.keys(resolved)).toEqual(family.definitions.map(({ name }) => name));
      for (const value of Object.values(resolved)) expect(value).not.toMatch(/NaN|undefined|null/);
    }
  });

  test("takes a group's values over its defaults, and nothing else's", () => {
    // Cluster mode is the cache's to say.
    const free = family.definitions.filter(({ name }) => name !== "cluster-enabled");
    const chosen = fc.constantFrom(...free);
    fc.assert(
      fc.property(chosen, fc.string(), fc.constantFrom(...nodeTypes), (one, value, nodeType) => {
        const plain = resolveParameters(family.name, {}, nodeType);
        const resolved = resolveParameters(family.name, { [one.name]: value }, nodeType);
        expect(resolved).toEqual({ ...plain, [one.name]: value });
      }),
    );
  });
});

test("values that follow from the node type are filled in", () => {
  const redis = resolveParameters("redis7", {}, small);
  expect(redis).toMatchObject({
    maxmemory: "536870912",
    maxclients: "20000",
    "client-output-buffer-limit-replica-hard-limit": "53687091",
    "reserved-memory-percent": "25",
    "maxmemory-policy": "volatile-lru",
    appendonly: "no",
    "cluster-enabled": "no",
  });
  const memcached = resolveParameters("memcached1.6", {}, small);
  expect(memcached).toMatchObject({ max_cache_memory: "512", num_threads: "2" });
});

test("valkey8 differs from redis7 as AWS's does", () => {
  const redis = namesIn("redis7");
  const valkey = namesIn("valkey8");
  expect(redis.filter((name) => !valkey.includes(name))).toEqual([
    "lazyfree-lazy-eviction",
    "lazyfree-lazy-expire",
    "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del",
    "replica-lazy-flush",
  ]);
  expect(valkey.filter((name) => !redis.includes(name))).toEqual([
    "commandlog-large-reply-max-len",
    "commandlog-large-request-max-len",
    "commandlog-reply-larger-than",
    "commandlog-request-larger-than",
    "extended-redis-compatibility",
  ]);
  expect(find("valkey8", "repl-backlog-size")?.value).toBe("10485760");
  expect(find("redis7", "repl-backlog-size")?.value).toBe("1048576");
});

test("no parameter is older than its family's first engine", () => {
  expect(find("redis7", "timeout")?.minimumEngineVersion).toBe("2.8.6");
  expect(find("valkey7", "timeout")?.minimumEngineVersion).toBe("7.2.0");
  expect(find("valkey8", "timeout")?.minimumEngineVersion).toBe("8.0.0");
});

test("the persistence that Larder offers can be set", () => {
  expect(find("redis7", "appendonly")).toMatchObject({ modifiable: true, value: "no" });
  const fsync = find("redis7", "appendfsync");
  expect(fsync && allowedText(fsync.allowed)).toBe("always,everysec,no");
});

test.each([
  ["redis7", "activedefrag"],
  ["redis7", "maxmemory"],
  ["redis7", "close-on-replica-write"],
  ["memcached1.6", "worker_logbuf_size"],
  ["memcached1.6", "num_threads"],
])("%s's %s, which Larder does not carry out, cannot be set", (family, name) => {
  expect(find(family, name)?.modifiable).toBe(false);
});

test("changes are immediate but for what an engine takes at its start alone", () => {
  const atReboot = (family: string) =>
    definitionsOf(family)
      .filter(({ changeType }) => changeType === "requires-reboot")
      .map(({ name }) => name);
  for (const family of ["redis7", "valkey7", "valkey8"]) {
    expect(atReboot(family)).toEqual(["appendonly", "cluster-enabled", "databases"]);
  }
  expect(atReboot("memcached1.6")).toEqual(namesIn("memcached1.6"));
});

test("data types fit the values", () => {
  expect(find("redis7", "maxmemory")?.dataType).toBe("integer");
  expect(find("redis7", "maxmemory-policy")?.dataType).toBe("string");
  expect(find("redis7", "notify-keyspace-events")?.dataType).toBe("string");
  expect(find("memcached1.6", "chunk_size_growth_factor")?.dataType).toBe("float");
  expect(find("memcached1.6", "cas_disabled")?.dataType).toBe("integer");
});

test("each family has a default group, and one for cluster mode where there is any", () => {
  expect(defaultGroups().map(({ name }) => name)).toEqual([
    "default.memcached1.6",
    "default.redis7",
    "default.redis7.cluster.on",
    "default.valkey7",
    "default.valkey7.cluster.on",
    "default.valkey8",
    "default.valkey8.cluster.on",
  ]);
  const clusterMode = defaultGroups().find(({ name }) => name === "default.redis7.cluster.on");
  expect(clusterMode?.values).toEqual({ "cluster-enabled": "yes" });
});
