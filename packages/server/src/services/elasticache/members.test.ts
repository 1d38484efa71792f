import { describe, expect, test } from "vitest";
import { newMember } from "../../resources/new-members.ts";
import { primaryOf, replicasToSpare } from "./members.ts";

const shard = (...zones: readonly string[]) =>
  zones.map((zone, index) => newMember(`s-00${index + 1}`, "0001", zone, new Date(0)));
const ids = (members: readonly { readonly clusterId: string }[]) =>
  members.map(({ clusterId }) => clusterId);

describe("the primary", () => {
  test("is the one that was seen as such, else the first", () => {
    const members = shard("a", "b");
    expect(primaryOf(members, { primary: "s-002.0001", ready: [] })).toBe(members[1]);
    expect(primaryOf(members, { primary: null, ready: [] })).toBe(members[0]);
  });
});

describe("replicas that a shard can spare", () => {
  const ready = ["s-002.0001", "s-003.0001", "s-004.0001"];

  test("come from the zone with the most nodes", () => {
    const roles = { primary: "s-001.0001", ready };
    expect(ids(replicasToSpare(shard("a", "b", "c", "b"), roles, 1))).toEqual(["s-004"]);
    expect(ids(replicasToSpare(shard("a", "a", "b", "c"), roles, 1))).toEqual(["s-002"]);
  });

  test("are those behind the primary before those in step with it", () => {
    const roles = { primary: "s-001.0001", ready: ["s-003.0001"] };
    expect(ids(replicasToSpare(shard("a", "b", "c"), roles, 1))).toEqual(["s-002"]);
  });

  test("never include the primary, wherever it is", () => {
    const roles = { primary: "s-003.0001", ready };
    const spared = replicasToSpare(shard("a", "b", "c"), roles, 5);
    expect(ids(spared).toSorted()).toEqual(["s-001", "s-002"]);
  });
});
