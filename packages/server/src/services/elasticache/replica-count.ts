import type { ConfigureShard } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { shardRef } from "../../resources/compile.ts";
import {
  freeMemberIds,
  memberIdStem,
  newMember,
  onlyCacheNodeId,
  spreadOver,
} from "../../resources/new-members.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { requireAvailability } from "./availability.ts";
import { requireNotCompatible } from "./cluster-mode-change.ts";
import { appendsOnly } from "./cache-settings-input.ts";
import { takenClusterIds } from "./known-clusters.ts";
import { requireImmediately } from "./immediately.ts";
import { requireGroup } from "./known-groups.ts";
import { tagNewMembers } from "./member-tags.ts";
import { primaryOf, replicasToSpare, type ShardRoles } from "./members.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { quotas, replicasPerShardMax, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { refuseMember, refuseUnavailable } from "./refused-settings.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import { checkZones, zonesIn } from "./zones.ts";

type Group = Resource<"replication-group">;

/** How many replicas a shard is to have, and the zones of all its nodes where they are chosen. */
interface Wanted {
  readonly layout: ShardLayout;
  readonly replicas: number;
  readonly zones: readonly string[] | null;
}

export const increaseReplicaCount: Operation<"IncreaseReplicaCount"> = (input, call) => {
  refuseUnavailable("IncreaseReplicaCount", input);
  requireImmediately(input.ApplyImmediately, "replicas are added and removed at once");
  requireOneOf(input, ["NewReplicaCount", "ReplicaConfiguration"]);
  return call.store.transaction(() => {
    const group = requireResizable(call, input.ReplicationGroupId);
    const wanted = wantedReplicas(call, group, input.NewReplicaCount, input.ReplicaConfiguration);
    requireChange(wanted, "greater");
    const added = wanted.flatMap((one) => newReplicas(call, group, one));
    requireRoomForNodes(call, added.length);
    addMembers(call, group, added);
    tagNewMembers(
      call,
      added.map(({ member }) => member),
      call.store.tags(group),
    );
    return answerWithGroup(call, group.id);
  });
};

export const decreaseReplicaCount: Operation<"DecreaseReplicaCount"> = (input, call) => {
  refuseUnavailable("DecreaseReplicaCount", input);
  requireImmediately(input.ApplyImmediately, "replicas are added and removed at once");
  requireOneOf(input, ["NewReplicaCount", "ReplicaConfiguration", "ReplicasToRemove"]);
  return call.store.transaction(() => {
    const group = requireResizable(call, input.ReplicationGroupId);
    const named = input.ReplicasToRemove ?? [];
    if (named.length > 0) {
      removeReplicas(call, group, namedReplicas(call, group, named));
    } else {
      const { NewReplicaCount, ReplicaConfiguration } = input;
      const wanted = wantedReplicas(call, group, NewReplicaCount, ReplicaConfiguration);
      requireChange(wanted, "less");
      removeReplicas(
        call,
        group,
        wanted.flatMap((one) => sparedReplicas(call, group, one)),
      );
    }
    return answerWithGroup(call, group.id);
  });
};

/** A member to be, and the shard that it joins. */
interface NewReplica {
  readonly shardId: string;
  readonly member: Member;
}

function newReplicas(
  call: ElastiCacheCall,
  group: Group,
  { layout, replicas, zones: chosen }: Wanted,
): readonly NewReplica[] {
  const used = layout.members.map(({ zone }) => zone);
  const count = replicas + 1 - layout.members.length;
  const zones =
    chosen === null
      ? spreadOver(zonesIn(requireSubnetGroup(call, group.spec.subnetGroup)), used, count)
      : zonesBeside(chosen, used);
  const stem = memberIdStem(group.spec.clusterMode, group.id, layout.id);
  const ids = freeMemberIds(stem, takenClusterIds(call), zones.length);
  return zones.map((zone, index) => ({
    shardId: layout.id,
    member: newMember(ids[index] ?? "", onlyCacheNodeId, zone, call.now),
  }));
}

