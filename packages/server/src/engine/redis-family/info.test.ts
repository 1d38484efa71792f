import fc from "fast-check";
import { expect, test } from "vitest";
import { figureOf, parseInfo, replicationViewOf } from "./info.ts";

const primaryInfo = [
  "# Replication",
  "role:master",
  "connected_slaves:2",
  "slave0:ip=127.41.0.2,port=6379,state=online,offset=560,lag=0",
  "slave1:ip=127.41.0.3,port=6379,state=wait_bgsave,offset=0,lag=0,type=replica",
  "master_replid:8c3f1a3b0e0b9bb1d8e4ad0a0ad7b0cdd3a6e2f1",
  "master_repl_offset:574",
  "",
].join("\r\n");

test("a primary's view has its replicas, and which of them acknowledged", () => {
  expect(replicationViewOf(parseInfo(primaryInfo))).toEqual({
    role: "primary",
    replicationId: "8c3f1a3b0e0b9bb1d8e4ad0a0ad7b0cdd3a6e2f1",
    offset: 574,
    link: null,
    replicas: [
      { address: { host: "127.41.0.2", port: 6379 }, online: true, acknowledgedOffset: 560 },
      { address: { host: "127.41.0.3", port: 6379 }, online: false, acknowledgedOffset: 0 },
    ],
  });
});

test("a replica's view has its link, and the offset that it has applied", () => {
  const info = parseInfo(
    "role:slave\r\nmaster_host:127.41.0.1\r\nmaster_port:6379\r\nmaster_link_status:down\r\n" +
      "master_sync_in_progress:1\r\nslave_read_repl_offset:12\r\nslave_repl_offset:10\r\n" +
      "master_repl_offset:9\r\n",
  );
  expect(replicationViewOf(info)).toMatchObject({
    role: "replica",
    offset: 10,
    link: { primary: { host: "127.41.0.1", port: 6379 }, up: false, syncing: true },
    replicas: [],
  });
});

test.each([
  ["a host that is a path", "slave0:ip=../../etc,port=6379,state=online,offset=1,lag=0"],
  ["a host that is a command", "slave0:ip=$(id),port=6379,state=online,offset=1,lag=0"],
  ["a port that is none", "slave0:ip=127.0.0.1,port=99999,state=online,offset=1,lag=0"],
])("%s makes no replica", (_what, line) => {
  expect(replicationViewOf(parseInfo(`role:master\r\n${line}\r\n`)).replicas).toEqual([]);
});

test("figures that are none count as 0, and replicas have a bound", () => {
  const lines = Array.from(
    { length: 500 },
    (_value, index) => `slave${index}:ip=127.0.0.1,port=${index + 1},state=online,offset=1,lag=0`,
  );
  const info = parseInfo(`used_memory:1e999\r\nmaxmemory:-5\r\n${lines.join("\r\n")}`);
  expect(figureOf(info, "used_memory")).toBe(0);
  expect(figureOf(info, "maxmemory")).toBe(0);
  expect(replicationViewOf(info).replicas).toHaveLength(64);
});

test("a reply that is no INFO is refused", () => {
  expect(() => parseInfo(["role:master"])).toThrow("not a reply");
  expect(() => parseInfo("x".repeat(1_000_001))).toThrow("not a reply");
});

test("whatever a node says, its view has safe numbers and real addresses", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("role", "slave", "master_host", "slave0", "ip=1.2.3.4,port=1,offset=9"),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word)), (pairs) => {
      const text = pairs.map(([name, value]) => `${name}:${value}`).join("\r\n");
      const view = replicationViewOf(parseInfo(text));
      expect(Number.isSafeInteger(view.offset)).toBe(true);
      for (const { acknowledgedOffset, address } of view.replicas) {
        expect(Number.isSafeInteger(acknowledgedOffset)).toBe(true);
        expect(address.host).toMatch(/^[0-9a-f.:%\w]+$/i);
      }
    }),
  );
});
