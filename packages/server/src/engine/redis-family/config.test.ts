import { expect, test } from "vitest";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { nodeConfig } from "./config.ts";

const redis: InstalledEngine = {
  ...{ engine: "redis", binaryVersion: "7.0.15-1~deb12u10", path: "/usr/bin/redis-server" },
  ...{ serves: ["7.0", "7.1"], family: "redis7" },
};
const valkey: InstalledEngine = {
  ...{ engine: "valkey", binaryVersion: "8.0.1", path: "/usr/bin/valkey-server" },
  ...{ serves: ["8.0"], family: "valkey8" },
};

function linesOf(
  installed: InstalledEngine,
  parameters: Readonly<Record<string, string>> = {},
): readonly string[] {
  const nodeType = findNodeType("cache.t4g.small");
  if (nodeType === undefined) throw new Error("the node type is missing");
  const text = nodeConfig({
    ...{ installed, nodeType, parameters, controlPassword: "f".repeat(64) },
    address: { host: "127.41.0.1", port: 6379 },
    following: { host: "127.41.0.2", port: 6380 },
    outside: [],
    startsEmpty: false,
  });
  return text.split("\n");
}

test("a node's configuration, with AWS's defaults where the engine's own differ", () => {
  expect(linesOf(redis)).toEqual(
    expect.arrayContaining([
      ...["bind 127.41.0.1", "port 6379", "dir .", 'logfile ""', 'save ""', "daemonize no"],
      ...["maxmemory 1103269724", "maxclients 46032", "maxmemory-policy volatile-lru"],
      ...["maxmemory-samples 3", "latency-tracking no", "io-threads 1", "appendonly no"],
      ...["repl-diskless-sync-delay 0", "acl-pubsub-default allchannels"],
      ...["client-output-buffer-limit normal 0 0 0", "replicaof 127.41.0.2 6380"],
      "client-output-buffer-limit pubsub 33554432 8388608 60",
      "client-output-buffer-limit replica 147102629 147102629 60",
      ...["replica-announce-ip 127.41.0.1", "lazyfree-lazy-eviction no"],
      ...["masteruser larder", `masterauth ${"f".repeat(64)}`],
    ]),
  );
});

test("families differ in what their groups have", () => {
  const lines = linesOf(valkey);
  expect(lines).toContain("extended-redis-compatibility yes");
  expect(lines).toContain("client-output-buffer-limit normal 1471026299 0 0");
  expect(lines.join("\n")).not.toContain("lazyfree");
  const newer = { "commandlog-reply-larger-than": "1" };
  expect(linesOf(valkey, newer).join("\n")).not.toContain("commandlog");
  expect(linesOf({ ...valkey, binaryVersion: "8.1.4" }, newer)).toContain(
    "commandlog-reply-larger-than 1",
  );
});

test("parameters become directives", () => {
  const lines = linesOf(redis, {
    ...{ "maxmemory-policy": "allkeys-lru", timeout: "60", "notify-keyspace-events": "KEA" },
    ...{ appendonly: "yes", appendfsync: "always", "reserved-memory-percent": "50" },
    "client-output-buffer-limit-normal-hard-limit": "1000",
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      ...["maxmemory-policy allkeys-lru", "timeout 60", "notify-keyspace-events KEA"],
      ...["appendonly yes", "appendfsync always", "maxmemory 735513149"],
      "client-output-buffer-limit normal 1000 0 0",
    ]),
  );
});

test("each directive but users and buffer limits stands once", () => {
  const names = linesOf(redis).map((line) => line.split(" ")[0] ?? "");
  const once = names.filter((name) => !["user", "client-output-buffer-limit", ""].includes(name));
  expect(once).toEqual([...new Set(once)]);
});

test("reserving everything never means that there is no limit", () => {
  expect(linesOf(redis, { "reserved-memory-percent": "100" })).toContain("maxmemory 1");
  expect(linesOf(redis, { "reserved-memory": "1000000000" })).toContain("maxmemory 471026299");
});

test.each([
  ["cluster-enabled", "maybe"],
  ["close-on-replica-write", "no"],
  ["rename-commands", "get blocked"],
  ["appendfsync", "sometimes"],
  ["reserved-memory-percent", "101"],
  ["notify-keyspace-events", "K;reboot"],
])("%s %s is refused, as Larder would not act on it", (name, value) => {
  expect(() => linesOf(redis, { [name]: value })).toThrow(`parameter ${name} cannot be`);
});

test("an unknown parameter is refused without repeating its control characters", () => {
  expect(() => linesOf(redis, { "dir\n\u001b[2J": "x" })).toThrow('no parameter "dir??[2J"');
});
