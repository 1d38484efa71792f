import type { Input, OperationName } from "@larder/server/services/elasticache/operation.ts";

/** A request that a caller should not have sent, and what it gets. */
export interface BadRequest {
  readonly operation: OperationName;
  readonly input: object;
  readonly code: string;
  /** What the message must say, above all the parameter's name. */
  readonly message: RegExp;
}

/** A request that makes the state that the bad requests meet. */
export interface Preparation {
  readonly operation: OperationName;
  readonly input: object;
}

const small = "cache.t4g.small";
const description = "for bad requests";

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
  have("CreateCacheCluster", { ...cluster("solo"), Engine: "redis" }),
  have("CreateCacheCluster", { ...cluster("items"), Engine: "memcached", NumCacheNodes: 3 }),
  have("CreateCacheCluster", {
    ...cluster("spread"),
    Engine: "memcached",
    NumCacheNodes: 2,
    AZMode: "cross-az",
  }),
];

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";
const noCluster = "CacheClusterNotFound";
const noGroup = "ReplicationGroupNotFoundFault";
const badState = "InvalidReplicationGroupState";

const createCluster: readonly BadRequest[] = [
  ...["1st", "-a", "a-", "a--b", "a_b", "a.b", "ä", "", `a${"b".repeat(50)}`].map((id) =>
    bad("CreateCacheCluster", { ...cluster(id), Engine: "redis" }, value, /CacheClusterId/),
  ),
  badCluster({}, value, /Engine must be provided/),
  badCluster({ Engine: "mysql" }, value, /Engine must be one of redis, valkey, memcached/),
  badCluster(
    { Engine: "redis", EngineVersion: "7.4" },
    value,
    /Cannot find version 7\.4 for redis/,
  ),
  badCluster({ Engine: "redis", EngineVersion: "7.0.7" }, value, /patch/),
  badCluster({ Engine: "redis", CacheNodeType: undefined }, value, /CacheNodeType/),
  badCluster({ Engine: "redis", CacheNodeType: "cache.huge" }, value, /CacheNodeType/),
  badCluster({ Engine: "redis", CacheNodeType: "cache.r6gd.xlarge" }, combination, /data tiering/),
  badCluster({ Engine: "redis", NumCacheNodes: 2 }, value, /NumCacheNodes must be 1/),
  badCluster({ Engine: "memcached", NumCacheNodes: 0 }, value, /NumCacheNodes/),
  badCluster({ Engine: "memcached", NumCacheNodes: -1 }, value, /NumCacheNodes/),
  badCluster(
    { Engine: "memcached", NumCacheNodes: 41 },
    "NodeQuotaForClusterExceeded",
    /at most 40/,
  ),
  badCluster({ Engine: "redis", AZMode: "cross-az" }, combination, /memcached/),
  badCluster({ Engine: "memcached", AZMode: "everywhere" }, value, /AZMode/),
  badCluster({ Engine: "memcached", AZMode: "cross-az" }, combination, /at least 2/),
  badCluster({ Engine: "redis", PreferredAvailabilityZone: "us-west-2a" }, value, /us-east-1a/),
  badCluster(
    { Engine: "redis", PreferredAvailabilityZones: ["us-east-1a"] },
    combination,
    /PreferredAvailabilityZones/,
  ),
  badCluster(
    { Engine: "memcached", NumCacheNodes: 3, PreferredAvailabilityZones: ["us-east-1a"] },
    combination,
    /same number of preferred availability zones/,
  ),
  badCluster(
    {
      ...{ Engine: "memcached", NumCacheNodes: 2 },
      PreferredAvailabilityZones: ["us-east-1a", "us-east-1b"],
    },
    combination,
    /cross-az/,
  ),
  badCluster(
    {
      ...{ Engine: "memcached", NumCacheNodes: 2, AZMode: "cross-az" },
      PreferredAvailabilityZone: "us-east-1a",
    },
    combination,
    /PreferredAvailabilityZone/,
  ),
  badCluster({ Engine: "redis", Port: 0 }, value, /Port/),
  badCluster({ Engine: "redis", Port: 80 }, value, /Port/),
  badCluster({ Engine: "redis", Port: 65_536 }, value, /Port/),
  badCluster(
    { Engine: "redis", CacheParameterGroupName: "absent" },
    "CacheParameterGroupNotFound",
    /absent/,
  ),
  badCluster(
    { Engine: "redis", CacheParameterGroupName: "default.valkey8" },
    combination,
    /Expected a parameter group of family redis7 but found one of family valkey8/,
  ),
  badCluster(
    { Engine: "redis", CacheParameterGroupName: "default.redis7.cluster.on" },
    combination,
    /cluster mode/,
  ),
  badCluster(
    { Engine: "redis", CacheSubnetGroupName: "absent" },
    "CacheSubnetGroupNotFoundFault",
    /absent/,
  ),
  badCluster({ Engine: "redis", SecurityGroupIds: ["sg-1"] }, value, /SecurityGroupIds/),
  ...[
    "mon",
    "mon:05:00-mon:05:59",
    "mon:05:00-wed:05:00",
    "mon:25:00-mon:27:00",
    "xyz:01:00-xyz:02:00",
  ].map((window) =>
    badCluster(
      { Engine: "redis", PreferredMaintenanceWindow: window },
      value,
      /PreferredMaintenanceWindow/,
    ),
  ),
  badCluster({ Engine: "redis", Tags: [{ Key: "aws:x", Value: "1" }] }, value, /aws:/),
  badCluster({ Engine: "redis", Tags: [{ Key: "", Value: "1" }] }, value, /tag key/),
  bad(
    "CreateCacheCluster",
    { ...cluster("SOLO"), Engine: "redis" },
    "CacheClusterAlreadyExists",
    /solo/,
  ),
  bad(
    "CreateCacheCluster",
    { ...cluster("shop-002"), Engine: "redis" },
    "CacheClusterAlreadyExists",
    /shop-002/,
  ),
  ...Object.entries({
    SnapshotArns: ["arn:aws:s3:::bucket/dump.rdb"],
    SnapshotName: "monday",
    SnapshotRetentionLimit: 1,
    SnapshotWindow: "05:00-06:00",
    NotificationTopicArn: "arn:aws:sns:us-east-1:000000000000:topic",
    AuthToken: "0123456789abcdef",
    OutpostMode: "single-outpost",
    PreferredOutpostArn: "arn:aws:outposts:us-east-1:000000000000:outpost/op-1",
    PreferredOutpostArns: ["arn:aws:outposts:us-east-1:000000000000:outpost/op-1"],
    LogDeliveryConfigurations: [{ LogType: "slow-log" }],
    TransitEncryptionEnabled: true,
  }).map(([name, setting]) =>
    badCluster(
      { Engine: "redis", [name]: setting },
      combination,
      new RegExp(`${name} is not available`),
    ),
  ),
  badCluster({ Engine: "redis", NetworkType: "ipv6" }, value, /NetworkType .* ipv4/),
  badCluster({ Engine: "redis", IpDiscovery: "ipv6" }, value, /IpDiscovery .* ipv4/),
  badCluster(
    { Engine: "redis", CacheSecurityGroupNames: ["old"] },
    value,
    /Use of cache security groups is not permitted/,
  ),
];

