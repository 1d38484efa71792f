import type { ConfigureShard } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { shardRef } from "../../resources/compile.ts";
import {
  freeMemberIds,
  newMember,
  onlyCacheNodeId,
  spreadOver,
} from "../../resources/new-members.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { aloneOnModify, requireAvailability } from "./availability.ts";
import { appendsOnly } from "./cache-settings-input.ts";
import { takenClusterIds } from "./known-clusters.ts";
import { onlyShardOf, requireGroup } from "./known-groups.ts";
import { tagNewMembers } from "./member-tags.ts";
import { primaryOf, replicasToSpare, type ShardRoles } from "./members.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { replicasPerShardMax, requireRoomForNodes } from "./quotas.ts";
import { refuseMember, refuseUnavailable } from "./refused-settings.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import { checkZones, zonesIn } from "./zones.ts";

type Group = Resource<"replication-group">;

/** How many replicas a shard is to have, and the zones of all its nodes where they are chosen. */
interface Wanted {
  readonly replicas: number;
  readonly zones: readonly string[] | null;
}

export const increaseReplicaCount: Operation<"IncreaseReplicaCount"> = (input, call) => {
  refuseUnavailable("IncreaseReplicaCount", input);
  requireImmediately(input.ApplyImmediately);
  requireOneOf(input, ["NewReplicaCount", "ReplicaConfiguration"]);
  return call.store.transaction(() => {
    const group = requireResizable(call, input.ReplicationGroupId);
    const { members } = onlyShardOf(group);
    const wanted = wantedReplicas(call, group, input.NewReplicaCount, input.ReplicaConfiguration);
    requireChange(wanted.replicas, members.length - 1, "greater");
    const count = wanted.replicas + 1 - members.length;
    const used = members.map(({ zone }) => zone);
    const zones =
      wanted.zones === null
        ? spreadOver(zonesIn(requireSubnetGroup(call, group.spec.subnetGroup)), used, count)
        : zonesBeside(wanted.zones, used);
    requireRoomForNodes(call, count);
    addReplicas(call, group, zones);
    return answerWithGroup(call, group.id);
  });
};

export const decreaseReplicaCount: Operation<"DecreaseReplicaCount"> = (input, call) => {
  refuseUnavailable("DecreaseReplicaCount", input);
  requireImmediately(input.ApplyImmediately);
  requireOneOf(input, ["NewReplicaCount", "ReplicaConfiguration", "ReplicasToRemove"]);
  return call.store.transaction(() => {
    const group = requireResizable(call, input.ReplicationGroupId);
    const named = input.ReplicasToRemove ?? [];
    const going =
      named.length > 0
        ? namedReplicas(call, group, named)
        : sparedReplicas(
            call,
            group,
            wantedReplicas(call, group, input.NewReplicaCount, input.ReplicaConfiguration),
          );
    removeReplicas(call, group, going);
    return answerWithGroup(call, group.id);
  });
};

function addReplicas(call: ElastiCacheCall, group: Group, zones: readonly string[]): void {
  const ids = freeMemberIds(group.id, takenClusterIds(call), zones.length);
  const members = zones.map((zone, index) =>
    newMember(ids[index] ?? "", onlyCacheNodeId, zone, call.now),
  );
  addMembers(call, group, members);
  tagNewMembers(call, members, call.store.tags(group));
}

/** Writes new members into the group's only shard. Checks neither state nor quotas. */
export function addMembers(call: ElastiCacheCall, group: Group, added: readonly Member[]): void {
  const layout = onlyShardOf(group);
  const shards = [{ ...layout, members: [...layout.members, ...added] }];
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
  const layout = onlyShardOf(group);
  const members = layout.members.filter((member) => !going.includes(member));
  const { automaticFailover, multiAz, parameterGroup } = group.spec;
  const appendOnly = appendsOnly(requireParameterGroup(call, parameterGroup));
  requireAvailability({ automaticFailover, multiAz, members, appendOnly }, aloneOnModify);
  call.store.setSpec(group, { ...group.spec, shards: [{ ...layout, members }] });
}

