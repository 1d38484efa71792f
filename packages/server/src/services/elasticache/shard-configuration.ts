import type { ReshardingConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import { refIn } from "../../resources/ref.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { isEven, spreadSlots } from "../../resources/slot-shares.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { requireAvailability } from "./availability.ts";
import { appendsOnly } from "./cache-settings-input.ts";
import { requireImmediately } from "./immediately.ts";
import { takenClusterIds } from "./known-clusters.ts";
import { requireGroup } from "./known-groups.ts";
import { tagNewMembers } from "./member-tags.ts";
import { requireInRange } from "./node-group-configuration.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { quotas, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { zonesOf } from "./replication-group-layout.ts";
import { newLayout } from "./replication-groups-create.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import type { Tags } from "./tag-rules.ts";
import { checkZones, zonesIn } from "./zones.ts";

type Group = Resource<"replication-group">;
type ShardInput = Input<"ModifyReplicationGroupShardConfiguration">;

export const modifyShardConfiguration: Operation<"ModifyReplicationGroupShardConfiguration"> = (
  input,
  call,
) => {
  refuseUnavailable("ModifyReplicationGroupShardConfiguration", input);
  requireImmediately(input.ApplyImmediately, "shards are changed at once");
  const count = input.NodeGroupCount ?? 0;
  requireWithin(quotas.shardsPerGroup, count);
  requireInRange("NodeGroupCount", count, 1, quotas.shardsPerGroup.max);
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    requireClusterMode(group);
    requireGroupAllows("change the shards of", group.id, groupStateOf(group));
    const { shards } = group.spec;
    requireMatching(input, count - shards.length);
    if (count > shards.length) addShards(call, group, input, count - shards.length);
    else if (count < shards.length) setShards(call, group, stayingShards(group, input, count));
    else rebalance(call, group);
    return answerWithGroup(call, group.id);
  });
};

function requireClusterMode({ id, spec }: Group): void {
  if (spec.clusterMode === "enabled") return;
  throw contradiction(
    `Replication group ${id} has cluster mode ${spec.clusterMode}: only groups with cluster mode ` +
      "enabled have shards to add, remove or rebalance.",
  );
}

/** Each way to change the shards has parameters of its own. */
function requireMatching(input: ShardInput, change: number): void {
  const removing = ["NodeGroupsToRemove", "NodeGroupsToRetain"] as const;
  const given = removing.filter((parameter) => (input[parameter] ?? []).length > 0);
  if (change < 0 && given.length !== 1) {
    throw contradiction(
      `Exactly one of ${removing.join(", ")} must be given when NodeGroupCount is less than the ` +
        "current number of node groups.",
    );
  }
  if (change >= 0 && given.length > 0) {
    throw contradiction(
      `${given.join(" and ")} can only be given when NodeGroupCount is less than the current ` +
        "number of node groups.",
    );
  }
  if (change <= 0 && (input.ReshardingConfiguration ?? []).length > 0) {
    throw contradiction(
      "ReshardingConfiguration can only be given when NodeGroupCount is greater than the current " +
        "number of node groups.",
    );
  }
}

function addShards(call: ElastiCacheCall, group: Group, input: ShardInput, count: number): void {
  const { shards, clusterMode, subnetGroup } = group.spec;
  const nodes = Math.min(...shards.map(({ members }) => members.length));
  const wishes = wishesOf(group, input.ReshardingConfiguration ?? [], count, nodes);
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

/** Gives all slots to `shards`, evenly, with as few moving as can be. */
function setShards(call: ElastiCacheCall, group: Group, shards: readonly ShardLayout[]): void {
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

function rebalance(call: ElastiCacheCall, group: Group): void {
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
  nodes: number,
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
    if (configurations.length > 0 && zones.length !== nodes) {
      throw contradiction(
        "ReshardingConfiguration.PreferredAvailabilityZones must name one availability zone for " +
          `each node of the new node group: ${nodes}.`,
      );
    }
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

function stayingShards(group: Group, input: ShardInput, count: number): readonly ShardLayout[] {
  const { shards } = group.spec;
  const retain = input.NodeGroupsToRetain ?? [];
  const parameter = retain.length > 0 ? "NodeGroupsToRetain" : "NodeGroupsToRemove";
  const named = new Set(
    (input[parameter] ?? []).map((id) => {
      const padded = id.padStart(4, "0");
      if (shards.some((shard) => shard.id === padded)) return padded;
      const ids = shards.map((shard) => shard.id).join(", ");
      throw invalid(
        `The parameter ${parameter} must name node groups of ${group.id}: ${ids}. ${id} is none.`,
      );
    }),
  );
  const staying = shards.filter(({ id }) => named.has(id) === (parameter === "NodeGroupsToRetain"));
  if (staying.length === count) return staying;
  throw contradiction(
    `The parameter ${parameter} leaves ${staying.length} of ${shards.length} node groups, and ` +
      `NodeGroupCount asks for ${count}.`,
  );
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
