import { describe, expect, test } from "vitest";
import { counted, humanSize, shorten, wrap } from "./human.ts";

describe("humanSize", () => {
  test.each([
    [0, "0B"],
    [999, "999B"],
    [1_000, "0.98K"],
    [1_048_576, "1.00M"],
    [10_471_014, "9.99M"],
    [10_485_760, "10.0M"],
    [1_471_026_299, "1.37G"],
    [104_857_600, "100M"],
    [1_073_741_824 * 1_023, "1.00T"],
  ])("%i bytes", (sizeBytes, text) => {
    expect(humanSize(sizeBytes)).toBe(text);
  });
});

test("counted", () => {
  expect([0, 1, 2_000].map((count) => counted(count, "node"))).toEqual([
    "0 nodes",
    "1 node",
    "2,000 nodes",
  ]);
});

test("shorten keeps both ends, and what fits as it is", () => {
  expect(shorten("shop-001", 8)).toBe("shop-001");
  expect(shorten("a-very-long-cache-name-001", 12)).toBe("a-very…e-001");
  expect(shorten("abc", 1)).toBe("…");
});

test("wrap breaks at spaces only", () => {
  expect(wrap("to be or not", 6)).toEqual(["to be", "or not"]);
  expect(wrap("a verylongword b", 6)).toEqual(["a", "verylongword", "b"]);
  expect(wrap("as it is", Infinity)).toEqual(["as it is"]);
});
