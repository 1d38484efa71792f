import type { NodeReport, StatusReport } from "@larder/server/resources/status-report.ts";
import pc from "picocolors";
import { expect, test } from "vitest";
import { statusText } from "./status-table.ts";

const plain = pc.createColors(false);
const mebibyte = 1_024 * 1_024;

function node(id: string, changes: Partial<NodeReport> = {}): NodeReport {
  return {
    id,
    role: "replica",
    zone: "us-east-1b",
    state: "running",
    address: "127.31.16.4:6379",
    pid: 4_242,
    usedMemoryBytes: 1.2 * mebibyte,
    maxMemoryBytes: 1_403 * mebibyte,
    opsPerSecond: 12.4,
    ...changes,
  };
}

function report(shopNodes: readonly NodeReport[]): StatusReport {
  return {
    version: "0.1.0",
    region: "us-east-1",
    caches: [
      {
        region: "us-east-1",
        id: "shop",
        engine: "redis 7.1",
        state: "available",
        because: "everything is as asked",
        endpoints: { primary: "127.31.0.9:6379", reader: "127.31.0.10:6379" },
        shards: [{ id: "0001", nodes: shopNodes }],
      },
      {
        region: "us-east-1",
        id: "pages",
        engine: "memcached 1.6.18",
        state: "creating",
        because: "node 0001 is starting",
        endpoints: {},
        shards: [
          {
            id: "-",
            nodes: [
              node("pages-0001", {
                role: "-",
                state: "starting",
                address: null,
                usedMemoryBytes: null,
                opsPerSecond: null,
              }),
            ],
          },
        ],
      },
    ],
  };
}

const twoNodes = [
  node("shop-001", { role: "primary", zone: "us-east-1a", opsPerSecond: 12_345.6 }),
  node("shop-002"),
];

test("shows caches, their endpoints and nodes, aligned over all caches", () => {
  expect(`\n${statusText(report(twoNodes), { colors: plain, columns: null })}\n`).toBe(`
shop  redis 7.1 · us-east-1  ● available
  primary endpoint 127.31.0.9:6379
  reader endpoint 127.31.0.10:6379
  Shard  Node        Role     Zone               Memory   Ops/s  Address            PID  State
  0001   shop-001    primary  us-east-1a  1.20M / 1.37G  12,346  127.31.16.4:6379  4242  running
  0001   shop-002    replica  us-east-1b  1.20M / 1.37G      12  127.31.16.4:6379  4242  running

pages  memcached 1.6.18 · us-east-1  ● creating
  node 0001 is starting
  Shard  Node        Role     Zone               Memory   Ops/s  Address            PID  State
  -      pages-0001  -        us-east-1b              -       -  -                 4242  starting

2 caches · 3 nodes · 2.40M of 4.11G used · 12,358 ops/s · Larder 0.1.0
`);
});

test("fits 100 columns by cutting node ids, and cuts nothing in a pipe", () => {
  const longId = `${"a".repeat(40)}-0001-001`;
  const long = report([node(longId)]);
  const lines = statusText(long, { colors: plain, columns: 100 }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines.join("\n")).toContain("-001 ");
  expect(statusText(long, { colors: plain, columns: null })).toContain(longId);
});

test("colours a state without moving a column", () => {
  const coloured = statusText(report(twoNodes), { colors: pc.createColors(true), columns: null });
  expect(coloured).toContain("\u001B[32mrunning\u001B[39m");
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is taken out
  const bare = coloured.replaceAll(/\u001B\[\d+m/g, "");
  expect(bare).toBe(statusText(report(twoNodes), { colors: plain, columns: null }));
});

test("says how to create the first cache", () => {
  const empty = { version: "0.1.0", region: "us-east-1", caches: [] };
  expect(statusText(empty, { colors: plain, columns: null })).toContain(
    "aws elasticache create-replication-group",
  );
});
