import { describe, expect, test } from "vitest";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import type { PendingChange } from "../../resources/pending-change.ts";
import { planChange } from "./planned.ts";

const settings: CacheSettings = {
  ...{ engine: "valkey", engineVersion: "8.0", nodeType: "cache.t4g.small", port: 6379 },
  ...{ parameterGroup: "default.valkey8", subnetGroup: "default", securityGroupIds: [] },
  ...{
    maintenanceWindow: "sun:05:00-sun:06:00",
    autoMinorVersionUpgrade: false,
    pending: null,
    update: null,
  },
};
const binary = (version: string, serves: readonly string[]): InstalledEngine => ({
  ...{ engine: "valkey", binaryVersion: version, path: version, serves, family: "valkey8" },
});
const installed = [binary("8.0.1", ["8.0"])];
const [inWindow, outside] = [new Date("2026-03-01T05:30:00Z"), new Date("2026-03-01T07:00:00Z")];
const larger: PendingChange = { nodeType: "cache.t4g.medium", engine: null, due: "window" };
const smaller: PendingChange = { ...larger, nodeType: "cache.t4g.micro", due: "now" };
const engine = { engine: "valkey", engineVersion: "8.1", parameterGroup: "mine" } as const;

describe("a change that waits", () => {
  test("begins in the maintenance window, and not before", () => {
    const spec = { ...settings, pending: larger };
    expect(planChange(spec, null, installed, outside)).toBeNull();
    expect(planChange(spec, null, installed, inWindow)).toMatchObject({
      spec: { nodeType: "cache.t4g.medium", pending: null },
      announce: ["Finished modifying cache node type from cache.t4g.small to cache.t4g.medium"],
    });
  });

  test("to a smaller type waits for the memory in use, and is given up if that is too much", () => {
    const spec = { ...settings, pending: smaller };
    expect(planChange(spec, null, installed, outside)).toMatchObject({ spec: null });
    expect(planChange(spec, true, installed, outside)?.spec?.nodeType).toBe("cache.t4g.micro");
    expect(planChange(spec, false, installed, outside)).toMatchObject({
      spec: { nodeType: "cache.t4g.small", pending: null },
      messages: ["Failed applying modification to cache node type to cache.t4g.micro."],
      announce: [],
    });
  });

  test("of the engine is made though the node type cannot be had", () => {
    const spec = { ...settings, pending: { ...smaller, engine } };
    expect(planChange(spec, false, installed, outside)?.spec).toMatchObject({
      ...{ nodeType: "cache.t4g.small", engineVersion: "8.1", parameterGroup: "mine" },
    });
  });
});

describe("automatic minor upgrades", () => {
  const willing = { ...settings, autoMinorVersionUpgrade: true };
  const newer = [...installed, binary("8.1.4", ["8.1"])];

  test("go to a newer minor version of another binary, in the window", () => {
    expect(planChange(willing, null, newer, outside)).toBeNull();
    expect(planChange(willing, null, newer, inWindow)?.spec?.engineVersion).toBe("8.1");
    expect(planChange(settings, null, newer, inWindow)).toBeNull();
  });

  test("never only rename, nor cross a major version", () => {
    expect(planChange(willing, null, [binary("8.0.1", ["8.0", "8.1"])], inWindow)).toBeNull();
    const major = { ...binary("9.0.0", ["9.0"]), family: "valkey9" };
    expect(planChange(willing, null, [...installed, major], inWindow)).toBeNull();
  });
});