/** Writes new members into the group's shards. Checks nothing but the size of a cluster. */
export function addMembers(
  call: ElastiCacheCall,
  group: Group,
  added: readonly NewReplica[],
): void {
  const shards = group.spec.shards.map((layout) => {
    const joining = added.filter(({ shardId }) => shardId === layout.id);
    return { ...layout, members: [...layout.members, ...joining.map(({ member }) => member)] };
  });
  requireWithin(quotas.nodesPerCluster, shards.flatMap(({ members }) => members).length);
  call.store.setSpec(group, { ...group.spec, shards });
}

/**
 * Takes members out of the group's spec. Throws InvalidParameterCombination when automatic failover
 * or Multi-AZ could not go on with the rest.
 */
export function removeReplicas(
  call: ElastiCacheCall,
  group: Group,
  going: readonly Member[],
): void {
  const shards = group.spec.shards.map((layout) => ({
    ...layout,
    members: layout.members.filter((member) => !going.includes(member)),
  }));
  const spec = { ...group.spec, shards };
  const appendOnly = appendsOnly(requireParameterGroup(call, spec.parameterGroup));
  requireAvailability(spec, appendOnly, "modify");
  call.store.setSpec(group, spec);
}

/** The roles in a shard, as last seen. */
export function rolesIn(call: ElastiCacheCall, group: Group, { id }: ShardLayout): ShardRoles {
  const ref = shardRef(call, "replication-group", group.id, id);
  return call.store.get(ref)?.status ?? { primary: null, ready: [] };
}

function requireResizable(call: ElastiCacheCall, name: string | undefined): Group {
  const group = requireGroup(call, name);
  requireGroupAllows("change the number of replicas of", group.id, groupStateOf(group));
  requireNotCompatible(group);
  return group;
}

