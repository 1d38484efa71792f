import { expect, test } from "vitest";
import { dataBytesOfReply, isNoopReply, readRequest } from "./memcached-text.ts";

test.each([
  ["config get cluster", { kind: "config-get-cluster" }],
  ["config get CLUSTER", { kind: "config-get-cluster" }],
  ["  config  get  Cluster ", { kind: "config-get-cluster" }],
  ["get AmazonElastiCache:cluster", { kind: "get-cluster-key", withCas: false }],
  ["gets AmazonElastiCache:cluster", { kind: "get-cluster-key", withCas: true }],
  ["mn", { kind: "noop" }],
])("%s is the gateway's own", (line, request) => {
  expect(readRequest(line)).toEqual(request);
});

test.each([
  ["set k 0 0 5", 7],
  ["set k 0 0 0 noreply", 2],
  ["cas k 0 0 5 99", 7],
  ["cas k 0 0 5 99 noreply", 7],
  ["ms k 5", 7],
  ["ms k 5 T30 c", 7],
  ["ms " + "k".repeat(250) + " 5", 7],
])("%s is followed by %d bytes", (line, dataBytes) => {
  expect(readRequest(line)).toEqual({ kind: "other", dataBytes });
});

// Memcached refuses these outright and reads what follows as commands.
test.each([
  "",
  "get a",
  "get a AmazonElastiCache:cluster",
  "get amazonelasticache:cluster",
  "config get cluster now",
  "config set cluster 0 5",
  "CONFIG GET cluster",
  "set k 0 0",
  "set k 0 0 5 noreply more",
  "set k 0 0 -1",
  "set k 0 0 5x",
  "set k 0 0 2147483646",
  `set ${"k".repeat(251)} 0 0 5`,
  "cas k 0 0 5",
  "ms k",
  "ms k S5",
  "SET k 0 0 5",
  "__proto__ k 0 0 5",
  "constructor k 0 0 5",
])("%s has no data", (line) => {
  expect(readRequest(line)).toEqual({ kind: "other", dataBytes: 0 });
});

test.each([
  ["VALUE k 0 5", 7],
  ["VALUE k 0 5 123", 7],
  ["VA 5 t30 f0", 7],
  ["VA 0", 2],
  ["STORED", 0],
  ["HD", 0],
  ["STAT pid 5", 0],
])("the answer %s is followed by %d bytes", (line, dataBytes) => {
  expect(dataBytesOfReply(line)).toBe(dataBytes);
});

test("MN is the answer to mn", () => {
  expect(["MN", "MN b", "MNX", "VALUE MN 0 2"].map(isNoopReply)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
