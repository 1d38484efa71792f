import type { ReshardingConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import { refIn } from "../../resources/ref.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { isEven, spreadSlots } from "../../resources/slot-shares.ts";
import { requireAvailability } from "./availability.ts";
import { appendsOnly } from "./cache-settings-input.ts";
import { takenClusterIds } from "./known-clusters.ts";
import { tagNewMembers } from "./member-tags.ts";
import { requireInRange } from "./node-group-configuration.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { quotas, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { zonesOf } from "./replication-group-layout.ts";
import { newLayout } from "./replication-groups-create.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import type { Tags } from "./tag-rules.ts";
import { checkZones, zonesIn } from "./zones.ts";

type Group = Resource<"replication-group">;

/** Throws unless a group can have so many shards. */
export function checkShardCount(count: number): void {
  requireWithin(quotas.shardsPerGroup, count);
  requireInRange("NodeGroupCount", count, 1, quotas.shardsPerGroup.max);
}

/** Throws unless those who describe new shards say where each of their nodes is to be. */
export function requireZonesOfEach(
  { spec }: Group,
  configurations: readonly ReshardingConfiguration[],
): void {
  const nodes = nodesPerNewShard(spec.shards);
  if (configurations.every((one) => one.PreferredAvailabilityZones?.length === nodes)) return;
  throw contradiction(
    "ReshardingConfiguration.PreferredAvailabilityZones must name one availability zone for " +
      `each node of the new node group: ${nodes}.`,
  );
}

function nodesPerNewShard(shards: readonly ShardLayout[]): number {
  return Math.min(...shards.map(({ members }) => members.length));
}

/** Adds `count` shards to the group; `configurations` describe them, or are none. */
export function addShards(
  call: ElastiCacheCall,
  group: Group,
  configurations: readonly ReshardingConfiguration[],
  count: number,
): void {
  const { shards, clusterMode, subnetGroup } = group.spec;
  const nodes = nodesPerNewShard(shards);
  const wishes = wishesOf(group, configurations, count);
  const known = requireSubnetGroup(call, subnetGroup);
  const parameter = "ReshardingConfiguration.PreferredAvailabilityZones";
  const primaryZones = shards.map(({ members }) => members[0]?.zone ?? "");
  const taken = takenClusterIds(call);
  const added = wishes.map(({ id, zones: asked }): ShardLayout => {
    const [primaryZone = null, ...replicaZones] = checkZones(call, known, parameter, asked);
    const wish = { replicas: nodes - 1, primaryZone, replicaZones };
    const zones = zonesOf(wish, zonesIn(known), primaryZones);
    primaryZones.push(zones[0] ?? "");
    return newLayout(group.id, { id, zones, slots: [] }, clusterMode, taken, call.now);
  });
  const members = added.flatMap((shard) => shard.members);
  const all = [...shards, ...added];
  requireWithin(quotas.nodesPerCluster, all.flatMap((shard) => shard.members).length);
  requireRoomForNodes(call, members.length);
  setShards(call, group, all);
  tagNewMembers(call, members, commonTags(call, shards));
}

/** Which shards are to stay, as a request names them. */
export interface ShardChoice {
  readonly parameter: string;
  /** Whether the shards that are named stay, or those that are not. */
  readonly isRetained: boolean;
  readonly names: readonly string[];
  /** What a request calls a shard. */
  readonly nameOf: (shard: ShardLayout) => string;
  /** Whose shards they are, for those who read an error. */
  readonly owner: string;
  /** How many are to stay. */
  readonly count: number;
}

/** The shards that are to stay. Throws a Fault when others are named, or another number is asked for. */
export function stayingShards(
  shards: readonly ShardLayout[],
  { parameter, isRetained, names, nameOf, owner, count }: ShardChoice,
): readonly ShardLayout[] {
  const known = shards.map(nameOf);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalid(
      `The parameter ${parameter} must name node groups of ${owner}: ${known.join(", ")}. ` +
        `${unknown} is none.`,
    );
  }
  const staying = shards.filter((shard) => names.includes(nameOf(shard)) === isRetained);
  if (staying.length === count) return staying;
  throw contradiction(
    `The parameter ${parameter} leaves ${staying.length} of ${shards.length} node groups, and ` +
      `NodeGroupCount asks for ${count}.`,
  );
}

/** Gives all slots to `shards`, evenly, with as few moving as can be. */
export function setShards(
  call: ElastiCacheCall,
  group: Group,
  shards: readonly ShardLayout[],
): void {
  const ids = shards.map(({ id }) => id);
  const spread = new Map(spreadSlots(group.spec.shards, ids).map(({ id, slots }) => [id, slots]));
  const layouts = shards
    .map((shard) => ({ ...shard, slots: spread.get(shard.id) ?? [] }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const spec = { ...group.spec, shards: layouts };
  const appendOnly = appendsOnly(requireParameterGroup(call, spec.parameterGroup));
  requireAvailability(spec, appendOnly, "modify");
  call.store.setSpec(group, spec);
}

/** Spreads the slots evenly. Throws InvalidReplicationGroupState when they are. */
export function rebalance(call: ElastiCacheCall, group: Group): void {
  if (isEven(group.spec.shards)) {
    throw new Fault(
      "InvalidReplicationGroupState",
      "Slots in the replication group are uniformly distributed. Nothing to do.",
    );
  }
  setShards(call, group, group.spec.shards);
}

/** A shard that is asked for: its id, and the zones of its nodes where they are chosen. */
interface NewShardWish {
  readonly id: string;
  readonly zones: readonly string[];
}

function wishesOf(
  { spec }: Group,
  configurations: readonly ReshardingConfiguration[],
  count: number,
): readonly NewShardWish[] {
  if (configurations.length > 0 && configurations.length !== count) {
    throw contradiction(
      `ReshardingConfiguration must have one entry for each new node group: ${count}.`,
    );
  }
  const taken = new Set(spec.shards.map(({ id }) => id));
  const given = configurations.map(({ NodeGroupId: id }) => (id ? newShardId(id, taken) : null));
  return Array.from({ length: count }, (_, index) => {
    const zones = configurations[index]?.PreferredAvailabilityZones ?? [];
    return { id: given[index] ?? lowestFree(taken), zones };
  });
}

/** A chosen id with its leading zeros, which is taken from now on. */
function newShardId(id: string, taken: Set<string>): string {
  const padded = id.padStart(4, "0");
  const parameter = "ReshardingConfiguration.NodeGroupId";
  if (!/^\d{1,4}$/.test(id) || Number(id) === 0) {
    throw invalid(`${parameter} must have 1 to 4 digits, such as 0001; it is ${id}.`);
  }
  if (taken.has(padded)) throw invalid(`${parameter} must be new; there is a ${padded} already.`);
  taken.add(padded);
  return padded;
}

function lowestFree(taken: Set<string>): string {
  let number = 1;
  while (taken.has(String(number).padStart(4, "0"))) number += 1;
  const id = String(number).padStart(4, "0");
  taken.add(id);
  return id;
}

/** New shards get the tags that the nodes of all others have in common. */
function commonTags(call: ElastiCacheCall, shards: readonly ShardLayout[]): Tags {
  const [first, ...others] = shards
    .flatMap(({ members }) => members)
    .map((member) => call.store.tags(refIn(call, "node", nodeIdOf(member))));
  const common = [...(first ?? [])].filter(([key, value]) =>
    others.every((tags) => tags.get(key) === value),
  );
  return new Map(common);
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
