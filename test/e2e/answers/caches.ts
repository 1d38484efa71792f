import type {
  CacheCluster,
  CacheNode,
  NodeGroup,
  NodeGroupMember,
  PendingModifiedValues,
  ReplicationGroup,
  ReplicationGroupPendingModifiedValues,
} from "@aws-sdk/client-elasticache";
import { absent, atLeast, each, empty, type Members, moment, perhaps } from "./expected.ts";

const backups = absent("backups have an issue of their own");
const tls = absent("only with encryption in transit, which has an issue of its own");
const tokens = absent("only with AUTH tokens, which have an issue of their own");
const logs = absent("nothing about log delivery is pending: it has an issue of its own");
const outposts = absent("AWS fills it in on Outposts alone");
const nothingPending = absent("nothing of the kind is pending");
const notYet = absent("AWS leaves it out until the cache has been created");

const zone = /^us-east-1[abc]$/;
const nodeId = "0001";
const nodeType = /^cache\.t4g\.\w+$/;
const window = /^[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d$/;
const arn = (type: string) =>
  new RegExp(`^arn:aws:elasticache:us-east-1:\\d{12}:${type}:[a-z0-9-]+$`);

const endpoint = { Address: /^127\.\d+\.\d+\.\d+$/, Port: atLeast(1) };

/** What a cluster waits for when it waits for nothing. */
const noPendingOfCluster: Members<PendingModifiedValues> = {
  NumCacheNodes: nothingPending,
  CacheNodeIdsToRemove: nothingPending,
  EngineVersion: nothingPending,
  CacheNodeType: nothingPending,
  AuthTokenStatus: tokens,
  LogDeliveryConfigurations: logs,
  TransitEncryptionEnabled: tls,
  TransitEncryptionMode: tls,
  ScaleConfig: absent("gradual scaling is refused"),
};

const node: Members<CacheNode> = {
  CacheNodeId: /^\d{4}$/,
  CacheNodeStatus: /^(available|rebooting|creating|deleting)$/,
  CacheNodeCreateTime: moment,
  Endpoint: endpoint,
  ParameterGroupStatus: /^(in-sync|applying|pending-reboot)$/,
  SourceCacheNodeId: absent("AWS fills it in for no engine of today"),
  CustomerAvailabilityZone: zone,
  CustomerOutpostArn: outposts,
};

const cluster: Members<CacheCluster> = {
  CacheClusterId: /^[a-z][a-z0-9-]+$/,
  ConfigurationEndpoint: absent("memcached alone has one"),
  ClientDownloadLandingPage: /\/elasticache\/home#client-download:$/,
  CacheNodeType: nodeType,
  Engine: /^(redis|valkey)$/,
  EngineVersion: /^\d+\.\d+(\.\d+)?$/,
  CacheClusterStatus: /^(available|modifying|creating|rebooting cluster nodes)$/,
  NumCacheNodes: 1,
  PreferredAvailabilityZone: zone,
  PreferredOutpostArn: outposts,
  CacheClusterCreateTime: moment,
  PreferredMaintenanceWindow: window,
  PendingModifiedValues: noPendingOfCluster,
  NotificationConfiguration: absent("only with a topic, which has an issue of its own"),
  CacheSecurityGroups: empty("AWS fills it in for EC2-Classic alone"),
  CacheParameterGroup: {
    CacheParameterGroupName: /^(default\.\w+|mine)/,
    ParameterApplyStatus: "in-sync",
    CacheNodeIdsToReboot: empty("no node waits for its reboot"),
  },
  CacheSubnetGroupName: "default",
  CacheNodes: absent("ShowCacheNodeInfo was not asked for"),
  AutoMinorVersionUpgrade: true,
  SecurityGroups: each({ SecurityGroupId: /^sg-[0-9a-f]+$/, Status: "active" }),
  ReplicationGroupId: absent("it is in no group"),
  SnapshotRetentionLimit: 0,
  SnapshotWindow: backups,
  AuthTokenEnabled: false,
  AuthTokenLastModifiedDate: tokens,
  TransitEncryptionEnabled: false,
  AtRestEncryptionEnabled: false,
  ARN: arn("cluster"),
  ReplicationGroupLogDeliveryEnabled: false,
  LogDeliveryConfigurations: empty("log delivery has an issue of its own"),
  NetworkType: "ipv4",
  IpDiscovery: "ipv4",
  TransitEncryptionMode: tls,
};

const creatingCluster: Members<CacheCluster> = { ...cluster, CacheClusterStatus: "creating" };

const memcached = {
  Engine: "memcached",
  EngineVersion: /^1\.6\.\d+$/,
  NumCacheNodes: atLeast(1),
  PreferredAvailabilityZone: /^(us-east-1[abc]|Multiple)$/,
  SnapshotRetentionLimit: absent("memcached has no backups"),
};

/** Cache clusters, by what there is to tell apart. */
export const clusters = {
  single: { ...cluster, CacheNodes: each(node) },
  singleCreating: creatingCluster,
  member: { ...cluster, CacheNodes: each(node), ReplicationGroupId: "shop" },
  clusterMember: { ...cluster, CacheNodes: each(node), ReplicationGroupId: "orders" },
  memcachedCreating: { ...creatingCluster, ...memcached },
  memcached: { ...cluster, ...memcached, ConfigurationEndpoint: endpoint },
  memcachedWithNodes: {
    ...{ ...cluster, ...memcached, ConfigurationEndpoint: endpoint },
    CacheNodes: each(node),
  },
  memcachedModifying: {
    ...{ ...cluster, ...memcached, ConfigurationEndpoint: endpoint },
    CacheClusterStatus: "modifying",
  },
  memcachedRebooting: {
    ...{ ...cluster, ...memcached, ConfigurationEndpoint: endpoint },
    CacheClusterStatus: "rebooting cluster nodes",
  },
  memcachedDeleting: {
    ...{ ...cluster, ...memcached, ConfigurationEndpoint: endpoint },
    CacheClusterStatus: "deleting",
  },
} satisfies Record<string, Members<CacheCluster>>;

const noPendingOfGroup: Members<ReplicationGroupPendingModifiedValues> = {
  PrimaryClusterId: nothingPending,
  AutomaticFailoverStatus: nothingPending,
  Resharding: nothingPending,
  AuthTokenStatus: tokens,
  UserGroups: absent("nothing about users is pending: they have an issue of their own"),
  LogDeliveryConfigurations: logs,
  TransitEncryptionEnabled: tls,
  TransitEncryptionMode: tls,
  ClusterMode: nothingPending,
};

const replica: Members<NodeGroupMember> = {
  CacheClusterId: /^[a-z][a-z0-9-]*-\d{3}$/,
  CacheNodeId: nodeId,
  ReadEndpoint: endpoint,
  PreferredAvailabilityZone: zone,
  PreferredOutpostArn: outposts,
  CurrentRole: /^(primary|replica)$/,
};

const nodeGroup: Members<NodeGroup> = {
  NodeGroupId: nodeId,
  Status: /^(available|modifying|deleting)$/,
  PrimaryEndpoint: endpoint,
  ReaderEndpoint: endpoint,
  Slots: absent("cluster mode alone has slots"),
  NodeGroupMembers: each(replica),
};

const group: Members<ReplicationGroup> = {
  ReplicationGroupId: /^[a-z][a-z0-9-]+$/,
  Description: /./,
  GlobalReplicationGroupInfo: absent("it is in no global datastore"),
  Status: "available",
  PendingModifiedValues: noPendingOfGroup,
  MemberClusters: each(/^[a-z][a-z0-9-]*-\d{3}$/),
  NodeGroups: each(nodeGroup),
  SnapshottingClusterId: backups,
  AutomaticFailover: /^(enabled|disabled|enabling|disabling)$/,
  MultiAZ: /^(enabled|disabled)$/,
  ConfigurationEndpoint: absent("cluster mode alone has one"),
  SnapshotRetentionLimit: 0,
  SnapshotWindow: backups,
  ClusterEnabled: false,
  CacheNodeType: nodeType,
  AuthTokenEnabled: false,
  AuthTokenLastModifiedDate: tokens,
  TransitEncryptionEnabled: false,
  AtRestEncryptionEnabled: false,
  MemberClustersOutpostArns: outposts,
  KmsKeyId: absent("only with encryption at rest, which has an issue of its own"),
  StorageEncryptionType: absent("only with encryption at rest, which has an issue of its own"),
  ARN: arn("replicationgroup"),
  UserGroupIds: empty("user groups have an issue of their own"),
  LogDeliveryConfigurations: empty("log delivery has an issue of its own"),
  ReplicationGroupCreateTime: moment,
  DataTiering: "disabled",
  AutoMinorVersionUpgrade: true,
  NetworkType: "ipv4",
  IpDiscovery: "ipv4",
  TransitEncryptionMode: tls,
  ClusterMode: "disabled",
  Engine: /^(redis|valkey)$/,
  Durability: absent("durable writes are refused"),
  EffectiveDurability: absent("durable writes are refused"),
};

const inCluster = "clients learn it from the cluster, where it changes by itself";

const clusterGroup: Members<ReplicationGroup> = {
  ...group,
  MemberClusters: each(/^orders-000[12]-00[12]$/),
  NodeGroups: each({
    ...nodeGroup,
    NodeGroupId: /^000[12]$/,
    PrimaryEndpoint: absent(inCluster),
    ReaderEndpoint: absent(inCluster),
    Slots: /^(0-8191|8192-16383|0-16383)$/,
    NodeGroupMembers: each({
      ...replica,
      ReadEndpoint: absent(inCluster),
      CurrentRole: absent(inCluster),
    }),
  }),
  AutomaticFailover: "enabled",
  ConfigurationEndpoint: endpoint,
  ClusterEnabled: true,
  ClusterMode: "enabled",
};

/** Replication groups, by what there is to tell apart. */
export const groups = {
  creating: { ...group, Status: "creating", AutomaticFailover: "enabling", NodeGroups: notYet },
  available: group,
  cluster: clusterGroup,
  clusterCreating: {
    ...clusterGroup,
    ...{ Status: "creating", AutomaticFailover: "enabling" },
    ...{ NodeGroups: notYet, ConfigurationEndpoint: notYet },
  },
  resharding: {
    ...{ ...clusterGroup, Status: "modifying" },
    PendingModifiedValues: {
      ...noPendingOfGroup,
      Resharding: { SlotMigration: { ProgressPercentage: 0 } },
    },
  },
  clusterDeleting: { ...clusterGroup, Status: "deleting" },
  modifying: { ...group, Status: "modifying" },
  deleting: { ...group, Status: "deleting" },
  growing: {
    ...{ ...group, Status: "modifying" },
    NodeGroups: each({
      ...nodeGroup,
      NodeGroupMembers: each({ ...replica, ReadEndpoint: perhaps(endpoint, "it is being made") }),
    }),
  },
  disablingFailover: {
    ...{ ...group, Status: "modifying", AutomaticFailover: "disabling" },
    PendingModifiedValues: { ...noPendingOfGroup, AutomaticFailoverStatus: "disabled" },
  },
} satisfies Record<string, Members<ReplicationGroup>>;
