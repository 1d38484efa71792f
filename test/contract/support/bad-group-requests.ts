import { bad, type BadRequest, group } from "./bad-request.ts";

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";
const noCluster = "CacheClusterNotFound";
const noGroup = "ReplicationGroupNotFoundFault";
const badState = "InvalidReplicationGroupState";

const createGroup: readonly BadRequest[] = [
  ...["1st", "a-", "a--b", `a${"b".repeat(40)}`].map((id) =>
    bad("CreateReplicationGroup", group(id), value, /ReplicationGroupId/),
  ),
  bad("CreateReplicationGroup", group("Shop"), "ReplicationGroupAlreadyExists", /shop/),
  badGroup({ ReplicationGroupDescription: "" }, value, /ReplicationGroupDescription/),
  badGroup({ ReplicationGroupDescription: "d".repeat(256) }, value, /ReplicationGroupDescription/),
  badGroup({ Engine: "memcached" }, value, /redis, valkey/),
  badGroup({ NumCacheClusters: 0 }, value, /NumCacheClusters/),
  badGroup({ NumCacheClusters: 7 }, value, /NumCacheClusters/),
  badGroup({ NumNodeGroups: 0 }, value, /NumNodeGroups/),
  badGroup({ NumNodeGroups: 2 }, combination, /cluster mode/),
  badGroup(
    { NumNodeGroups: 91 },
    "NodeGroupsPerReplicationGroupQuotaExceeded",
    /at most 90 node groups/,
  ),
  badGroup({ ReplicasPerNodeGroup: 6 }, value, /ReplicasPerNodeGroup/),
  badGroup({ ReplicasPerNodeGroup: -1 }, value, /ReplicasPerNodeGroup/),
  badGroup({ NumCacheClusters: 2, ReplicasPerNodeGroup: 1 }, combination, /cannot be combined/),
  badGroup(
    { NumNodeGroups: 2, PreferredCacheClusterAZs: ["us-east-1a"] },
    combination,
    /can only be specified for one node group/,
  ),
  badGroup(
    { NumCacheClusters: 3, PreferredCacheClusterAZs: ["us-east-1a"] },
    combination,
    /must match the number of preferred availability zones/,
  ),
  badGroup(
    { NumCacheClusters: 1, PreferredCacheClusterAZs: ["us-east-1f"] },
    value,
    /PreferredCacheClusterAZs/,
  ),
  badGroup({ AutomaticFailoverEnabled: true }, combination, /at least 2 cache clusters/),
  badGroup({ MultiAZEnabled: true, NumCacheClusters: 2 }, combination, /AutomaticFailoverEnabled/),
  badGroup(
    { MultiAZEnabled: true, AutomaticFailoverEnabled: true },
    combination,
    /at least 1 replica for Multi-AZ/,
  ),
  badGroup(
    {
      ...{ MultiAZEnabled: true, AutomaticFailoverEnabled: true, NumCacheClusters: 2 },
      PreferredCacheClusterAZs: ["us-east-1a", "us-east-1a"],
    },
    combination,
    /2 availability zones/,
  ),
  badGroup(
    {
      ...{ AutomaticFailoverEnabled: true, NumCacheClusters: 2 },
      CacheParameterGroupName: "aof",
    },
    combination,
    /append-only/,
  ),
  badConfiguration({ NodeGroupId: "0002" }, value, /NodeGroupId/),
  badConfiguration({ Slots: "0-16383" }, combination, /Slots/),
  badConfiguration({ ReplicaCount: 6 }, value, /ReplicaCount/),
  badConfiguration(
    { ReplicaCount: 2, ReplicaAvailabilityZones: ["us-east-1a"] },
    combination,
    /ReplicaAvailabilityZones/,
  ),
  badConfiguration({ PrimaryAvailabilityZone: "nowhere" }, value, /nowhere/),
  badConfiguration({ PrimaryOutpostArn: "arn:aws:outposts" }, combination, /Outposts/),
  badGroup(
    { NodeGroupConfiguration: [{ ReplicaCount: 1 }, { ReplicaCount: 1 }] },
    combination,
    /cluster mode/,
  ),
  badGroup(
    { NodeGroupConfiguration: [{ ReplicaCount: 0 }], NumCacheClusters: 1 },
    combination,
    /NumCacheClusters/,
  ),
  badGroup(
    { NodeGroupConfiguration: [{ ReplicaCount: 1 }], ReplicasPerNodeGroup: 2 },
    combination,
    /same/,
  ),
  badGroup({ PrimaryClusterId: "absent" }, noCluster, /absent/),
  badGroup({ PrimaryClusterId: "items" }, value, /memcached/),
  badGroup({ PrimaryClusterId: "shop-001" }, value, /member of replication group shop/),
  badGroup({ PrimaryClusterId: "solo", NumCacheClusters: 2 }, combination, /NumCacheClusters/),
  badGroup({ PrimaryClusterId: "solo", Port: 7000 }, combination, /Port/),
  badGroup(
    { PrimaryClusterId: "solo", AutomaticFailoverEnabled: true },
    combination,
    /at least 2 cache clusters/,
  ),
  ...Object.entries({
    SnapshotName: "monday",
    SnapshotRetentionLimit: 5,
    AuthToken: "0123456789abcdef",
    TransitEncryptionEnabled: true,
    AtRestEncryptionEnabled: true,
    KmsKeyId: "key",
    UserGroupIds: ["readers"],
    DataTieringEnabled: true,
    TransitEncryptionMode: "required",
    ServerlessCacheSnapshotName: "s",
  }).map(([name, setting]) =>
    badGroup({ [name]: setting }, combination, new RegExp(`${name} is not available`)),
  ),
  badGroup({ ClusterMode: "enabled" }, combination, /default.redis7 .* cluster-enabled no/),
  badGroup({ ClusterMode: "compatible" }, value, /ClusterMode .* disabled/),
  badCluster({ AutomaticFailoverEnabled: false }, combination, /auto failover turned off/),
  badCluster({ ClusterMode: "disabled" }, combination, /cluster-enabled yes/),
  badCluster({ NumNodeGroups: 0 }, value, /NumNodeGroups/),
  badCluster({ NumNodeGroups: 2, ReplicasPerNodeGroup: 6 }, value, /ReplicasPerNodeGroup/),
  badCluster({ NumNodeGroups: 2, NumCacheClusters: 2 }, combination, /NumCacheClusters/),
  badCluster({ NumNodeGroups: 2, MultiAZEnabled: true }, combination, /1 replica/),
  badCluster({ NumNodeGroups: 91 }, "NodeGroupsPerReplicationGroupQuotaExceeded", /90/),
  badShards([{ Slots: "0-8191" }, { Slots: "8192-16384" }], value, /0 to 16383/),
  badShards([{ Slots: "0-8191" }, { Slots: "8191-16383" }], value, /each once/),
  badShards([{ Slots: "0-8191" }, { Slots: "8193-16383" }], value, /each once/),
  badShards([{ Slots: "0-16383" }, { ReplicaCount: 0 }], value, /left out of every/),
  badShards([{ NodeGroupId: "7" }, { NodeGroupId: "0007" }], value, /NodeGroupId/),
  badShards([{ NodeGroupId: "one" }], value, /NodeGroupId/),
  badGroup({ Durability: "sync" }, value, /Durability/),
];