function requireOneOf<P extends string>(
  input: { readonly [K in P]?: unknown },
  parameters: readonly P[],
): void {
  const given = parameters.filter((parameter) => {
    const value = input[parameter];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  if (given.length === 1) return;
  throw new Fault(
    "InvalidParameterCombination",
    `Exactly one of ${parameters.join(", ")} must be given.`,
  );
}

function wantedReplicas(
  call: ElastiCacheCall,
  group: Group,
  count: number | undefined,
  configurations: readonly ConfigureShard[] | undefined,
): readonly Wanted[] {
  if (count !== undefined) {
    checkReplicas("NewReplicaCount", count);
    return group.spec.shards.map((layout) => ({ layout, replicas: count, zones: null }));
  }
  const wanted = (configurations ?? []).map((one) => configuredReplicas(call, group, one));
  if (new Set(wanted.map(({ layout }) => layout)).size < wanted.length) {
    throw new Fault(
      "InvalidParameterValue",
      "The parameter ReplicaConfiguration must have one entry at most for each node group.",
    );
  }
  return wanted;
}

function configuredReplicas(
  call: ElastiCacheCall,
  group: Group,
  {
    NodeGroupId,
    NewReplicaCount,
    PreferredAvailabilityZones,
    PreferredOutpostArns,
  }: ConfigureShard,
): Wanted {
  const parameter = "ReplicaConfiguration";
  refuseMember(`${parameter}.PreferredOutpostArns`, PreferredOutpostArns, "Outposts");
  const layout = group.spec.shards.find(({ id }) => Number(id) === Number(NodeGroupId));
  if (layout === undefined) {
    const all = group.spec.shards.map(({ id }) => id).join(", ");
    throw new Fault(
      "InvalidParameterValue",
      `The parameter ${parameter}.NodeGroupId must name a node group of replication group ` +
        `${group.id}: ${all}.`,
    );
  }
  const replicas = NewReplicaCount ?? -1;
  checkReplicas(`${parameter}.NewReplicaCount`, replicas);
  const zones = PreferredAvailabilityZones ?? [];
  if (zones.length === 0) return { layout, replicas, zones: null };
  const zonesParameter = `${parameter}.PreferredAvailabilityZones`;
  if (zones.length !== replicas + 1) {
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter ${zonesParameter} must name NewReplicaCount + 1 availability zones, the ` +
        `primary's among them: ${replicas + 1}.`,
    );
  }
  const subnetGroup = requireSubnetGroup(call, group.spec.subnetGroup);
  return { layout, replicas, zones: checkZones(call, subnetGroup, zonesParameter, zones) };
}

function checkReplicas(parameter: string, replicas: number): void {
  if (Number.isInteger(replicas) && replicas >= 0 && replicas <= replicasPerShardMax) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must be a number from 0 to ${replicasPerShardMax}.`,
  );
}

function requireChange(wanted: readonly Wanted[], must: "greater" | "less"): void {
  const current = ({ layout }: Wanted) => layout.members.length - 1;
  if (wanted.every((one) => one.replicas === current(one))) {
    const counts = wanted.map((one) => `node group ${one.layout.id} has ${current(one)} replicas`);
    throw new Fault("NoOperationFault", `Nothing is to be done: ${counts.join(", ")} already.`);
  }
  const wrong = wanted.find((one) =>
    must === "greater" ? one.replicas < current(one) : one.replicas > current(one),
  );
  if (wrong === undefined) return;
  throw new Fault(
    "InvalidParameterValue",
    `The number of replicas asked for, ${wrong.replicas}, must be ${must} than the current ` +
      `${current(wrong)} of node group ${wrong.layout.id}.`,
  );
}

/** The zones that are left of `all` for new nodes beside those in `used`. */
function zonesBeside(all: readonly string[], used: readonly string[]): readonly string[] {
  const left = [...all];
  for (const zone of used) {
    const at = left.indexOf(zone);
    if (at < 0) {
      throw new Fault(
        "InvalidParameterCombination",
        "The parameter ReplicaConfiguration.PreferredAvailabilityZones must contain the zones of " +
          `the nodes that exist: ${used.join(", ")}.`,
      );
    }
    left.splice(at, 1);
  }
  return left;
}

function namedReplicas(
  call: ElastiCacheCall,
  group: Group,
  names: readonly string[],
): readonly Member[] {
  const places = group.spec.shards.flatMap((layout) => {
    const primary = primaryOf(layout.members, rolesIn(call, group, layout));
    return layout.members.map((member) => ({ member, isPrimary: member === primary }));
  });
  return [...new Set(names.map((name) => name.toLowerCase()))].map((id) => {
    const place = places.find(({ member }) => member.clusterId === id);
    if (place !== undefined && !place.isPrimary) return place.member;
    throw new Fault(
      "InvalidParameterValue",
      place === undefined
        ? `The parameter ReplicasToRemove must name members of ${group.id}; ${id} is none.`
        : `The parameter ReplicasToRemove cannot name ${id}: it is the primary of ${group.id}.`,
    );
  });
}

function sparedReplicas(
  call: ElastiCacheCall,
  group: Group,
  { layout, replicas, zones }: Wanted,
): readonly Member[] {
  const { members } = layout;
  const roles = rolesIn(call, group, layout);
  if (zones === null) return replicasToSpare(members, roles, members.length - 1 - replicas);
  const primary = primaryOf(members, roles);
  const keep = [...zones];
  // The primary takes its zone first; it is never the one to go.
  const ordered = members.toSorted((a, b) => Number(b === primary) - Number(a === primary));
  const going = ordered.filter(({ zone }) => {
    const at = keep.indexOf(zone);
    if (at >= 0) keep.splice(at, 1);
    return at < 0;
  });
  if (keep.length === 0 && !going.some((member) => member === primary)) return going;
  throw new Fault(
    "InvalidParameterCombination",
    "The parameter ReplicaConfiguration.PreferredAvailabilityZones must name zones of nodes that " +
      `exist, the primary's among them: ${members.map(({ zone }) => zone).join(", ")}.`,
  );
}
