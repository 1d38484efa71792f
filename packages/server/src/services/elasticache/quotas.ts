import { Fault } from "../../aws/fault.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** ElastiCache's default quotas (user guide, "Quotas for ElastiCache"). */
const nodesPerRegionMax = 300;
const nodesPerMemcachedClusterMax = 40;
/** One primary and five replicas. */
export const nodesPerShardMax = 6;
export const replicasPerShardMax = nodesPerShardMax - 1;
/** Node groups per account and region in any 24 hours. */
export const testFailoversPerDayMax = 15;

/** Throws NodeQuotaForCustomerExceeded unless the region has room for `count` more nodes. */
export function requireRoomForNodes(call: ElastiCacheCall, count: number): void {
  if (count <= 0 || nodesAskedFor(call) + count <= nodesPerRegionMax) return;
  throw new Fault(
    "NodeQuotaForCustomerExceeded",
    `Customer node quota exceeded. You can have at most ${nodesPerRegionMax} nodes in this region.`,
  );
}

/** Throws NodeQuotaForClusterExceeded when a memcached cluster would have more nodes than it may. */
export function requireMemcachedNodeCount(count: number): void {
  if (count <= nodesPerMemcachedClusterMax) return;
  throw new Fault("NodeQuotaForClusterExceeded", clusterQuota(nodesPerMemcachedClusterMax));
}

/** Throws NodeQuotaForClusterExceeded when a shard would have more nodes than it may. */
export function requireShardNodeCount(count: number): void {
  if (count <= nodesPerShardMax) return;
  throw new Fault("NodeQuotaForClusterExceeded", clusterQuota(nodesPerShardMax));
}

function clusterQuota(max: number): string {
  return `Cluster node quota exceeded. Each cluster can have at most ${max} nodes in this region.`;
}

/** Nodes that exist, are coming, or wait for a maintenance window. */
function nodesAskedFor(call: ElastiCacheCall): number {
  const groups = call.store.list("replication-group", call);
  const clusters = call.store.list("cache-cluster", call);
  return (
    groups.flatMap(({ spec }) => spec.shards.flatMap(({ members }) => members)).length +
    clusters.flatMap(({ spec }) => [...spec.members, ...(spec.pendingNodes?.add ?? [])]).length
  );
}
