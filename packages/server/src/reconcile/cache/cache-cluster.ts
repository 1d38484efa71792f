import { onlyShardId, shardOfCluster, shardRef } from "../../resources/compile.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Resource } from "../../resources/resource.ts";
import type { CacheClusterSpec, CacheClusterStatus } from "../../resources/cache-cluster.ts";
import { isInMaintenanceWindow } from "../../resources/maintenance-window.ts";
import type { Decision, Reconciler } from "../reconciler.ts";
import { carryOn } from "./carry-on.ts";
import { fitsPending, type FitTools } from "./fits.ts";
import { settleCache } from "./settle.ts";

/** A cluster's spec with the node changes that waited carried out. */
type ApplyPending = (spec: CacheClusterSpec, now: Date) => CacheClusterSpec;

/** What a look at a cluster found. */
interface SeenCacheCluster {
  readonly shards: readonly Resource<"shard">[];
  /** Whether its data fits the smaller node type that waits; null if none does, or unknown. */
  readonly fits: boolean | null;
}

/** Drives cache clusters outside replication groups: one shard each. */
export function createCacheClusterReconciler(
  tools: FitTools,
  applyPending: ApplyPending,
): Reconciler<"cache-cluster", SeenCacheCluster, never> {
  return {
    kind: "cache-cluster",
    async observe(cluster) {
      const shards = tools.store.ownedBy("shard", cluster);
      return { shards, fits: await fitsPending(tools, cluster) };
    },
    plan(cluster, { shards, fits }, now) {
      const decision = planCacheCluster(cluster, shards);
      const { pendingNodes, maintenanceWindow } = cluster.spec;
      const isDue = pendingNodes !== null && isInMaintenanceWindow(maintenanceWindow, now);
      const spec = isDue ? applyPending(cluster.spec, now) : cluster.spec;
      return carryOn(cluster, decision, spec, fits, tools.installed, now);
    },
    act: async (step) => step,
    eventSource: (cluster) => ({ sourceType: "cache-cluster", sourceId: cluster.id }),
  };
}

/** What to do about a cache cluster. */
function planCacheCluster(
  cluster: Resource<"cache-cluster">,
  shards: readonly Resource<"shard">[],
): Decision<"cache-cluster", never> {
  const ref = shardRef(cluster, "cache-cluster", cluster.id, onlyShardId);
  const outcome = settleCache(cluster, [{ ref, spec: shardOfCluster(cluster.spec) }], shards);
  const { state, settledGeneration, because, writes, gone } = outcome;
  const status = { ...cluster.status, state, settledGeneration, because };
  return { status, writes, gone, events: eventsOf(cluster, status, gone) };
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
