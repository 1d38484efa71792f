import { onlyShardId, shardOfCluster, shardRef } from "../../resources/compile.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Resource } from "../../resources/resource.ts";
import type { CacheClusterSpec, CacheClusterStatus } from "../../resources/cache-cluster.ts";
import { isInMaintenanceWindow } from "../../resources/maintenance-window.ts";
import type { Store } from "../../store/store.ts";
import type { Decision, Reconciler, Write } from "../reconciler.ts";
import { settleCache } from "./settle.ts";

type Shards = readonly Resource<"shard">[];

/** A cluster's spec with the node changes that waited carried out. */
type ApplyPending = (spec: CacheClusterSpec, now: Date) => CacheClusterSpec;

/** Waiting changes are looked at this often: a maintenance window is at least an hour long. */
const windowLookMs = 60_000;

/** Drives cache clusters outside replication groups: one shard each. */
export function createCacheClusterReconciler(
  store: Store,
  applyPending: ApplyPending,
): Reconciler<"cache-cluster", Shards, never> {
  return {
    kind: "cache-cluster",
    observe: async (cluster) => store.ownedBy("shard", cluster),
    plan: (cluster, shards, now) => planCacheCluster(cluster, shards, now, applyPending),
    act: async (step) => step,
    eventSource: (cluster) => ({ sourceType: "cache-cluster", sourceId: cluster.id }),
  };
}

/** What to do about a cache cluster. */
function planCacheCluster(
  cluster: Resource<"cache-cluster">,
  shards: Shards,
  now: Date,
  applyPending: ApplyPending,
): Decision<"cache-cluster", never> {
  const ref = shardRef(cluster, "cache-cluster", cluster.id, onlyShardId);
  const outcome = settleCache(cluster, [{ ref, spec: shardOfCluster(cluster.spec) }], shards);
  const { settledGeneration, because, writes, gone } = outcome;
  const { pendingNodes, maintenanceWindow } = cluster.spec;
  const isDue = pendingNodes !== null && isInMaintenanceWindow(maintenanceWindow, now);
  const applied: readonly Write[] =
    isDue && outcome.state === "available"
      ? [{ write: "spec", ref: cluster, spec: applyPending(cluster.spec, now) }]
      : [];
  const status = { state: outcome.state, settledGeneration, because };
  return {
    status,
    writes: [...writes, ...applied],
    gone,
    events: eventsOf(cluster, status, gone),
    lookAgainAfterMs: pendingNodes === null ? null : windowLookMs,
  };
}

function eventsOf(
  cluster: Resource<"cache-cluster">,
  status: CacheClusterStatus,
  gone: boolean,
): readonly EventDraft[] {
  const event = (message: string): EventDraft => ({
    sourceType: "cache-cluster",
    sourceId: cluster.id,
    message,
  });
  if (gone) return [event("Cache cluster deleted")];
  if (status.state === "create-failed" && cluster.status.state !== "create-failed") {
    return [event(`Failed to create cache cluster: ${status.because}`)];
  }
  const isFirst = cluster.status.settledGeneration === 0 && status.settledGeneration > 0;
  if (!isFirst) return [];
  const nodes = cluster.spec.members.map(({ cacheNodeId, zone }) =>
    event(`Added cache node ${cacheNodeId} in availability zone ${zone}`),
  );
  return [...nodes, event("Cache cluster created")];
}
