import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countSlots,
  evenSlots,
  formatSlots,
  parseSlots,
  rangesOf,
  slotCount,
  slotsIn,
} from "./slots.ts";

test("slots are split as ElastiCache splits them", () => {
  expect(evenSlots(3).map((one) => formatSlots([one]))).toEqual([
    "0-5461",
    "5462-10922",
    "10923-16383",
  ]);
});

test("an even split covers every slot once, in parts that differ by one at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (shards) => {
      const ranges = evenSlots(shards);
      expect(slotsIn(ranges)).toHaveLength(slotCount);
      expect(countSlots(ranges)).toBe(slotCount);
      const sizes = ranges.map((one) => countSlots([one]));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test("ranges hold exactly the slots they were made of", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: slotCount - 1 })), (slots) => {
      const ranges = rangesOf(slots);
      expect(slotsIn(ranges)).toEqual(slots.toSorted((a, b) => a - b));
      if (slots.length > 0) expect(parseSlots(formatSlots(ranges))).toEqual(ranges);
    }),
  );
});

describe("what callers write", () => {
  test("ranges and single slots are read", () => {
    expect(parseSlots("0-99, 200")).toEqual([
      { first: 0, last: 99 },
      { first: 200, last: 200 },
    ]);
  });

  test.each(["", "a-b", "5-1", "0-16384", "-1", "1,,2", "1-2-3", "1;2"])(
    "%j is refused",
    (text) => {
      expect(parseSlots(text)).toBeNull();
    },
  );
});
