import { describe, expect, test } from "vitest";
import type { ForeignEngine, ReplicationView } from "../../engine/engine.ts";
import { newGroupStatus, newShardStatus } from "../../resources/compile.ts";
import type { Migration, MigrationStatus } from "../../resources/migration.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import type { SeenMigration } from "./observe.ts";
import { planMigration } from "./plan.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const address = { host: "127.0.0.1", port: 7000 };
const replicationId = "a".repeat(40);
const source: ForeignEngine = {
  ...{ address, engine: "redis", version: "7.0.15", role: "primary", replicationId, offset: 500 },
  ...{ isCluster: false, usedMemoryBytes: 1, hasDatabases: true, admitsReplicas: true },
};
const target: NonNullable<SeenMigration["target"]> = {
  ...{ engine: "redis", binaryVersion: "7.0.15", databases: 16, maxMemoryBytes: 1_000 },
  ours: new Set(),
};

/** A group of which only what a migration asks matters. */
function groupOf(migration: Partial<Migration> | null, status: Partial<MigrationStatus> = {}) {
  const asked: Migration = {
    ...{ purpose: "move", host: "source", port: 7000, completion: null },
    ...migration,
  };
  const before = {
    ...{ phase: "checking", source: null, failingSince: null, wasInSync: false, outcome: null },
    ...{ because: "", ...status },
  } satisfies MigrationStatus;
  return {
    ...{ id: "shop", deletingSince: null },
    spec: { migration: migration === null ? null : asked },
    status: { ...newGroupStatus, migration: before },
  } as unknown as Resource<"replication-group">;
}

function seenOf(change: Partial<SeenMigration>, status: Partial<ShardStatus> = {}): SeenMigration {
  const upstream = status.upstreamLink === null ? null : { kind: "foreign", address };
  const shard = {
    ...{ generation: 2, spec: { upstream } },
    status: { ...newShardStatus, settledGeneration: 2, state: "available", ...status },
  } as unknown as Resource<"shard">;
  return { shard, source: null, target, view: null, ...change };
}

function viewOf(offset: number, id = replicationId): ReplicationView {
  const link = { primary: address, up: true, syncing: false };
  return { role: "replica", replicationId: id, offset, link, replicas: [] };
}

const at = (ms: number) => new Date(start + ms);
const following = { phase: "following", source: address, wasInSync: true } as const;

describe("a migration", () => {
  test("follows a source that will do, by the address that its name meant", () => {
    const plan = planMigration(groupOf({}), seenOf({ source }), at(0));
    expect(plan).toMatchObject({
      ...{ upstream: { kind: "foreign", address }, state: "modifying", over: false },
      status: { phase: "following", source: address },
    });
  });

  test("tries a source that cannot be reached for some seconds, and then gives up", () => {
    const seen = seenOf({ source: { problem: "it refuses connections" } });
    const first = planMigration(groupOf({}), seen, at(0));
    expect(first.status).toMatchObject({ phase: "checking", failingSince: at(0).toISOString() });
    const later = planMigration(groupOf({}, first.status ?? {}), seen, at(5_001));
    expect(later.status).toMatchObject({ phase: "ending", outcome: "failed" });
    expect(later.upstream).toBeNull();
  });

  test("says once that it has the data", () => {
    const seen = seenOf({}, { upstreamLink: "up" });
    const before = { ...following, wasInSync: false };
    const first = planMigration(groupOf({}, before), seen, at(0));
    expect(first).toMatchObject({ state: "migrating", events: [{ sourceId: "shop" }] });
    expect(planMigration(groupOf({}, first.status ?? {}), seen, at(1)).events).toEqual([]);
  });

  test("ends by itself when the source is lost for long, not when it comes back", () => {
    const down = seenOf({}, { upstreamLink: "down" });
    const lost = planMigration(groupOf({}, following), down, at(0)).status ?? {};
    const up = seenOf({}, { upstreamLink: "up" });
    expect(planMigration(groupOf({}, lost), up, at(30_001)).status).toMatchObject({
      ...{ phase: "following", failingSince: null },
    });
    expect(planMigration(groupOf({}, lost), down, at(30_000)).status?.phase).toBe("following");
    expect(planMigration(groupOf({}, lost), down, at(30_001)).status).toMatchObject({
      ...{ phase: "ending", outcome: "failed" },
    });
  });

  test("leaves a source that answers the time to begin", () => {
    const silent = seenOf({ source }, { upstreamLink: "down" });
    const first = planMigration(groupOf({}, following), silent, at(0)).status ?? {};
    expect(planMigration(groupOf({}, first), silent, at(600_000)).status?.phase).toBe("following");
    expect(planMigration(groupOf({}, first), silent, at(600_001)).status?.phase).toBe("ending");
    // Once it is lost, only that counts.
    const lost = seenOf({ source: { problem: "gone" } }, { upstreamLink: "down" });
    const later = planMigration(groupOf({}, first), lost, at(500_000)).status ?? {};
    expect(planMigration(groupOf({}, later), lost, at(530_000)).status?.phase).toBe("following");
    expect(planMigration(groupOf({}, later), lost, at(530_001)).status?.phase).toBe("ending");
  });

  test.each([
    [499, replicationId, "following"],
    [500, replicationId, "ending"],
    [501, replicationId, "ending"],
    [900, "b".repeat(40), "following"],
  ])("at offset %i of stream %s of a source at 500 is %s", (offset, id, phase) => {
    const seen = seenOf({ source, view: viewOf(offset, id) }, { upstreamLink: "up" });
    const plan = planMigration(groupOf({ completion: "in-sync" }, following), seen, at(0));
    expect(plan.status?.phase).toBe(phase);
    expect(plan.upstream === null).toBe(phase === "ending");
  });

  test("that is ended by force asks nobody", () => {
    const seen = seenOf({}, { upstreamLink: "down" });
    const plan = planMigration(groupOf({ completion: "forced" }, following), seen, at(0));
    expect(plan).toMatchObject({ upstream: null, status: { outcome: "completed" } });
  });

  test("is over, and says so, once the group takes writes again", () => {
    const ending = { ...following, phase: "ending", outcome: "completed" } as const;
    const still = seenOf({}, { upstreamLink: "up" });
    expect(planMigration(groupOf({}, ending), still, at(0)).over).toBe(false);
    const independent = seenOf({}, { upstreamLink: null });
    const plan = planMigration(groupOf({}, ending), independent, at(0));
    expect(plan).toMatchObject({ over: true, status: null, upstream: null });
    expect(plan.events.map((one) => one.message)).toEqual([
      "Complete Migration successful for shop",
    ]);
  });
});

test("a trial tells its verdict at once, and follows nobody", () => {
  const trial = groupOf({ purpose: "trial" });
  const good = planMigration(trial, seenOf({ source }), at(0));
  const bad = planMigration(trial, seenOf({ source: { problem: "it is shy" } }), at(0));
  for (const plan of [good, bad]) expect(plan).toMatchObject({ over: true, upstream: null });
  expect(good.events[0]?.message).toBe("Migration test succeeded for replication group shop.");
  expect(bad.events[0]?.message).toMatch(/^Migration test failed .* it is shy\.$/);
});
