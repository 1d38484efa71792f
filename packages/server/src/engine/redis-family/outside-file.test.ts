import { expect, test } from "vitest";
import { replicaOfOutsider } from "./outside-file.ts";

const own = { host: "127.31.0.9", port: 6_379 };
const [first, second] = [
  { host: "127.32.0.1", port: 6_379 },
  { host: "127.32.0.2", port: 7_000 },
];
const outside = [
  { id: "0001", primary: first, slots: [{ first: 0, last: 8_191 }] },
  {
    id: "0002",
    primary: second,
    slots: [
      { first: 8_192, last: 8_192 },
      { first: 8_193, last: 16_383 },
    ],
  },
];

test("a node is a replica of one shard outside, and knows whose the slots of all are", () => {
  const lines = replicaOfOutsider(null, own, second, outside, false).split("\n");
  const [self, one, two, variables] = lines.map((line) => line.split(" "));
  const isId = expect.stringMatching(/^[0-9a-f]{40}$/);
  expect(self).toEqual([
    ...[isId, "127.31.0.9:6379@16379", "myself,slave", two?.[0]],
    ...["0", "0", "0", "connected"],
  ]);
  expect(one?.slice(1)).toEqual([
    ...["127.32.0.1:6379@1", "master", "-", "0", "0", "1", "connected", "0-8191"],
  ]);
  expect(two?.slice(1)).toEqual([
    ...["127.32.0.2:7000@1", "master", "-", "0", "0", "2", "connected", "8192", "8193-16383"],
  ]);
  expect(variables?.join(" ")).toBe("vars currentEpoch 2 lastVoteEpoch 0");
});

test("it keeps its id, and what it knew of a cluster before is older", () => {
  const id = "a".repeat(40);
  const before =
    `${"b".repeat(40)} 127.31.0.8:6379@16379 master - 0 0 6 connected 0-16383\n` +
    `${id} 127.31.0.9:6379@16379,,shard-id=${"c".repeat(40)} myself,slave ${"b".repeat(40)} ` +
    "0 0 6 connected\nvars currentEpoch 7 lastVoteEpoch 6\n";
  const text = replicaOfOutsider(before, own, first, outside, false);
  expect(text).toMatch(new RegExp(`^${id} 127\\.31\\.0\\.9:6379@16379 myself,slave`));
  expect(text).toMatch(/ 0 0 8 connected 0-8191\n.* 0 0 9 connected/);
  expect(text).toContain("vars currentEpoch 9 ");
  expect(text).not.toContain("127.31.0.8");
});

test("nodes of one cluster know the same outsiders, wherever these are", () => {
  const idIn = (text: string) => text.split("\n")[1]?.split(" ")[0];
  const other = { host: "127.31.0.7", port: 6_379 };
  const moved = outside.map((one) => (one.id === "0001" ? { ...one, primary: other } : one));
  expect(idIn(replicaOfOutsider(null, own, first, outside, false))).toBe(
    idIn(replicaOfOutsider(null, other, second, moved, false)),
  );
});

test("whom it follows has to be one of them", () => {
  expect(() => replicaOfOutsider(null, own, own, outside, false)).toThrow(/not among the shards/);
});

test("for an engine that has them, it is in the shard of the one that it follows", () => {
  const [self, one, two] = replicaOfOutsider(null, own, second, outside, true)
    .split("\n")
    .map((line) => /,,shard-id=([0-9a-f]{40}) /.exec(line)?.[1]);
  expect(self).toMatch(/./);
  expect(self).toBe(two);
  expect(one).not.toBe(two);
});
