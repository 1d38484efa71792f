import { Fault } from "../../aws/fault.ts";
import { cacheSecurityGroupsNotPermitted } from "./cache-security-groups.ts";
import type { Input, OperationName } from "./operation.ts";

/** The operations whose every setting is accounted for here. */
export type SettingsOperation = Extract<
  OperationName,
  | "CreateCacheCluster"
  | "ModifyCacheCluster"
  | "RebootCacheCluster"
  | "DeleteCacheCluster"
  | "DescribeCacheClusters"
  | "CreateReplicationGroup"
  | "ModifyReplicationGroup"
  | "DeleteReplicationGroup"
  | "IncreaseReplicaCount"
  | "DecreaseReplicaCount"
  | "ModifyReplicationGroupShardConfiguration"
  | "TestFailover"
  | "TestMigration"
  | "StartMigration"
  | "CompleteMigration"
  | "CreateGlobalReplicationGroup"
  | "ModifyGlobalReplicationGroup"
  | "FailoverGlobalReplicationGroup"
  | "DisassociateGlobalReplicationGroup"
  | "DeleteGlobalReplicationGroup"
  | "DescribeGlobalReplicationGroups"
  | "IncreaseNodeGroupsInGlobalReplicationGroup"
  | "DecreaseNodeGroupsInGlobalReplicationGroup"
  | "RebalanceSlotsInGlobalReplicationGroup"
  | "DescribeReplicationGroups"
>;

/** A setting whose feature Larder does not have. Values that ask for nothing are accepted. */
interface Refusal {
  readonly code: "InvalidParameterCombination" | "InvalidParameterValue";
  /** Values beside the empty ones that ask for what every cache has anyway. */
  readonly accepted: readonly string[];
  readonly because: string;
}

/** Handled by the operation's own code, or refused. */
type Verdict = "handled" | Refusal;

type Verdicts<N extends SettingsOperation> = {
  readonly [M in keyof Required<Input<N>>]: Verdict;
};

const handled = "handled";
const snapshots = without("backups");
const notifications = without("notification topics");
const encryption = without("encryption in transit");
const authentication = without("authentication tokens");
const userGroups = without("user groups");
const logDelivery = without("log delivery");
const outposts = without("Outposts");
const onlyIpv4 = without("IPv6", "ipv4");
const durability = without("durable writes", "default", "disabled");
const cacheSecurityGroups: Refusal = {
  code: "InvalidParameterValue",
  accepted: [],
  because: cacheSecurityGroupsNotPermitted,
};

