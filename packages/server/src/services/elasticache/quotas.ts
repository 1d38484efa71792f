import { Fault } from "../../aws/fault.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** How many of something there may be, and what a caller who asks for more is told. */
interface Quota {
  /** As AWS names it. */
  readonly name: string;
  readonly max: number;
  readonly code: string;
  /** %n stands for the greatest number, as in AWS's own texts. */
  readonly message: string;
  /** Where AWS says so. */
  readonly source: string;
}

const guide = 'user guide, "Quotas for ElastiCache"';
const clusterMessage =
  "Cluster node quota exceeded. Each cluster can have at most %n nodes in this region.";

/** Every quota that Larder holds callers to: AWS's defaults, for each account and region. */
export const quotas = {
  nodesPerRegion: {
    name: "Nodes per Region",
    max: 300,
    code: "NodeQuotaForCustomerExceeded",
    message: "Customer node quota exceeded. You can have at most %n nodes in this region.",
    source: guide,
  },
  nodesPerMemcachedCluster: {
    name: "Nodes per cluster (Memcached)",
    max: 40,
    code: "NodeQuotaForClusterExceeded",
    message: clusterMessage,
    // The guide now says 60. The lower figure is what the reference still tells callers.
    source: "API reference, CreateCacheCluster: NumCacheNodes",
  },
  nodesPerShard: {
    name: "Nodes per shard",
    max: 6,
    code: "NodeQuotaForClusterExceeded",
    message: clusterMessage,
    source: guide,
  },
  nodesPerCluster: {
    name: "Nodes per cluster (cluster mode enabled)",
    max: 90,
    code: "NodeQuotaForClusterExceeded",
    message: clusterMessage,
    source: guide,
  },
  shardsPerGroup: {
    name: "Shards per replication group",
    max: 90,
    code: "NodeGroupsPerReplicationGroupQuotaExceeded",
    message: "A replication group can have at most %n node groups.",
    source: guide,
  },
  parameterGroups: {
    name: "Parameter groups per Region",
    max: 300,
    code: "CacheParameterGroupQuotaExceeded",
    message: "You can have at most %n cache parameter groups in this region.",
    source: guide,
  },
  parametersPerCall: {
    name: "Parameters per request",
    max: 20,
    code: "InvalidParameterValue",
    message: "ParameterNameValues must have 1 to %n parameters.",
    source: "API reference, ModifyCacheParameterGroup",
  },
  subnetGroups: {
    name: "Subnet groups per Region",
    max: 300,
    code: "CacheSubnetGroupQuotaExceeded",
    message: "You can have at most %n cache subnet groups in this region.",
    source: guide,
  },
  subnetsPerGroup: {
    name: "Subnets per subnet group",
    max: 20,
    code: "CacheSubnetQuotaExceededFault",
    message: "A cache subnet group can have at most %n subnets.",
    source: guide,
  },
  tagsPerResource: {
    name: "Tags per resource",
    max: 50,
    code: "TagQuotaPerResourceExceeded",
    message: "A resource can have at most %n tags.",
    source: 'user guide, "Tagging your ElastiCache resources"',
  },
  testFailoversPerDay: {
    name: "TestFailover node groups in 24 hours",
    max: 15,
    code: "APICallRateForCustomerExceeded",
    message: "TestFailover can be called for at most %n node groups in 24 hours.",
    source: "API reference, TestFailover",
  },
  cachesPerUpdateRequest: {
    name: "Caches per request about service updates",
    max: 20,
    code: "InvalidParameterValue",
    message: "ReplicationGroupIds and CacheClusterIds can have at most %n ids each.",
    source: "API reference, BatchApplyUpdateAction",
  },
  globalSecondaries: {
    name: "Secondaries per global datastore",
    max: 2,
    code: "InvalidGlobalReplicationGroupState",
    message: "A global datastore can have at most %n secondaries.",
    source: 'user guide, "Global datastores"',
  },
  reservedNodes: {
    name: "Reserved nodes per Region",
    max: 300,
    code: "ReservedCacheNodeQuotaExceeded",
    message: "You can have at most %n reserved cache nodes in this region.",
    // The reference gives no figure: it calls the limit the customer's cache node quota.
    source: "API reference, PurchaseReservedCacheNodesOffering",
  },
} as const satisfies Readonly<Record<string, Quota>>;

/** One primary and the rest. */
export const replicasPerShardMax = quotas.nodesPerShard.max - 1;

/** Throws the quota's error when there would be more than `quota.max`. */
export function requireWithin(quota: Quota, count: number): void {
  if (count > quota.max) throw quotaFault(quota);
}

/** The error of a quota, for limits that are checked together with something else. */
export function quotaFault({ max, code, message }: Quota): Fault {
  return new Fault(code, message.replace("%n", String(max)));
}

/** Throws NodeQuotaForCustomerExceeded unless the region has room for `count` more nodes. */
export function requireRoomForNodes(call: ElastiCacheCall, count: number): void {
  // A change that only takes nodes away needs no room.
  if (count <= 0) return;
  const quota = { ...quotas.nodesPerRegion, max: call.nodesPerRegion };
  requireWithin(quota, nodesAskedFor(call) + count);
}

/** Nodes that exist, are coming, or wait for a maintenance window. */
function nodesAskedFor(call: ElastiCacheCall): number {
  const groups = call.store.list("replication-group", call);
  const clusters = call.store.list("cache-cluster", call);
  const inGroups = groups.flatMap(({ spec }) => spec.shards.map(({ members }) => members.length));
  const inClusters = clusters.map(
    ({ spec }) => spec.members.length + (spec.pendingNodes?.add.length ?? 0),
  );
  return [...inGroups, ...inClusters].reduce((sum, count) => sum + count, 0);
}
