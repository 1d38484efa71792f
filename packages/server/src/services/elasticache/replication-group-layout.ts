import type { NodeGroupConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import { onlyShardId } from "../../resources/compile.ts";
import { spreadOver } from "../../resources/new-members.ts";
import { evenSlots, type SlotRange } from "../../resources/slots.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import { configuredShards, requireInRange } from "./node-group-configuration.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { quotas, replicasPerShardMax, requireWithin } from "./quotas.ts";
import { newSubnetGroup } from "./subnet-groups.ts";
import { checkZones, zonesIn } from "./zones.ts";

/** The members of a request that say how many nodes there are to be, and where. */
export type LayoutInput = Pick<
  Input<"CreateReplicationGroup">,
  | "NumCacheClusters"
  | "NumNodeGroups"
  | "ReplicasPerNodeGroup"
  | "NodeGroupConfiguration"
  | "PreferredCacheClusterAZs"
  | "CacheSubnetGroupName"
>;

/** A node group that is asked for. */
export interface NewShard {
  /** AWS's NodeGroupId. */
  readonly id: string;
  /** One for each node, the primary's first. */
  readonly zones: readonly string[];
  readonly slots: readonly SlotRange[];
}

/** What a node group says for itself; the rest follows from the others. */
export interface ShardWish {
  readonly id: string;
  readonly replicas: number;
  readonly primaryZone: string | null;
  /** One for each replica, or none. */
  readonly replicaZones: readonly string[];
  readonly slots: readonly SlotRange[] | null;
}

/**
 * The node groups of a new replication group. Throws a Fault when the members that describe them
 * contradict each other.
 */
export function newShards(
  call: ElastiCacheCall,
  input: LayoutInput,
  clusterMode: ClusterMode,
): readonly NewShard[] {
  const subnetGroup = newSubnetGroup(call, input.CacheSubnetGroupName);
  const wishes = shardWishes(call, subnetGroup, input, clusterMode);
  requireWithin(
    quotas.nodesPerCluster,
    wishes.reduce((sum, { replicas }) => sum + replicas + 1, 0),
  );
  const slots = clusterMode === "disabled" ? [] : slotsOf(wishes);
  const primaryZones: string[] = [];
  return wishes.map((wish, index) => {
    const zones = zonesOf(wish, zonesIn(subnetGroup), primaryZones);
    primaryZones.push(zones[0] ?? "");
    return { id: wish.id, zones, slots: slots[index] ?? [] };
  });
}

function shardWishes(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  input: LayoutInput,
  clusterMode: ClusterMode,
): readonly ShardWish[] {
  const configurations = input.NodeGroupConfiguration ?? [];
  const count = shardCount(input, configurations);
  if (clusterMode === "disabled") requireOneShard(count, configurations);
  if (configurations.length > 0) return configuredShards(call, subnetGroup, input, clusterMode);
  const preferred = input.PreferredCacheClusterAZs ?? [];
  const nodes = nodesPerShard(input);
  if (preferred.length > 0 && preferred.length !== nodes) {
    throw contradiction(
      "When specifying preferred availability zones, the number of cache clusters must be " +
        "specified and must match the number of preferred availability zones.",
    );
  }
  const zones = checkZones(call, subnetGroup, "PreferredCacheClusterAZs", preferred);
  return Array.from({ length: count }, (_, index) => ({
    id: String(index + 1).padStart(4, "0"),
    replicas: (nodes ?? 1) - 1,
    primaryZone: zones[0] ?? null,
    replicaZones: zones.slice(1),
    slots: null,
  }));
}

function shardCount(
  { NumNodeGroups, NumCacheClusters, PreferredCacheClusterAZs = [] }: LayoutInput,
  configurations: readonly NodeGroupConfiguration[],
): number {
  const listed = configurations.length > 0 ? configurations.length : undefined;
  const count = NumNodeGroups ?? listed ?? 1;
  requireWithin(quotas.shardsPerGroup, Math.max(count, configurations.length));
  requireInRange("NumNodeGroups", count, 1, quotas.shardsPerGroup.max);
  if (listed !== undefined && listed !== count) {
    throw contradiction(
      `NodeGroupConfiguration has ${listed} entries, and NumNodeGroups asks for ${count} node ` +
        "groups: leave one of them out.",
    );
  }
  if (count > 1 && PreferredCacheClusterAZs.length > 0) {
    throw contradiction("PreferredCacheClusterAZs can only be specified for one node group.");
  }
  if (count > 1 && NumCacheClusters !== undefined) throw ambiguousCount();
  return count;
}

function requireOneShard(count: number, configurations: readonly NodeGroupConfiguration[]): void {
  if (count > 1) {
    throw contradiction(
      `${configurations.length > 1 ? "NodeGroupConfiguration" : "NumNodeGroups"} must ask for 1 ` +
        "node group: more need cluster mode, and so a parameter group with cluster-enabled set " +
        "to yes, such as the default ones whose names end with .cluster.on.",
    );
  }
  const id = configurations[0]?.NodeGroupId;
  if (id === undefined || (/^\d{1,4}$/.test(id) && Number(id) === Number(onlyShardId))) return;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter NodeGroupConfiguration.NodeGroupId must be 0001 while cluster mode is disabled.",
  );
}

/** How many nodes each node group is to have; undefined when nothing says so. */
function nodesPerShard(input: LayoutInput): number | undefined {
  const { NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup } = input;
  if (NumCacheClusters === undefined) {
    if (ReplicasPerNodeGroup === undefined) return NumNodeGroups === undefined ? undefined : 1;
    requireInRange("ReplicasPerNodeGroup", ReplicasPerNodeGroup, 0, replicasPerShardMax);
    return ReplicasPerNodeGroup + 1;
  }
  if (NumNodeGroups !== undefined || ReplicasPerNodeGroup !== undefined) throw ambiguousCount();
  requireInRange("NumCacheClusters", NumCacheClusters, 1, quotas.nodesPerShard.max);
  return NumCacheClusters;
}

/** The slots of each node group: as asked for by all of them, or even. */
function slotsOf(wishes: readonly ShardWish[]): readonly (readonly SlotRange[])[] {
  if (wishes.every(({ slots }) => slots === null))
    return evenSlots(wishes.length).map((one) => [one]);
  return wishes.map(({ slots }) => slots ?? []);
}

/** Zones for the nodes of a shard, the primary's first. */
export function zonesOf(
  {
    replicas,
    primaryZone,
    replicaZones,
  }: Pick<ShardWish, "replicas" | "primaryZone" | "replicaZones">,
  all: readonly string[],
  usedByPrimaries: readonly string[],
): readonly string[] {
  // Primaries are spread over the zones too: a zone that is lost takes as few of them as can be.
  const primary = primaryZone ?? spreadOver(all, [...usedByPrimaries, ...replicaZones], 1)[0] ?? "";
  // Round from the primary's zone on, so that the replicas of all shards are spread as well.
  const at = Math.max(0, all.indexOf(primary));
  const round = [...all.slice(at), ...all.slice(0, at)];
  const rest = replicaZones.length > 0 ? replicaZones : spreadOver(round, [primary], replicas);
  return [primary, ...rest];
}

function ambiguousCount(): Fault {
  return contradiction(
    "NumCacheClusters cannot be combined with NumNodeGroups or ReplicasPerNodeGroup: " +
      "each says how many nodes there are.",
  );
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
