import { describe, expect, test } from "vitest";
import { Fault } from "../../aws/fault.ts";
import { maintenanceWindow, randomMaintenanceWindow } from "./maintenance-window.ts";

describe("a window as asked for", () => {
  test.each([
    ["sun:05:00-sun:06:00", "sun:05:00-sun:06:00"],
    ["Sat:23:30-Sun:00:30", "sat:23:30-sun:00:30"],
    ["mon:00:00-tue:00:00", "mon:00:00-tue:00:00"],
  ])("%s is kept as %s", (asked, kept) => {
    expect(maintenanceWindow(asked)).toBe(kept);
  });

  test.each([
    ...["", "sun:05:00", "sun:5:00-sun:6:00", "sun:24:00-mon:01:00", "sun:05:60-sun:07:00"],
    ...["sun:05:00-sun:05:59", "mon:00:00-tue:00:01", "sun:05:00-sun:05:00", "day:05:00-day:06:00"],
    ...["sun:05:00-sun:04:00", " sun:05:00-sun:06:00"],
  ])("%j is refused", (asked) => {
    expect(() => maintenanceWindow(asked)).toThrow(Fault);
  });
});

describe("a window that Larder chooses", () => {
  test.each([
    ["us-east-1", 180, 660],
    ["eu-west-1", 1320, 1800],
    ["eu-west-3", 1439, 1889],
    ["ap-south-1", 1050, 1530],
    ["xx-nowhere-1", 180, 660],
  ])("in %s is an hour within the region's block", (region, from, to) => {
    const starts = new Set<string>();
    for (let round = 0; round < 300; round += 1) {
      const window = randomMaintenanceWindow(region);
      starts.add(window);
      expect(maintenanceWindow(window)).toBe(window);
      const [, hour, minute] = window.split("-")[0]!.split(":");
      const start = Number(hour) * 60 + Number(minute);
      const within = start >= from ? start : start + 1_440;
      expect(within).toBeGreaterThanOrEqual(from);
      expect(within + 60).toBeLessThanOrEqual(to);
    }
    expect(starts.size).toBeGreaterThan(20);
  });
});
