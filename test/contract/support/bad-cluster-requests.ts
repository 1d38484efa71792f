import { bad, type BadRequest, cluster, small } from "./bad-request.ts";

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";
const noCluster = "CacheClusterNotFound";
const noGroup = "ReplicationGroupNotFoundFault";

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
  badModify("solo", { Engine: "memcached" }, value, /Engine must be one of redis, valkey/),
  badModify("solo", { EngineVersion: "7.0" }, combination, /downgraded from 7\.1 to 7\.0/),
  badModify("solo", { EngineVersion: "7.4" }, value, /Cannot find version 7\.4 for redis/),
  badModify("solo", { EngineVersion: "7.1.0" }, value, /patch/),
  badModify("solo", { CacheNodeType: "cache.huge" }, value, /CacheNodeType/),
  badModify("solo", { CacheNodeType: "cache.r6gd.xlarge" }, combination, /data tiering/),
  badModify(
    "solo",
    { Engine: "valkey", CacheParameterGroupName: "fewer-databases" },
    combination,
    /Expected a parameter group of family valkey8 but found one of family redis7/,
  ),
  badModify("items", { CacheNodeType: "cache.t4g.medium" }, combination, /memcached/),
  badModify("items", { Engine: "redis" }, value, /memcached/),
  badModify("solo", { NumCacheNodes: 2 }, combination, /exactly one node/),
  badModify("solo", { AZMode: "cross-az" }, combination, /memcached/),
  badModify("solo", { CacheParameterGroupName: "fewer-databases" }, combination, /databases/),
  badModify("solo", { CacheParameterGroupName: "aof" }, combination, /appendonly/),
  badModify(
    "solo",
    { CacheParameterGroupName: "default.redis7.cluster.on" },
    combination,
    /cluster/,
  ),
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

/** Bad requests for cache clusters. */
export const badClusterRequests: readonly BadRequest[] = [
  ...createCluster,
  ...createReplica,
  ...changeCluster,
];

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
