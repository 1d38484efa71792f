import { expect, test } from "vitest";
import { demoteSelf, mendClusterFile } from "./cluster-file.ts";

const id = (digit: string) => digit.repeat(40);

function line(node: string, shard: string | null, primary: string | null): string {
  const aux = shard === null ? "" : `,,tls-port=0,shard-id=${id(shard)}`;
  const role = primary === null ? "master -" : `myself,slave ${id(primary)}`;
  return `${id(node)} 127.31.0.4:6379@16379${aux} ${role} 0 1795604353959 2 connected 0-5461`;
}

const variables = "vars currentEpoch 6 lastVoteEpoch 0\n";

test("a replica is put into its primary's shard, wherever their lines stand", () => {
  const text = [line("2", "b", "1"), line("1", "a", null), line("3", "c", "1"), variables];
  const mended = [line("2", "a", "1"), line("1", "a", null), line("3", "a", "1"), variables];
  expect(mendClusterFile(text.join("\n"))).toBe(mended.join("\n"));
});

test("what is not wrong stays as it is, byte for byte", () => {
  const fine = [line("1", "a", null), line("2", "a", "1"), line("3", "b", null), variables];
  expect(mendClusterFile(fine.join("\n"))).toBe(fine.join("\n"));
  // Of redis 7.0, which knows no shard ids, and of a primary that is not known any more.
  const old = [line("1", null, null), line("2", null, "1"), line("3", "c", "4"), variables];
  expect(mendClusterFile(old.join("\n"))).toBe(old.join("\n"));
  expect(mendClusterFile("")).toBe("");
  expect(mendClusterFile(variables)).toBe(variables);
});

test("a node that was primary is its heir's replica, and its slots are the heir's", () => {
  const place = (last: number) => `127.31.0.${last}:6379@16379`;
  const before = [
    `${id("1")} ${place(4)} myself,master - 0 17 3 connected 0-99 200 [7->-${id("4")}]`,
    `${id("2")} ${place(5)} slave ${id("1")} 0 17 3 connected`,
    `${id("3")} ${place(6)} slave ${id("1")} 0 17 3 connected`,
    `${id("4")} ${place(7)} master - 0 17 4 connected 100-199`,
    variables,
  ];
  const heir = { host: "127.31.0.5", port: 6379 };
  expect(demoteSelf(before.join("\n"), heir).split("\n")).toEqual([
    `${id("1")} ${place(4)} myself,slave ${id("2")} 0 17 3 connected`,
    `${id("2")} ${place(5)} master - 0 17 3 connected 0-99 200`,
    `${id("3")} ${place(6)} slave ${id("2")} 0 17 3 connected`,
    before[3],
    ...variables.split("\n"),
  ]);
  // One that does not know its heir claims nothing; a replica has nothing to give up.
  const stranger = { host: "127.31.0.9", port: 6379 };
  expect(demoteSelf(before.join("\n"), stranger)).toContain("myself,master - 0 17 3 connected\n");
  const replica = before.join("\n").replace("myself,master -", `myself,slave ${id("4")}`);
  expect(demoteSelf(replica, heir)).toBe(replica);
});
