import { expect, test } from "vitest";
import { mendClusterFile } from "./cluster-file.ts";

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
