import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isEven, spreadSlots, type SlotShare } from "./slot-shares.ts";
import { countSlots, formatSlots, rangesOf, slotCount, slotsIn } from "./slots.ts";

const shares = (...slots: readonly (readonly [string, number, number])[]): readonly SlotShare[] =>
  slots.map(([id, first, last]) => ({ id, slots: [{ first, last }] }));

const three = shares(["0001", 0, 5_461], ["0002", 5_462, 10_922], ["0003", 10_923, 16_383]);

const written = (spread: readonly SlotShare[]) =>
  Object.fromEntries(spread.map(({ id, slots }) => [id, formatSlots(slots)]));

describe("spreading slots", () => {
  test("new shards take the last slots of those who have too many", () => {
    expect(written(spreadSlots(three, ["0001", "0002", "0003", "0004"]))).toEqual({
      "0001": "0-4095",
      "0002": "5462-9557",
      "0003": "10923-15018",
      "0004": "4096-5461,9558-10922,15019-16383",
    });
  });

  test("a shard that leaves gives all, and who stays keeps what it has", () => {
    expect(written(spreadSlots(three, ["0001", "0003"]))).toEqual({
      "0001": "0-8191",
      "0003": "8192-16383",
    });
  });

  test("an even spread stays as it is", () => {
    expect(spreadSlots(three, ["0001", "0002", "0003"])).toEqual(three);
    expect(isEven(three)).toBe(true);
    expect(isEven(shares(["0001", 0, 9_000], ["0002", 9_001, 16_383]))).toBe(false);
  });

  test("each slot has one shard, shares are even, and no slot moves without need", () => {
    const owners = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(owners, fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1 }), run),
      { numRuns: 60 },
    );
  });
});

/** Blocks of 256 slots belong to the shards that `owners` names. */
function run(owners: readonly number[], wanted: readonly number[]): void {
  const name = (id: number) => String(id + 1).padStart(4, "0");
  const before = [...new Set(owners)].map((owner) => ({
    id: name(owner),
    slots: rangesOf(
      owners.flatMap((one, block) =>
        one === owner ? Array.from({ length: 256 }, (_, index) => block * 256 + index) : [],
      ),
    ),
  }));
  const after = spreadSlots(before, wanted.map(name));
  expect(after.map(({ id }) => id)).toEqual(wanted.map(name));
  expect(isEven(after)).toBe(true);
  const all = after.flatMap(({ slots }) => slotsIn(slots));
  expect(new Set(all).size).toBe(slotCount);
  expect(all).toHaveLength(slotCount);
  // Whoever had too few keeps all; whoever had too many ends with exactly its share.
  for (const { id, slots } of after) {
    const had = new Set(slotsIn(before.find((one) => one.id === id)?.slots ?? []));
    const kept = slotsIn(slots).filter((slot) => had.has(slot)).length;
    expect(kept).toBe(Math.min(had.size, countSlots(slots)));
  }
}
