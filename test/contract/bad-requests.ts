import type { Input, OperationName } from "@larder/server/services/elasticache/operation.ts";
import { badClusterRequests } from "./support/bad-cluster-requests.ts";
import { badGroupRequests } from "./support/bad-group-requests.ts";
import { badGlobalRequests } from "./support/bad-global-requests.ts";
import { badMigrationRequests } from "./support/bad-migration-requests.ts";
import { badReservationRequests, offering } from "./support/bad-reservation-requests.ts";
import { badClusterModeRequests } from "./support/bad-cluster-mode-requests.ts";
import { badShardRequests } from "./support/bad-shard-requests.ts";
import { badUpdateRequests } from "./support/bad-update-requests.ts";
import { type BadRequest, cluster, description, group } from "./support/bad-request.ts";

/** A request that makes the state that the bad requests meet. */
export interface Preparation {
  readonly operation: OperationName;
  readonly input: object;
}

/** What exists, and is available, before the bad requests are sent. */
export const preparations: readonly Preparation[] = [
  have("CreateCacheParameterGroup", {
    CacheParameterGroupName: "aof",
    CacheParameterGroupFamily: "redis7",
    Description: description,
  }),
  have("ModifyCacheParameterGroup", {
    CacheParameterGroupName: "aof",
    ParameterNameValues: [{ ParameterName: "appendonly", ParameterValue: "yes" }],
  }),
  have("CreateCacheParameterGroup", {
    CacheParameterGroupName: "fewer-databases",
    CacheParameterGroupFamily: "redis7",
    Description: description,
  }),
  have("ModifyCacheParameterGroup", {
    CacheParameterGroupName: "fewer-databases",
    ParameterNameValues: [{ ParameterName: "databases", ParameterValue: "4" }],
  }),
  have("CreateReplicationGroup", {
    ...group("shop"),
    NumCacheClusters: 3,
    AutomaticFailoverEnabled: true,
    MultiAZEnabled: true,
  }),
  have("CreateReplicationGroup", { ...group("manual"), NumCacheClusters: 2 }),
  have("CreateReplicationGroup", { ...group("aofs", "aof"), NumCacheClusters: 2 }),
  have("CreateReplicationGroup", { ...group("alone"), NumCacheClusters: 1 }),
  have("CreateReplicationGroup", { ...group("full"), NumCacheClusters: 6 }),
  have("CreateReplicationGroup", {
    ...{
      ...group("sharded", "default.redis7.cluster.on"),
      ClusterMode: "enabled",
      AutomaticFailoverEnabled: true,
    },
    ...{ NumNodeGroups: 3, ReplicasPerNodeGroup: 1 },
  }),
  have("CreateReplicationGroup", {
    ...{ ...group("large"), CacheNodeType: "cache.m6g.large", NumCacheClusters: 1 },
  }),
  have("CreateGlobalReplicationGroup", {
    ...{ GlobalReplicationGroupIdSuffix: "world", PrimaryReplicationGroupId: "large" },
  }),
  have("CreateCacheCluster", { ...cluster("solo"), Engine: "redis" }),
  have("CreateCacheCluster", { ...cluster("items"), Engine: "memcached", NumCacheNodes: 3 }),
  have("CreateCacheCluster", {
    ...cluster("spread"),
    Engine: "memcached",
    NumCacheNodes: 2,
    AZMode: "cross-az",
  }),
  have("PurchaseReservedCacheNodesOffering", { ...offering, ReservedCacheNodeId: "spring" }),
];

/** Every bad request; each leaves everything as it was. */
export const badRequests: readonly BadRequest[] = [
  ...badClusterRequests,
  ...badGroupRequests,
  ...badGlobalRequests,
  ...badMigrationRequests,
  ...badReservationRequests,
  ...badClusterModeRequests,
  ...badShardRequests,
  ...badUpdateRequests,
];

function have<N extends OperationName>(operation: N, input: Input<N> & object): Preparation {
  return { operation, input };
}
