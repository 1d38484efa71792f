import { describe, expect, test } from "vitest";
import { batchesOf, turnsOf, withinMsOf } from "./slot-batches.ts";

const sized = (...bytes: readonly number[]) =>
  bytes.map((size, index) => ({ key: Buffer.from(`k${index}`), bytes: size }));

const megabyte = 1_048_576;

describe("batches of keys", () => {
  test("small keys share a batch, up to its bound of keys and of bytes", () => {
    const counts = (...bytes: readonly number[]) =>
      batchesOf(sized(...bytes)).map(({ keys }) => keys.length);
    expect(counts()).toEqual([]);
    expect(counts(...Array.from({ length: 250 }, () => 50))).toEqual([100, 100, 50]);
    expect(counts(300_000, 200_000, 100_000)).toEqual([2, 1]);
  });

  test("a value beyond the bound travels alone, and every key travels once, in order", () => {
    const keys = sized(50, 5 * megabyte, 50, 50);
    const batches = batchesOf(keys);
    expect(batches.map((batch) => batch.keys.length)).toEqual([1, 1, 2]);
    expect(batches.flatMap((batch) => batch.keys)).toEqual(keys.map(({ key }) => key));
  });

  test("a turn has few batches and no more than one batch's bytes, unless one alone has more", () => {
    const turn = (...bytes: readonly number[]) =>
      turnsOf(bytes.map((size) => ({ keys: [Buffer.from("k")], bytes: size }))).map(
        ({ length }) => length,
      );
    expect(turn()).toEqual([]);
    expect(turn(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).toEqual([8, 2]);
    expect(turn(300_000, 300_000, 9 * megabyte, 1)).toEqual([1, 1, 1, 1]);
  });

  test("large values get the time that they need", () => {
    const batch = (bytes: number) => ({ keys: [], bytes });
    expect(withinMsOf(batch(1_000), false)).toBeLessThan(500);
    expect(withinMsOf(batch(1_000), true)).toBeGreaterThan(1_000);
    expect(withinMsOf(batch(256 * megabyte), false)).toBeGreaterThan(60_000);
  });
});
