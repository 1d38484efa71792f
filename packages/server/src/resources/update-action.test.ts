import { expect, test } from "vitest";
import type { RequestedUpdate } from "./requested-update.ts";
import type { ServiceUpdate } from "./service-update.ts";
import { dueUpdate, newlyCompleted, type UpdatableCache, updateActionOf } from "./update-action.ts";

const update: ServiceUpdate = {
  ...{ name: "elasticache-redis-7-0-16", engine: "redis", binaryVersion: "7.0.16" },
  ...{ serves: ["7.0", "7.1"], mends: [], severity: "low", status: "available" },
  ...{ releasedAt: "2026-03-01T00:00:00.000Z", applyBy: "2026-05-30T00:00:00.000Z" },
  ...{ endedAt: null, isInstalled: true },
};
const inTime = new Date("2026-04-01T00:00:00.000Z");
/** A Sunday, within the maintenance window. */
const late = new Date("2026-06-07T05:30:00.000Z");

const requested: RequestedUpdate = {
  ...{ binaryVersion: "7.0.16", requestedAt: "2026-03-31T00:00:00.000Z" },
  ...{ requestedBy: "customer", stoppedAt: null },
};

function cache(
  binaries: readonly string[],
  change: Partial<Omit<UpdatableCache, "settings">> & {
    readonly update?: RequestedUpdate;
    readonly automatic?: boolean;
  } = {},
): UpdatableCache {
  const { update: asked = null, automatic = true, ...rest } = change;
  return {
    settings: {
      ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
      ...{ parameterGroup: "default.redis7", subnetGroup: "default", securityGroupIds: [] },
      maintenanceWindow: "sun:05:00-sun:06:00",
      autoMinorVersionUpgrade: automatic,
      update: asked,
      pending: null,
    },
    ...{
      createdAt: "2026-02-01T00:00:00.000Z",
      isSettled: true,
      isUnderWay: false,
      completed: null,
    },
    nodes: binaries.map((binaryVersion) => ({
      launchedAs: {
        ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small" },
        binaryVersion,
      },
      startedAt: "2026-03-31T00:01:00.000Z",
    })),
    ...rest,
  };
}

const old = ["7.0.15", "7.0.15"];
const half = ["7.0.16", "7.0.15"];
const all = ["7.0.16", "7.0.17"];
const stoppedAt = "2026-03-31T00:02:00.000Z";
const busy = { isSettled: false };

test.each([
  ["asked for by nobody", cache(old), inTime, "not-applied", 0],
  ["a node that was started anew meanwhile", cache(half), inTime, "not-applied", 1],
  ["late, and applied by itself", cache(old), late, "scheduled", 0],
  ["late, and not applied by itself", cache(old, { automatic: false }), late, "not-applied", 0],
  ["just asked for", cache(old, { ...busy, update: requested }), inTime, "waiting-to-start", 0],
  [
    "under way",
    cache(half, { ...busy, update: requested, isUnderWay: true }),
    ...([inTime, "in-progress", 1] as const),
  ],
  [
    "just stopped",
    cache(half, { ...busy, update: { ...requested, stoppedAt } }),
    ...([inTime, "stopping", 1] as const),
  ],
  [
    "stopped",
    cache(half, { update: { ...requested, stoppedAt } }),
    ...([inTime, "stopped", 1] as const),
  ],
  ["done", cache(all, { update: requested }), inTime, "complete", 2],
  [
    "done, and a node is being added",
    cache(all, { ...busy, update: requested, nodes: [...cache(all).nodes, undefined] }),
    ...([inTime, "complete", 3] as const),
  ],
  ["given up", cache(half, { update: requested, isUnderWay: true }), inTime, "stopped", 1],
] as const)("%s", (_, seen, now, state, nodesUpdated) => {
  expect(updateActionOf(seen, update, now)).toMatchObject({ state, nodesUpdated });
});

test("there is no action where no node is behind, nor long after it is complete", () => {
  expect(updateActionOf(cache(all), update, inTime)).toBeNull();
  expect(updateActionOf(cache(all, { update: requested }), update, late)).toBeNull();
  const other = { ...update, engine: "valkey" } as const;
  expect(updateActionOf(cache(old), other, inTime)).toBeNull();
  const gone = { ...update, status: "expired", isInstalled: false } as const;
  expect(updateActionOf(cache(old), gone, inTime)).toBeNull();
});

test("a request for a newer update is one for those before it", () => {
  const newer = { ...requested, binaryVersion: "7.0.17" };
  const going = { isSettled: false, isUnderWay: true, update: newer };
  expect(updateActionOf(cache(half, going), update, inTime)?.state).toBe("in-progress");
  const older = { ...requested, binaryVersion: "7.0.15" };
  expect(updateActionOf(cache(old, { update: older }), update, inTime)?.state).toBe("not-applied");
});

test("whether it was complete in time", () => {
  const sla = (seen: UpdatableCache, now: Date) => updateActionOf(seen, update, now)?.slaMet;
  expect(sla(cache(old), inTime)).toBeNull();
  expect(sla(cache(old), late)).toBe(false);
  expect(sla(cache(all, { update: requested }), inTime)).toBe(true);
  expect(sla(cache(old, { createdAt: "2026-06-01T00:00:00.000Z" }), late)).toBeNull();
});

test("that it is complete is recorded once, and stays so when nodes start anew", () => {
  const done = cache(all, { update: requested });
  const completed = newlyCompleted(done, inTime);
  expect(completed).toEqual({ binaryVersion: "7.0.16", completedAt: inTime.toISOString() });
  expect(newlyCompleted(cache(half, { update: requested }), inTime)).toBeNull();
  expect(newlyCompleted(cache(all), inTime)).toBeNull();
  const later = {
    ...done,
    completed,
    nodes: done.nodes.map((one) => ({ ...one!, startedAt: "9" })),
  };
  expect(newlyCompleted(later, late)).toBeNull();
  expect(updateActionOf(later, update, inTime)).toMatchObject({
    ...{ state: "complete", modifiedAt: inTime.toISOString(), slaMet: true },
  });
});

test("it is due in the maintenance window after the recommended date, unless it was stopped", () => {
  const outside = new Date("2026-06-07T06:30:00.000Z");
  expect(dueUpdate(cache(old), [update], late)).toBe(update);
  expect(dueUpdate(cache(old), [update], outside)).toBeNull();
  expect(dueUpdate(cache(old, { automatic: false }), [update], late)).toBeNull();
  expect(dueUpdate(cache(all), [update], late)).toBeNull();
  expect(dueUpdate(cache(old), [{ ...update, isInstalled: false }], late)).toBeNull();
  const stopped = cache(half, { update: { ...requested, stoppedAt } });
  expect(dueUpdate(stopped, [update], late)).toBeNull();
  const newer = { ...update, binaryVersion: "7.0.17" };
  expect(dueUpdate(cache(old), [newer, update], late)).toBe(newer);
});
