import type { ForeignEngine } from "../../engine/engine.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Migration, MigrationStatus } from "../../resources/migration.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Upstream } from "../../resources/upstream.ts";
import type { SeenMigration } from "./observe.ts";
import { unsuitable } from "./suitable-source.ts";

type Group = Resource<"replication-group">;

/** What a migration comes to in one pass of its group. */
export interface MigrationPlan {
  readonly status: MigrationStatus | null;
  /** What the group's only shard is to follow. */
  readonly upstream: Upstream | null;
  /** The group's state while the migration is what happens to it; null to leave it alone. */
  readonly state: "modifying" | "migrating" | null;
  /** Nothing is left of the migration: the request goes out of the group's spec. */
  readonly over: boolean;
  readonly events: readonly EventDraft[];
}

/** A source that cannot be looked at is tried again for so long before it counts as failed. */
const checkWithinMs = 5_000;
/** A source that is lost for so long has refused the engine's own attempts, one a second. */
const lostWithinMs = 30_000;
/** A source that answers, but sends nothing for so long, has failed too. */
const silentWithinMs = 600_000;
/** How often a migration is looked at even if nothing wakes it. */
export const migrationLookMs = 1_000;

const fresh: MigrationStatus = {
  ...{ phase: "checking", source: null, failingSince: null, wasInSync: false, outcome: null },
  because: "its source is looked at",
};

const nothing: MigrationPlan = {
  ...{ status: null, upstream: null, state: null, over: false, events: [] },
};

/** What to do about a group's migration; nothing while there is none. */
export function planMigration(group: Group, seen: SeenMigration | null, now: Date): MigrationPlan {
  const { migration } = group.spec;
  if (migration === null || seen === null || group.deletingSince !== null) return nothing;
  const status = group.status.migration ?? fresh;
  switch (status.phase) {
    case "checking":
      return check(group, migration, status, seen, now);
    case "following":
      return follow(group, migration, status, seen, now);
    case "ending":
      return end(group, status, seen);
  }
}

function check(
  group: Group,
  migration: Migration,
  status: MigrationStatus,
  { source, target }: SeenMigration,
  now: Date,
): MigrationPlan {
  const waiting = { ...nothing, status, state: "modifying" } as const;
  if (migration.completion === "forced") return ending(status, "failed", "It was ended by force.");
  if (source === null || target === null) return waiting;
  const isTrial = migration.purpose === "trial";
  if ("problem" in source) {
    const failingSince = status.failingSince ?? now.toISOString();
    const because = `${migration.host}:${migration.port} is no source: ${source.problem}.`;
    const failed = { ...status, failingSince, because };
    if (isTrial) return verdict(group, because);
    const isLate = now.getTime() - Date.parse(failingSince) > checkWithinMs;
    return isLate ? ending(failed, "failed", because) : { ...waiting, status: failed };
  }
  const problem = unsuitable(source, target);
  if (isTrial) return verdict(group, problem);
  if (problem !== null) return ending(status, "failed", problem);
  return following({
    ...{ ...status, phase: "following", source: source.address, failingSince: null },
    because: "it copies the source's data",
  });
}

/** The end of a trial. */
function verdict(group: Group, problem: string | null): MigrationPlan {
  const message =
    problem === null
      ? `Migration test succeeded for replication group ${group.id}.`
      : `Migration test failed for replication group ${group.id}. ${problem}`;
  return { ...nothing, over: true, events: [eventOf(group, message)] };
}

function follow(
  group: Group,
  migration: Migration,
  status: MigrationStatus,
  seen: SeenMigration,
  now: Date,
): MigrationPlan {
  if (migration.completion === "forced") return ending(status, "completed", "");
  const link = seen.shard?.status.upstreamLink ?? null;
  if (link === "down") return withoutLink(status, seen, now);
  // A copy that breaks off again and again is a failure too: only a link that is up ends one.
  if (link !== "up") return following(status);
  const linked = {
    ...status,
    failingSince: null,
    wasInSync: true,
    because: "it follows its source",
  };
  if (migration.completion === "in-sync" && hasEverything(seen)) {
    return ending(linked, "completed", "");
  }
  const isFirst = !status.wasInSync;
  const message = `Migration operation succeeded for replication group ${group.id}.`;
  return { ...following(linked), events: isFirst ? [eventOf(group, message)] : [] };
}

/**
 * Nothing comes from the source. One that answers may still be busy with a copy for somebody else,
 * which takes as long as its data is large.
 */
function withoutLink(status: MigrationStatus, seen: SeenMigration, now: Date): MigrationPlan {
  const answers = isForeign(seen.source);
  const because = answers ? "its source has not begun to send" : "its source cannot be reached";
  const isSame = status.because === because;
  const failingSince = (isSame ? status.failingSince : null) ?? now.toISOString();
  const failingMs = now.getTime() - Date.parse(failingSince);
  if (failingMs > (answers ? silentWithinMs : lostWithinMs)) {
    return ending(status, "failed", "The source could not be followed any more.");
  }
  return following({ ...status, failingSince, because });
}

/** Whether the group has all that the source had when completion was asked for, and more. */
function hasEverything({ source, view }: SeenMigration): boolean {
  if (!isForeign(source) || view?.link?.up !== true) return false;
  return view.replicationId === source.replicationId && view.offset >= source.offset;
}

function isForeign(source: SeenMigration["source"]): source is ForeignEngine {
  return source !== null && !("problem" in source);
}

function following(status: MigrationStatus): MigrationPlan {
  const { source } = status;
  const upstream = source === null ? null : ({ kind: "foreign", address: source } as const);
  const state = status.wasInSync ? "migrating" : "modifying";
  return { ...nothing, status, upstream, state };
}

/** From here on the group takes writes again; how it ended is told once it does. */
function ending(
  status: MigrationStatus,
  outcome: "completed" | "failed",
  because: string,
): MigrationPlan {
  return {
    ...nothing,
    status: { ...status, phase: "ending", outcome, because },
    state: "modifying",
  };
}

function end(group: Group, status: MigrationStatus, { shard }: SeenMigration): MigrationPlan {
  const isIndependent =
    shard?.spec.upstream === null &&
    shard.status.settledGeneration === shard.generation &&
    shard.status.state === "available";
  if (!isIndependent) return { ...nothing, status, state: "modifying" };
  const message =
    status.outcome === "completed"
      ? `Complete Migration successful for ${group.id}`
      : `Migration operation failed for replication group ${group.id}. ${status.because}`;
  return { ...nothing, over: true, events: [eventOf(group, message)] };
}

function eventOf(group: Group, message: string): EventDraft {
  return { sourceType: "replication-group", sourceId: group.id, message };
}
