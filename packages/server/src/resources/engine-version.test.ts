import { expect, test } from "vitest";
import { branchOf, compareVersions } from "./engine-version.ts";

test.each([
  ["7.0", "7.1", -1],
  ["7.2", "7.10", -1],
  ["1.6.18", "1.6.6", 1],
  ["7", "7.0.0", 0],
  ["7.0.15", "7.0.15-1~deb12u1", -1],
  ["7.0.15-1~deb12u2", "7.0.15-1~deb12u10", -1],
  ["7.0.15-1~deb12u10", "7.0.15-1~deb12u10", 0],
  ["7.0.15-1~deb12u10", "7.0.15-1", -1],
  ["7.0.15-1+deb12u1", "7.0.15-1", 1],
  ["7.0.15-1~deb12u10", "7.0.16", -1],
  ["7.0.9-2", "7.0.15-1", -1],
])("%s against %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(Math.sign(compareVersions(b, a))).toBe(sign === 0 ? 0 : -sign);
});

test("a branch is the version without its patch and revision", () => {
  expect(["7.0.15-1~deb12u10", "8.1.0", "7.2"].map(branchOf)).toEqual(["7.0", "8.1", "7.2"]);
});
