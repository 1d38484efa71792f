import { expect, test } from "vitest";
import { median, percentile } from "./statistics.ts";

test("a percentile is one of the values, by nearest rank", () => {
  const values = [50, 10, 40, 20, 30];
  expect(percentile(values, 0.5)).toBe(30);
  expect(percentile(values, 0.99)).toBe(50);
  expect(percentile(values, 0)).toBe(10);
  expect(percentile([], 0.5)).toBeNaN();
});

test("the median of an even count lies between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
