import { shardOfGroup, shardRef } from "../../resources/compile.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Decision, Reconciler } from "../reconciler.ts";
import { type CacheOutcome, settleCache } from "./settle.ts";

type Shards = readonly Resource<"shard">[];

/** Drives replication groups: one shard for each node group asked for. */
export function createReplicationGroupReconciler(
  store: Store,
): Reconciler<"replication-group", Shards, never> {
  return {
    kind: "replication-group",
    observe: async (group) => store.ownedBy("shard", group),
    plan: planReplicationGroup,
    act: async (step) => step,
    eventSource: (group) => ({ sourceType: "replication-group", sourceId: group.id }),
  };
}

/** What to do about a replication group. */
function planReplicationGroup(
  group: Resource<"replication-group">,
  shards: Shards,
): Decision<"replication-group", never> {
  const wanted = group.spec.shards.map((layout) => ({
    ref: shardRef(group, "replication-group", group.id, layout.id),
    spec: shardOfGroup(group.spec, layout),
  }));
  const outcome = settleCache(group, wanted, shards);
  const { state, settledGeneration, because, writes, gone } = outcome;
  const status = { ...group.status, state, settledGeneration, because };
  return { status, writes, gone, events: eventsOf(group, outcome) };
}

function eventsOf(
  group: Resource<"replication-group">,
  outcome: CacheOutcome,
): readonly EventDraft[] {
  const event = (message: string): EventDraft => ({
    sourceType: "replication-group",
    sourceId: group.id,
    message,
  });
  if (outcome.gone) return [event(`Replication group ${group.id} deleted`)];
  if (outcome.state === "create-failed" && group.status.state !== "create-failed") {
    return [event(`Failed to create replication group ${group.id}: ${outcome.because}`)];
  }
  const isFirst = group.status.settledGeneration === 0 && outcome.settledGeneration > 0;
  return isFirst ? [event(`Replication group ${group.id} created`)] : [];
}