/** Every input member of every operation: complete by type, and held to the SDK's schemas by a test. */
export const verdicts: { readonly [N in SettingsOperation]: Verdicts<N> } = {
  CreateCacheCluster: {
    CacheClusterId: handled,
    ReplicationGroupId: handled,
    AZMode: handled,
    PreferredAvailabilityZone: handled,
    PreferredAvailabilityZones: handled,
    NumCacheNodes: handled,
    CacheNodeType: handled,
    Engine: handled,
    EngineVersion: handled,
    CacheParameterGroupName: handled,
    CacheSubnetGroupName: handled,
    CacheSecurityGroupNames: cacheSecurityGroups,
    SecurityGroupIds: handled,
    Tags: handled,
    SnapshotArns: snapshots,
    SnapshotName: snapshots,
    PreferredMaintenanceWindow: handled,
    Port: handled,
    NotificationTopicArn: notifications,
    AutoMinorVersionUpgrade: handled,
    SnapshotRetentionLimit: snapshots,
    SnapshotWindow: snapshots,
    AuthToken: authentication,
    OutpostMode: outposts,
    PreferredOutpostArn: outposts,
    PreferredOutpostArns: outposts,
    LogDeliveryConfigurations: logDelivery,
    TransitEncryptionEnabled: encryption,
    NetworkType: onlyIpv4,
    IpDiscovery: onlyIpv4,
  },
  ModifyCacheCluster: {
    CacheClusterId: handled,
    NumCacheNodes: handled,
    CacheNodeIdsToRemove: handled,
    AZMode: handled,
    NewAvailabilityZones: handled,
    CacheSecurityGroupNames: cacheSecurityGroups,
    SecurityGroupIds: handled,
    PreferredMaintenanceWindow: handled,
    NotificationTopicArn: notifications,
    CacheParameterGroupName: handled,
    NotificationTopicStatus: without("notification topics", "inactive"),
    ApplyImmediately: handled,
    Engine: handled,
    EngineVersion: handled,
    AutoMinorVersionUpgrade: handled,
    SnapshotRetentionLimit: snapshots,
    SnapshotWindow: snapshots,
    CacheNodeType: handled,
    AuthToken: authentication,
    AuthTokenUpdateStrategy: authentication,
    LogDeliveryConfigurations: logDelivery,
    IpDiscovery: onlyIpv4,
    ScaleConfig: without("gradual scaling"),
  },
  RebootCacheCluster: { CacheClusterId: handled, CacheNodeIdsToReboot: handled },
  DeleteCacheCluster: { CacheClusterId: handled, FinalSnapshotIdentifier: snapshots },
  DescribeCacheClusters: {
    CacheClusterId: handled,
    MaxRecords: handled,
    Marker: handled,
    ShowCacheNodeInfo: handled,
    ShowCacheClustersNotInReplicationGroups: handled,
  },
  CreateReplicationGroup: {
    ReplicationGroupId: handled,
    ReplicationGroupDescription: handled,
    GlobalReplicationGroupId: handled,
    PrimaryClusterId: handled,
    AutomaticFailoverEnabled: handled,
    MultiAZEnabled: handled,
    NumCacheClusters: handled,
    PreferredCacheClusterAZs: handled,
    NumNodeGroups: handled,
    ReplicasPerNodeGroup: handled,
    NodeGroupConfiguration: handled,
    CacheNodeType: handled,
    Engine: handled,
    EngineVersion: handled,
    CacheParameterGroupName: handled,
    CacheSubnetGroupName: handled,
    CacheSecurityGroupNames: cacheSecurityGroups,
    SecurityGroupIds: handled,
    Tags: handled,
    SnapshotArns: snapshots,
    SnapshotName: snapshots,
    PreferredMaintenanceWindow: handled,
    Port: handled,
    NotificationTopicArn: notifications,
    AutoMinorVersionUpgrade: handled,
    SnapshotRetentionLimit: snapshots,
    SnapshotWindow: snapshots,
    AuthToken: authentication,
    TransitEncryptionEnabled: encryption,
    AtRestEncryptionEnabled: without("encryption at rest"),
    KmsKeyId: without("encryption at rest"),
    UserGroupIds: userGroups,
    LogDeliveryConfigurations: logDelivery,
    DataTieringEnabled: without("data tiering"),
    NetworkType: onlyIpv4,
    IpDiscovery: onlyIpv4,
    TransitEncryptionMode: encryption,
    ClusterMode: handled,
    ServerlessCacheSnapshotName: snapshots,
    Durability: durability,
  },
  ModifyReplicationGroup: {
    ReplicationGroupId: handled,
    ReplicationGroupDescription: handled,
    PrimaryClusterId: handled,
    SnapshottingClusterId: snapshots,
    AutomaticFailoverEnabled: handled,
    MultiAZEnabled: handled,
    NodeGroupId: handled,
    CacheSecurityGroupNames: cacheSecurityGroups,
    SecurityGroupIds: handled,
    PreferredMaintenanceWindow: handled,
    NotificationTopicArn: notifications,
    CacheParameterGroupName: handled,
    NotificationTopicStatus: without("notification topics", "inactive"),
    ApplyImmediately: handled,
    Engine: handled,
    EngineVersion: handled,
    AutoMinorVersionUpgrade: handled,
    SnapshotRetentionLimit: snapshots,
    SnapshotWindow: snapshots,
    CacheNodeType: handled,
    AuthToken: authentication,
    AuthTokenUpdateStrategy: authentication,
    UserGroupIdsToAdd: userGroups,
    UserGroupIdsToRemove: userGroups,
    RemoveUserGroups: userGroups,
    LogDeliveryConfigurations: logDelivery,
    IpDiscovery: onlyIpv4,
    TransitEncryptionEnabled: encryption,
    TransitEncryptionMode: encryption,
    ClusterMode: handled,
    Durability: durability,
  },
  DeleteReplicationGroup: {
    ReplicationGroupId: handled,
    RetainPrimaryCluster: handled,
    FinalSnapshotIdentifier: snapshots,
  },
  IncreaseReplicaCount: {
    ReplicationGroupId: handled,
    NewReplicaCount: handled,
    ReplicaConfiguration: handled,
    ApplyImmediately: handled,
  },
  DecreaseReplicaCount: {
    ReplicationGroupId: handled,
    NewReplicaCount: handled,
    ReplicaConfiguration: handled,
    ReplicasToRemove: handled,
    ApplyImmediately: handled,
  },
  ModifyReplicationGroupShardConfiguration: {
    ReplicationGroupId: handled,
    NodeGroupCount: handled,
    ApplyImmediately: handled,
    ReshardingConfiguration: handled,
    NodeGroupsToRemove: handled,
    NodeGroupsToRetain: handled,
  },
  TestFailover: { ReplicationGroupId: handled, NodeGroupId: handled },
  TestMigration: { ReplicationGroupId: handled, CustomerNodeEndpointList: handled },
  StartMigration: { ReplicationGroupId: handled, CustomerNodeEndpointList: handled },
  CompleteMigration: { ReplicationGroupId: handled, Force: handled },
  CreateGlobalReplicationGroup: {
    GlobalReplicationGroupIdSuffix: handled,
    GlobalReplicationGroupDescription: handled,
    PrimaryReplicationGroupId: handled,
  },
  ModifyGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    ApplyImmediately: handled,
    CacheNodeType: handled,
    Engine: handled,
    EngineVersion: handled,
    CacheParameterGroupName: handled,
    GlobalReplicationGroupDescription: handled,
    AutomaticFailoverEnabled: handled,
  },
  FailoverGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    PrimaryRegion: handled,
    PrimaryReplicationGroupId: handled,
  },
  DisassociateGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    ReplicationGroupId: handled,
    ReplicationGroupRegion: handled,
  },
  DeleteGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    RetainPrimaryReplicationGroup: handled,
  },
  DescribeGlobalReplicationGroups: {
    GlobalReplicationGroupId: handled,
    ShowMemberInfo: handled,
    MaxRecords: handled,
    Marker: handled,
  },
  IncreaseNodeGroupsInGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    NodeGroupCount: handled,
    RegionalConfigurations: handled,
    ApplyImmediately: handled,
  },
  DecreaseNodeGroupsInGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    NodeGroupCount: handled,
    GlobalNodeGroupsToRemove: handled,
    GlobalNodeGroupsToRetain: handled,
    ApplyImmediately: handled,
  },
  RebalanceSlotsInGlobalReplicationGroup: {
    GlobalReplicationGroupId: handled,
    ApplyImmediately: handled,
  },
  DescribeReplicationGroups: { ReplicationGroupId: handled, MaxRecords: handled, Marker: handled },
};