const changeGroup: readonly BadRequest[] = [
  bad("ModifyReplicationGroup", { ReplicationGroupId: "absent" }, noGroup, /absent not found/),
  badChange("alone", { AutomaticFailoverEnabled: true }, combination, /at least 1 replica/),
  badChange("manual", { MultiAZEnabled: true }, combination, /AutomaticFailoverEnabled/),
  badChange("shop", { AutomaticFailoverEnabled: false }, combination, /Multi-AZ/),
  badChange("aofs", { AutomaticFailoverEnabled: true }, combination, /append-only/),
  badChange("shop", { CacheParameterGroupName: "aof" }, combination, /appendonly/),
  badChange("shop", { PrimaryClusterId: "shop-002" }, combination, /automatic failover/),
  badChange("manual", { PrimaryClusterId: "absent" }, noCluster, /absent/),
  badChange("manual", { PrimaryClusterId: "solo" }, value, /member of replication group manual/),
  badChange("manual", { PrimaryClusterId: "shop-002" }, value, /in shop/),
  badChange("shop", { CacheNodeType: "cache.t4g.gigantic" }, value, /CacheNodeType/),
  badChange("shop", { EngineVersion: "7.0" }, combination, /downgraded/),
  badChange("shop", { EngineVersion: "8.0" }, value, /Cannot find version 8\.0 for redis/),
  badChange("shop", { Engine: "memcached" }, value, /redis, valkey/),
  badChange(
    "aofs",
    { Engine: "valkey" },
    combination,
    /Expected a parameter group of family valkey8/,
  ),
  badChange("shop", { ReplicationGroupDescription: "" }, value, /ReplicationGroupDescription/),
  badChange("shop", { SnapshottingClusterId: "shop-002" }, combination, /SnapshottingClusterId/),
  badChange("shop", { UserGroupIdsToAdd: ["x"] }, combination, /UserGroupIdsToAdd/),
  badChange("shop", { RemoveUserGroups: true }, combination, /RemoveUserGroups/),
  badChange("shop", { ClusterMode: "half" }, value, /disabled, compatible or enabled/),
  badChange("shop", { ClusterMode: "enabled" }, combination, /from disabled to compatible/),
  badChange("shop", { ClusterMode: "compatible" }, combination, /ApplyImmediately/),
  badChange(
    "manual",
    { ClusterMode: "compatible", ApplyImmediately: true },
    combination,
    /failover/,
  ),
  badChange(
    "shop",
    { ClusterMode: "compatible", ApplyImmediately: true, ReplicationGroupDescription: "d" },
    combination,
    /ReplicationGroupDescription/,
  ),
  bad(
    "DeleteReplicationGroup",
    { ReplicationGroupId: "shop", FinalSnapshotIdentifier: "last" },
    combination,
    /FinalSnapshotIdentifier/,
  ),
  bad("DeleteReplicationGroup", { ReplicationGroupId: "absent" }, noGroup, /absent/),
  bad("DescribeReplicationGroups", { ReplicationGroupId: "solo" }, noGroup, /solo not found/),
  bad("TestFailover", { ReplicationGroupId: "absent", NodeGroupId: "0001" }, noGroup, /absent/),
  bad("TestFailover", { ReplicationGroupId: "shop", NodeGroupId: "one" }, value, /NodeGroupId/),
  bad("TestFailover", { ReplicationGroupId: "shop", NodeGroupId: "00001" }, value, /NodeGroupId/),
  bad(
    "TestFailover",
    { ReplicationGroupId: "shop", NodeGroupId: "0002" },
    "NodeGroupNotFoundFault",
    /0002/,
  ),
  bad(
    "TestFailover",
    { ReplicationGroupId: "manual", NodeGroupId: "0001" },
    badState,
    /automatic failover/,
  ),
];

