import { expect, test } from "vitest";
import { isInMaintenanceWindow } from "./maintenance-window.ts";

test.each([
  ["sun:05:00-sun:06:00", "2026-11-22T05:00:00Z", true],
  ["sun:05:00-sun:06:00", "2026-11-22T05:59:59Z", true],
  ["sun:05:00-sun:06:00", "2026-11-22T06:00:00Z", false],
  ["sun:05:00-sun:06:00", "2026-11-23T05:30:00Z", false],
  ["sat:23:30-sun:00:30", "2026-11-22T00:10:00Z", true],
  ["sat:23:30-sun:00:30", "2026-11-21T23:45:00Z", true],
  ["sat:23:30-sun:00:30", "2026-11-22T00:30:00Z", false],
])("%s at %s: %s", (window, now, expected) => {
  expect(isInMaintenanceWindow(window, new Date(now))).toBe(expected);
});