const createReplica: readonly BadRequest[] = [
  badReplica({ ReplicationGroupId: "absent" }, noGroup, /absent/),
  badReplica({ ReplicationGroupId: "full" }, "NodeQuotaForClusterExceeded", /at most 6/),
  badReplica({ PreferredAvailabilityZone: "us-east-1z" }, value, /us-east-1z/),
  ...Object.entries({
    CacheNodeType: small,
    Engine: "redis",
    Port: 6379,
    NumCacheNodes: 1,
    AutoMinorVersionUpgrade: false,
    CacheParameterGroupName: "default.redis7",
  }).map(([name, setting]) =>
    badReplica(
      { [name]: setting },
      combination,
      /Cannot specify additional cache cluster parameters/,
    ),
  ),
];

const changeCluster: readonly BadRequest[] = [
  bad(
    "ModifyCacheCluster",
    { CacheClusterId: "absent" },
    noCluster,
    /CacheCluster not found: absent/,
  ),
  bad("ModifyCacheCluster", { CacheClusterId: "shop" }, noCluster, /CacheCluster not found: shop/),
  bad(
    "ModifyCacheCluster",
    { CacheClusterId: "shop-001", PreferredMaintenanceWindow: "sun:01:00-sun:02:00" },
    combination,
    /ModifyReplicationGroup/,
  ),
  ...Object.entries({
    Engine: "valkey",
    EngineVersion: "7.0",
    CacheNodeType: "cache.t4g.medium",
  }).map(([name, setting]) =>
    badModify("solo", { [name]: setting }, combination, new RegExp(name)),
  ),
  badModify("solo", { NumCacheNodes: 2 }, combination, /exactly one node/),
  badModify("solo", { AZMode: "cross-az" }, combination, /memcached/),
  badModify("solo", { CacheParameterGroupName: "fewer-databases" }, combination, /databases/),
  badModify("solo", { CacheParameterGroupName: "default.valkey8" }, combination, /family/),
  badModify("solo", { AuthTokenUpdateStrategy: "ROTATE" }, combination, /AuthTokenUpdateStrategy/),
  badModify("solo", { NotificationTopicStatus: "active" }, value, /NotificationTopicStatus/),
  badModify("items", { ScaleConfig: { ScalePercentage: 10 } }, combination, /ScaleConfig/),
  badModify("items", { NumCacheNodes: 0 }, value, /NumCacheNodes/),
  badModify("items", { NumCacheNodes: 41 }, "NodeQuotaForClusterExceeded", /at most 40/),
  badModify("items", { NumCacheNodes: 2 }, combination, /CacheNodeIdsToRemove must name 1/),
  badModify(
    "items",
    { NumCacheNodes: 1, CacheNodeIdsToRemove: ["0001"] },
    combination,
    /CacheNodeIdsToRemove must name 2/,
  ),
  badModify(
    "items",
    { NumCacheNodes: 1, CacheNodeIdsToRemove: ["0001", "0001"] },
    combination,
    /each once/,
  ),
  badModify(
    "items",
    { NumCacheNodes: 2, CacheNodeIdsToRemove: ["0009"] },
    value,
    /0001, 0002, 0003/,
  ),
  badModify("items", { CacheNodeIdsToRemove: ["0001"] }, combination, /NumCacheNodes/),
  badModify(
    "items",
    { NumCacheNodes: 4, NewAvailabilityZones: ["us-east-1a", "us-east-1a"] },
    combination,
    /same number/,
  ),
  badModify(
    "items",
    { NumCacheNodes: 4, NewAvailabilityZones: ["us-east-1b"] },
    combination,
    /cross-az/,
  ),
  badModify("spread", { AZMode: "single-az" }, combination, /single-az/),
  bad(
    "RebootCacheCluster",
    { CacheClusterId: "absent", CacheNodeIdsToReboot: ["0001"] },
    noCluster,
    /absent/,
  ),
  bad("RebootCacheCluster", { CacheClusterId: "solo", CacheNodeIdsToReboot: [] }, value, /0001/),
  bad(
    "RebootCacheCluster",
    { CacheClusterId: "solo", CacheNodeIdsToReboot: ["0002"] },
    value,
    /0001/,
  ),
  bad("DeleteCacheCluster", { CacheClusterId: "absent" }, noCluster, /absent/),
  bad(
    "DeleteCacheCluster",
    { CacheClusterId: "shop-001" },
    "InvalidCacheClusterState",
    /serving as primary/,
  ),
  bad(
    "DeleteCacheCluster",
    { CacheClusterId: "manual-002" },
    "InvalidCacheClusterState",
    /last replica/,
  ),
  bad(
    "DeleteCacheCluster",
    { CacheClusterId: "items", FinalSnapshotIdentifier: "last" },
    "SnapshotFeatureNotSupportedFault",
    /FinalSnapshotIdentifier/,
  ),
  bad(
    "DeleteCacheCluster",
    { CacheClusterId: "solo", FinalSnapshotIdentifier: "last" },
    combination,
    /FinalSnapshotIdentifier/,
  ),
  bad(
    "DescribeCacheClusters",
    { CacheClusterId: "shop" },
    noCluster,
    /CacheCluster not found: shop/,
  ),
  bad("DescribeCacheClusters", { MaxRecords: 19 }, value, /MaxRecords/),
  bad("DescribeCacheClusters", { MaxRecords: 101 }, value, /MaxRecords/),
  bad("DescribeCacheClusters", { Marker: "made-up" }, value, /Marker/),
];

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
  badGroup({ NodeGroupConfiguration: [{}, {}] }, combination, /cluster mode/),
  badGroup({ NodeGroupConfiguration: [{}], NumCacheClusters: 1 }, combination, /NumCacheClusters/),
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
    GlobalReplicationGroupId: "ldgnf-x",
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
  badGroup({ ClusterMode: "enabled" }, value, /ClusterMode .* disabled/),
  badGroup({ ClusterMode: "compatible" }, value, /ClusterMode .* disabled/),
  badGroup({ Durability: "sync" }, value, /Durability/),
];