/** The roles in a group's shard, as last seen. */
export function rolesIn(call: ElastiCacheCall, group: Group): ShardRoles {
  const ref = shardRef(call, "replication-group", group.id, onlyShardOf(group).id);
  return call.store.get(ref)?.status ?? { primary: null, ready: [] };
}

function requireResizable(call: ElastiCacheCall, name: string | undefined): Group {
  const group = requireGroup(call, name);
  requireGroupAllows("change the number of replicas of", group.id, groupStateOf(group));
  return group;
}

function requireImmediately(applyImmediately: boolean | undefined): void {
  if (applyImmediately === true) return;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter ApplyImmediately must be true: replicas are added and removed at once.",
  );
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
): Wanted {
  const parameter =
    count === undefined ? "ReplicaConfiguration.NewReplicaCount" : "NewReplicaCount";
  const shard = count === undefined ? onlyConfiguration(group, configurations ?? []) : undefined;
  const replicas = count ?? shard?.NewReplicaCount ?? -1;
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > replicasPerShardMax) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter ${parameter} must be a number from 0 to ${replicasPerShardMax}.`,
    );
  }
  const zones = shard?.PreferredAvailabilityZones ?? [];
  if (zones.length === 0) return { replicas, zones: null };
  const zonesParameter = "ReplicaConfiguration.PreferredAvailabilityZones";
  if (zones.length !== replicas + 1) {
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter ${zonesParameter} must name NewReplicaCount + 1 availability zones, the ` +
        `primary's among them: ${replicas + 1}.`,
    );
  }
  const subnetGroup = requireSubnetGroup(call, group.spec.subnetGroup);
  return { replicas, zones: checkZones(call, subnetGroup, zonesParameter, zones) };
}

function onlyConfiguration(
  group: Group,
  configurations: readonly ConfigureShard[],
): ConfigureShard {
  const { id } = onlyShardOf(group);
  const [shard] = configurations;
  if (
    shard === undefined ||
    configurations.length > 1 ||
    Number(shard.NodeGroupId) !== Number(id)
  ) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter ReplicaConfiguration must have one entry, for the node group ${id} of ` +
        `replication group ${group.id}.`,
    );
  }
  const outposts = "ReplicaConfiguration.PreferredOutpostArns";
  refuseMember(outposts, shard.PreferredOutpostArns, "Outposts");
  return shard;
}

function requireChange(wanted: number, current: number, must: "greater" | "less"): void {
  if (wanted === current) {
    throw new Fault("NoOperationFault", `The node group has ${current} replicas already.`);
  }
  if (wanted > current === (must === "greater")) return;
  throw new Fault(
    "InvalidParameterValue",
    `The number of replicas asked for, ${wanted}, must be ${must} than the current ${current}.`,
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
  const { members } = onlyShardOf(group);
  const primary = primaryOf(members, rolesIn(call, group));
  return [...new Set(names.map((name) => name.toLowerCase()))].map((id) => {
    const member = members.find(({ clusterId }) => clusterId === id);
    if (member !== undefined && member !== primary) return member;
    throw new Fault(
      "InvalidParameterValue",
      member === undefined
        ? `The parameter ReplicasToRemove must name members of ${group.id}; ${id} is none.`
        : `The parameter ReplicasToRemove cannot name ${id}: it is the primary of ${group.id}.`,
    );
  });
}

function sparedReplicas(call: ElastiCacheCall, group: Group, wanted: Wanted): readonly Member[] {
  const { members } = onlyShardOf(group);
  const roles = rolesIn(call, group);
  requireChange(wanted.replicas, members.length - 1, "less");
  if (wanted.zones === null) {
    return replicasToSpare(members, roles, members.length - 1 - wanted.replicas);
  }
  const primary = primaryOf(members, roles);
  const keep = [...wanted.zones];
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
