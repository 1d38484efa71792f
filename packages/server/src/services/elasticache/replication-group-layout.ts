import type { NodeGroupConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { spreadOver } from "../../resources/new-members.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { quotas, replicasPerShardMax, requireWithin } from "./quotas.ts";
import { refuseMember } from "./refused-settings.ts";
import { newSubnetGroup } from "./subnet-groups.ts";
import { checkZone, checkZones, zonesIn } from "./zones.ts";

type LayoutInput = Pick<
  Input<"CreateReplicationGroup">,
  | "NumCacheClusters"
  | "NumNodeGroups"
  | "ReplicasPerNodeGroup"
  | "NodeGroupConfiguration"
  | "PreferredCacheClusterAZs"
  | "CacheSubnetGroupName"
>;

/**
 * The zones of a new group's nodes, one for each node, the primary's first. Throws a Fault when the
 * members that say how many nodes there are, and where, contradict each other.
 */
export function newNodeZones(call: ElastiCacheCall, input: LayoutInput): readonly string[] {
  refuseSeveralShards(input);
  const subnetGroup = newSubnetGroup(call, input.CacheSubnetGroupName);
  const [configuration] = input.NodeGroupConfiguration ?? [];
  if (configuration !== undefined) return configuredZones(call, subnetGroup, input, configuration);
  const count = nodeCount(input);
  const preferred = input.PreferredCacheClusterAZs ?? [];
  if (preferred.length === 0) return spreadOver(zonesIn(subnetGroup), [], count ?? 1);
  if (preferred.length !== count) {
    throw contradiction(
      "When specifying preferred availability zones, the number of cache clusters must be " +
        "specified and must match the number of preferred availability zones.",
    );
  }
  return checkZones(call, subnetGroup, "PreferredCacheClusterAZs", preferred);
}

function refuseSeveralShards(input: LayoutInput): void {
  const { NumNodeGroups = 1, NodeGroupConfiguration = [], PreferredCacheClusterAZs = [] } = input;
  const shards = Math.max(NumNodeGroups, NodeGroupConfiguration.length);
  requireWithin(quotas.shardsPerGroup, shards);
  requireInRange("NumNodeGroups", NumNodeGroups, 1, quotas.shardsPerGroup.max);
  if (shards > 1 && PreferredCacheClusterAZs.length > 0) {
    throw contradiction("PreferredCacheClusterAZs can only be specified for one node group.");
  }
  if (shards <= 1) return;
  const parameter = NumNodeGroups > 1 ? "NumNodeGroups" : "NodeGroupConfiguration";
  throw contradiction(
    `The parameter ${parameter} must ask for 1 node group. More need cluster mode, which this ` +
      "version of Larder does not have.",
  );
}

/** How many nodes are asked for; undefined when nothing says so. */
function nodeCount(input: LayoutInput): number | undefined {
  const { NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup } = input;
  if (NumCacheClusters === undefined) {
    if (ReplicasPerNodeGroup === undefined) return NumNodeGroups;
    requireInRange("ReplicasPerNodeGroup", ReplicasPerNodeGroup, 0, replicasPerShardMax);
    return ReplicasPerNodeGroup + 1;
  }
  if (NumNodeGroups !== undefined || ReplicasPerNodeGroup !== undefined) {
    throw contradiction(
      "NumCacheClusters cannot be combined with NumNodeGroups or ReplicasPerNodeGroup: " +
        "each says how many nodes there are.",
    );
  }
  requireInRange("NumCacheClusters", NumCacheClusters, 1, quotas.nodesPerShard.max);
  return NumCacheClusters;
}

function configuredZones(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  input: LayoutInput,
  configuration: NodeGroupConfiguration,
): readonly string[] {
  const { NumCacheClusters, ReplicasPerNodeGroup, PreferredCacheClusterAZs = [] } = input;
  if (NumCacheClusters !== undefined || PreferredCacheClusterAZs.length > 0) {
    throw contradiction(
      "NodeGroupConfiguration cannot be combined with NumCacheClusters or " +
        "PreferredCacheClusterAZs: it says how many nodes there are, and where.",
    );
  }
  requireOnlyShard(configuration.NodeGroupId);
  refuseMember("NodeGroupConfiguration.Slots", configuration.Slots, "cluster mode");
  refuseMember(
    "NodeGroupConfiguration.PrimaryOutpostArn",
    configuration.PrimaryOutpostArn,
    "Outposts",
  );
  refuseMember(
    "NodeGroupConfiguration.ReplicaOutpostArns",
    configuration.ReplicaOutpostArns,
    "Outposts",
  );
  const replicaZones = configuration.ReplicaAvailabilityZones ?? [];
  const listed = replicaZones.length > 0 ? replicaZones.length : undefined;
  const count = configuration.ReplicaCount ?? ReplicasPerNodeGroup ?? listed ?? 0;
  requireInRange("NodeGroupConfiguration.ReplicaCount", count, 0, replicasPerShardMax);
  if (ReplicasPerNodeGroup !== undefined && ReplicasPerNodeGroup !== count) {
    throw contradiction(
      "ReplicasPerNodeGroup and NodeGroupConfiguration.ReplicaCount must be the same when both " +
        "are given.",
    );
  }
  if (listed !== undefined && listed !== count) {
    throw contradiction(
      "NodeGroupConfiguration.ReplicaAvailabilityZones must name as many availability zones as " +
        `there are replicas: ${count}.`,
    );
  }
  return zonesOfConfiguration(call, subnetGroup, configuration, count);
}

function zonesOfConfiguration(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  {
    PrimaryAvailabilityZone: primary,
    ReplicaAvailabilityZones: replicas = [],
  }: NodeGroupConfiguration,
  replicaCount: number,
): readonly string[] {
  const parameter = "NodeGroupConfiguration";
  const chosen = checkZones(call, subnetGroup, `${parameter}.ReplicaAvailabilityZones`, replicas);
  const all = zonesIn(subnetGroup);
  const primaryZone = primary
    ? checkZone(call, subnetGroup, `${parameter}.PrimaryAvailabilityZone`, primary)
    : (spreadOver(all, chosen, 1)[0] ?? "");
  const spread = spreadOver(all, [primaryZone], replicaCount);
  return [primaryZone, ...(chosen.length > 0 ? chosen : spread)];
}

function requireOnlyShard(nodeGroupId: string | undefined): void {
  if (nodeGroupId === undefined || (/^\d{1,4}$/.test(nodeGroupId) && Number(nodeGroupId) === 1))
    return;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter NodeGroupConfiguration.NodeGroupId must be 0001 while cluster mode is disabled.",
  );
}

function requireInRange(parameter: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must be a number from ${min} to ${max}; it is ${value}.`,
  );
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