const changeGroup: readonly BadRequest[] = [
  bad("ModifyReplicationGroup", { ReplicationGroupId: "absent" }, noGroup, /absent not found/),
  badChange("alone", { AutomaticFailoverEnabled: true }, combination, /at least 1 replica/),
  badChange("manual", { MultiAZEnabled: true }, combination, /AutomaticFailoverEnabled/),
  badChange("shop", { AutomaticFailoverEnabled: false }, combination, /Multi-AZ/),
  badChange("aofs", { AutomaticFailoverEnabled: true }, combination, /append-only/),
  badChange("shop", { CacheParameterGroupName: "aof" }, combination, /append-only/),
  badChange("shop", { PrimaryClusterId: "shop-002" }, combination, /automatic failover/),
  badChange("manual", { PrimaryClusterId: "absent" }, noCluster, /absent/),
  badChange("manual", { PrimaryClusterId: "solo" }, value, /member of replication group manual/),
  badChange("manual", { PrimaryClusterId: "shop-002" }, value, /in shop/),
  badChange("shop", { CacheNodeType: "cache.t4g.medium" }, combination, /CacheNodeType/),
  badChange("shop", { EngineVersion: "7.2" }, combination, /EngineVersion/),
  badChange("shop", { ReplicationGroupDescription: "" }, value, /ReplicationGroupDescription/),
  badChange("shop", { SnapshottingClusterId: "shop-002" }, combination, /SnapshottingClusterId/),
  badChange("shop", { UserGroupIdsToAdd: ["x"] }, combination, /UserGroupIdsToAdd/),
  badChange("shop", { RemoveUserGroups: true }, combination, /RemoveUserGroups/),
  badChange("shop", { ClusterMode: "compatible" }, value, /ClusterMode/),
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

/** Every bad request; each leaves everything as it was. */
export const badRequests: readonly BadRequest[] = [
  ...createCluster,
  ...createReplica,
  ...changeCluster,
  ...createGroup,
  ...changeGroup,
  ...changeReplicas,
];

function have<N extends OperationName>(operation: N, input: Input<N> & object): Preparation {
  return { operation, input };
}

function bad(operation: OperationName, input: object, code: string, message: RegExp): BadRequest {
  return { operation, input, code, message };
}

function cluster(id: string) {
  return { CacheClusterId: id, CacheNodeType: small };
}

function group(id: string, parameterGroup = "default.redis7") {
  return {
    ReplicationGroupId: id,
    ReplicationGroupDescription: description,
    CacheNodeType: small,
    CacheParameterGroupName: parameterGroup,
  };
}

function badCluster(settings: object, code: string, message: RegExp): BadRequest {
  return bad("CreateCacheCluster", { ...cluster("fresh"), ...settings }, code, message);
}

function badReplica(settings: object, code: string, message: RegExp): BadRequest {
  const input = { CacheClusterId: "fresh", ReplicationGroupId: "shop", ...settings };
  return bad("CreateCacheCluster", input, code, message);
}

function badModify(id: string, settings: object, code: string, message: RegExp): BadRequest {
  return bad("ModifyCacheCluster", { CacheClusterId: id, ...settings }, code, message);
}

function badGroup(settings: object, code: string, message: RegExp): BadRequest {
  return bad("CreateReplicationGroup", { ...group("fresh"), ...settings }, code, message);
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