const changeReplicas: readonly BadRequest[] = [
  badCount("IncreaseReplicaCount", "absent", { NewReplicaCount: 3 }, noGroup, /absent/),
  badCount("IncreaseReplicaCount", "shop", {}, combination, /Exactly one of NewReplicaCount/),
  badCount(
    "IncreaseReplicaCount",
    "shop",
    { NewReplicaCount: 2 },
    "NoOperationFault",
    /2 replicas/,
  ),
  badCount("IncreaseReplicaCount", "shop", { NewReplicaCount: 1 }, value, /greater/),
  badCount("IncreaseReplicaCount", "shop", { NewReplicaCount: 6 }, value, /NewReplicaCount/),
  badCount(
    "IncreaseReplicaCount",
    "shop",
    { NewReplicaCount: 3, ApplyImmediately: false },
    value,
    /ApplyImmediately/,
  ),
  badShard("IncreaseReplicaCount", { NodeGroupId: "0002", NewReplicaCount: 3 }, value, /0001/),
  badShard(
    "IncreaseReplicaCount",
    { NewReplicaCount: 3, PreferredAvailabilityZones: ["us-east-1a"] },
    combination,
    /NewReplicaCount \+ 1/,
  ),
  badShard(
    "IncreaseReplicaCount",
    {
      NewReplicaCount: 3,
      PreferredAvailabilityZones: ["us-east-1a", "us-east-1a", "us-east-1a", "us-east-1a"],
    },
    combination,
    /zones of the nodes that exist/,
  ),
  badShard(
    "IncreaseReplicaCount",
    { NewReplicaCount: 3, PreferredOutpostArns: ["x"] },
    combination,
    /Outposts/,
  ),
  badCount("DecreaseReplicaCount", "shop", {}, combination, /Exactly one/),
  badCount(
    "DecreaseReplicaCount",
    "shop",
    { NewReplicaCount: 1, ReplicasToRemove: ["shop-002"] },
    combination,
    /Exactly one/,
  ),
  badCount(
    "DecreaseReplicaCount",
    "shop",
    { NewReplicaCount: 2 },
    "NoOperationFault",
    /2 replicas/,
  ),
  badCount("DecreaseReplicaCount", "shop", { NewReplicaCount: 3 }, value, /less/),
  badCount("DecreaseReplicaCount", "shop", { NewReplicaCount: -1 }, value, /NewReplicaCount/),
  badCount(
    "DecreaseReplicaCount",
    "shop",
    { NewReplicaCount: 0 },
    combination,
    /at least 1 replica/,
  ),
  badCount("DecreaseReplicaCount", "shop", { ReplicasToRemove: ["shop-001"] }, value, /primary/),
  badCount(
    "DecreaseReplicaCount",
    "shop",
    { ReplicasToRemove: ["solo"] },
    value,
    /members of shop/,
  ),
  badShard(
    "DecreaseReplicaCount",
    { NewReplicaCount: 1, PreferredAvailabilityZones: ["us-east-1b", "us-east-1c"] },
    combination,
    /primary's/,
  ),
];