/**
 * Throws for the first setting that asks for a feature that Larder does not have: nothing is
 * accepted and then not acted upon.
 */
export function refuseUnavailable<N extends SettingsOperation>(
  operation: N,
  input: Input<N> & object,
): void {
  for (const [parameter, verdict] of Object.entries<Verdict>(verdicts[operation])) {
    if (verdict === "handled") continue;
    const value: unknown = Reflect.get(input, parameter);
    if (isEmpty(value) || verdict.accepted.some((one) => one === value)) continue;
    throw new Fault(verdict.code, sentence(parameter, verdict));
  }
}

/** Throws for a member of a nested structure, which `refuseUnavailable` does not look into. */
export function refuseMember(parameter: string, value: unknown, feature: string): void {
  if (isEmpty(value)) return;
  const refusal = without(feature);
  throw new Fault(refusal.code, sentence(parameter, refusal));
}

/** Whether a value asks for nothing: absent, off, none. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === false || value === 0 || value === "";
}

// A parameter that no value makes work does not go with this version at all; of one that has a
// working value, the value is at fault.
function without(feature: string, ...accepted: readonly string[]): Refusal {
  return {
    code: accepted.length === 0 ? "InvalidParameterCombination" : "InvalidParameterValue",
    accepted,
    because: `This version of Larder does not have ${feature}.`,
  };
}

function sentence(parameter: string, { accepted, because }: Refusal): string {
  const allowed =
    accepted.length === 0 ? "leave it out" : `leave it out or set it to ${accepted.join(" or ")}`;
  return `The parameter ${parameter} is not available: ${allowed}. ${because}`;
}
