import type { RegionalConfiguration, ReshardingConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { Resource } from "../../resources/resource.ts";
import { answerWithGlobal } from "./global-replication-groups.ts";
import { requireImmediately } from "./immediately.ts";
import {
  inRegion,
  requireGlobal,
  requireGlobalAllows,
  requireMembersAvailable,
} from "./known-globals.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import {
  addShards,
  checkShardCount,
  rebalance,
  requireZonesOfEach,
  setShards,
  type ShardChoice,
  stayingShards,
} from "./shard-layout-change.ts";

/*
 * All members of a global datastore have the same node groups with the same slots. They are added,
 * removed and rebalanced in all of them at once; the keys move in the primary alone.
 */

type Global = Resource<"global-replication-group">;
type Group = Resource<"replication-group">;
type DecreaseInput = Input<"DecreaseNodeGroupsInGlobalReplicationGroup">;

export const increaseNodeGroupsInGlobalReplicationGroup: Operation<
  "IncreaseNodeGroupsInGlobalReplicationGroup"
> = (input, call) => {
  refuseUnavailable("IncreaseNodeGroupsInGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  const count = input.NodeGroupCount ?? 0;
  checkShardCount(count);
  return changeNodeGroups(call, input.GlobalReplicationGroupId, "add node groups to", (global) => {
    const regional = input.RegionalConfigurations ?? [];
    requireRegions(global, regional);
    return (group, there) => {
      const added = count - group.spec.shards.length;
      if (added <= 0) {
        throw invalid(
          "The parameter NodeGroupCount must be more than the current number of node groups, " +
            `${group.spec.shards.length}; it is ${count}.`,
        );
      }
      addShards(there, group, configurationsOf(regional, group), added);
    };
  });
};

export const decreaseNodeGroupsInGlobalReplicationGroup: Operation<
  "DecreaseNodeGroupsInGlobalReplicationGroup"
> = (input, call) => {
  refuseUnavailable("DecreaseNodeGroupsInGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  const lists = [input.GlobalNodeGroupsToRemove, input.GlobalNodeGroupsToRetain];
  if (lists.filter((one) => one !== undefined && one.length > 0).length !== 1) {
    throw new Fault(
      "InvalidParameterCombination",
      "Exactly one of GlobalNodeGroupsToRemove, GlobalNodeGroupsToRetain must be given.",
    );
  }
  checkShardCount(input.NodeGroupCount ?? 0);
  const what = "remove node groups from";
  return changeNodeGroups(call, input.GlobalReplicationGroupId, what, (global) => {
    const choice = choiceOf(global, input);
    return (group, there) => setShards(there, group, stayingShards(group.spec.shards, choice));
  });
};

export const rebalanceSlotsInGlobalReplicationGroup: Operation<
  "RebalanceSlotsInGlobalReplicationGroup"
> = (input, call) => {
  refuseUnavailable("RebalanceSlotsInGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  const what = "rebalance the slots of";
  return changeNodeGroups(call, input.GlobalReplicationGroupId, what, () => {
    return (group, there) => rebalance(there, group);
  });
};

/** Changes the node groups of each member, or of none when one of them cannot be changed. */
function changeNodeGroups(
  call: ElastiCacheCall,
  name: string | undefined,
  what: string,
  changeIn: (global: Global) => (group: Group, there: ElastiCacheCall) => void,
) {
  return call.store.transaction(() => {
    const global = requireGlobal(call, name);
    const members = requireMembersAvailable(call, global);
    const alone = members.find(({ group }) => group.spec.clusterMode !== "enabled");
    if (alone !== undefined) {
      throw invalid(
        `The global datastore ${global.id} has cluster mode disabled: its members have one node ` +
          "group each, and no slots.",
      );
    }
    requireGlobalAllows("modify", global);
    const change = changeIn(global);
    try {
      for (const { group, member } of members) change(group, inRegion(call, member.region));
    } catch (error) {
      throw error instanceof Fault ? ofGlobal(error, global, what) : error;
    }
    call.store.setSpec(global, { ...global.spec, changes: global.spec.changes + 1 });
    return answerWithGlobal(call, global);
  });
}

/** What the state of a member's group forbids, the state of its datastore does. */
function ofGlobal(fault: Fault, { id }: Global, what: string): Fault {
  if (fault.code !== "InvalidReplicationGroupState") return fault;
  const message = `Cannot ${what} global datastore ${id}: ${fault.message}`;
  return new Fault("InvalidGlobalReplicationGroupState", message);
}

function requireRegions({ id, spec }: Global, regional: readonly RegionalConfiguration[]): void {
  for (const { ReplicationGroupId: name, ReplicationGroupRegion: region } of regional) {
    const isMember = spec.members.some((one) => one.region === region && one.id === name);
    if (!isMember) {
      throw invalid(
        "The parameter RegionalConfigurations must name members of global datastore " +
          `${id}; ${name} in ${region} is none.`,
      );
    }
  }
}

function configurationsOf(
  regional: readonly RegionalConfiguration[],
  group: Group,
): readonly ReshardingConfiguration[] {
  const found = regional.find(
    (one) => one.ReplicationGroupRegion === group.region && one.ReplicationGroupId === group.id,
  );
  const ids = regional[0]?.ReshardingConfiguration?.map((one) => one.NodeGroupId) ?? [];
  const own = found?.ReshardingConfiguration ?? [];
  // The new node groups have the same ids everywhere, so that they can follow each other.
  if (own.some(({ NodeGroupId }, index) => NodeGroupId !== ids[index])) {
    throw invalid(
      "The parameter RegionalConfigurations must give the new node groups the same ids, in the " +
        "same order, in every region.",
    );
  }
  requireZonesOfEach(group, own);
  if (own.length > 0) return own;
  return ids.map((NodeGroupId) => ({ NodeGroupId }));
}

function choiceOf(global: Global, input: DecreaseInput): ShardChoice {
  const isRetained = (input.GlobalNodeGroupsToRetain ?? []).length > 0;
  const parameter = isRetained ? "GlobalNodeGroupsToRetain" : "GlobalNodeGroupsToRemove";
  return {
    ...{ parameter, isRetained, names: input[parameter] ?? [], count: input.NodeGroupCount ?? 0 },
    ...{ nameOf: ({ id }) => `${global.id}-${id}`, owner: global.id },
  };
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}