/** Bad requests for replication groups. */
export const badGroupRequests: readonly BadRequest[] = [
  ...createGroup,
  ...changeGroup,
  ...changeReplicas,
];

function badGroup(settings: object, code: string, message: RegExp): BadRequest {
  return bad("CreateReplicationGroup", { ...group("fresh"), ...settings }, code, message);
}

/** A request for a group in cluster mode, which is fine but for `settings`. */
function badCluster(settings: object, code: string, message: RegExp): BadRequest {
  const asked = { ...group("fresh", "default.redis7.cluster.on"), AutomaticFailoverEnabled: true };
  return bad("CreateReplicationGroup", { ...asked, ...settings }, code, message);
}

function badShards(configurations: readonly object[], code: string, message: RegExp): BadRequest {
  return badCluster({ NodeGroupConfiguration: configurations }, code, message);
}

function badConfiguration(configuration: object, code: string, message: RegExp): BadRequest {
  return badGroup({ NodeGroupConfiguration: [configuration] }, code, message);
}

function badChange(id: string, settings: object, code: string, message: RegExp): BadRequest {
  return bad("ModifyReplicationGroup", { ReplicationGroupId: id, ...settings }, code, message);
}

function badCount(
  operation: "IncreaseReplicaCount" | "DecreaseReplicaCount",
  id: string,
  settings: object,
  code: string,
  message: RegExp,
): BadRequest {
  const input = { ReplicationGroupId: id, ApplyImmediately: true, ...settings };
  return bad(operation, input, code, message);
}

function badShard(
  operation: "IncreaseReplicaCount" | "DecreaseReplicaCount",
  configuration: object,
  code: string,
  message: RegExp,
): BadRequest {
  const shard = { NodeGroupId: "0001", ...configuration };
  return badCount(operation, "shop", { ReplicaConfiguration: [shard] }, code, message);
}
