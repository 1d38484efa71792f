import { Fault } from "../../aws/fault.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { requireImmediately } from "./immediately.ts";
import { refuseMember } from "./known-globals.ts";
import { requireGroup } from "./known-groups.ts";
import type { Input, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import {
  addShards,
  checkShardCount,
  rebalance,
  requireZonesOfEach,
  setShards,
  type ShardChoice,
  stayingShards,
} from "./shard-layout-change.ts";
import { groupStateOf } from "./states.ts";

type Group = Resource<"replication-group">;
type ShardInput = Input<"ModifyReplicationGroupShardConfiguration">;

export const modifyShardConfiguration: Operation<"ModifyReplicationGroupShardConfiguration"> = (
  input,
  call,
) => {
  refuseUnavailable("ModifyReplicationGroupShardConfiguration", input);
  requireImmediately(input.ApplyImmediately, "shards are changed at once");
  const count = input.NodeGroupCount ?? 0;
  checkShardCount(count);
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    requireClusterMode(group);
    refuseMember(call, group, "change the shards (use the operations on global datastores) of");
    requireGroupAllows("change the shards of", group.id, groupStateOf(group));
    const { shards } = group.spec;
    requireMatching(input, count - shards.length);
    if (count > shards.length) {
      const configurations = input.ReshardingConfiguration ?? [];
      requireZonesOfEach(group, configurations);
      addShards(call, group, configurations, count - shards.length);
    } else if (count < shards.length)
      setShards(call, group, stayingShards(group.spec.shards, choiceOf(group, input, count)));
    else rebalance(call, group);
    return answerWithGroup(call, group.id);
  });
};

function choiceOf(group: Group, input: ShardInput, count: number): ShardChoice {
  const isRetained = (input.NodeGroupsToRetain ?? []).length > 0;
  const parameter = isRetained ? "NodeGroupsToRetain" : "NodeGroupsToRemove";
  const names = (input[parameter] ?? []).map((id) => id.padStart(4, "0"));
  return { parameter, isRetained, names, nameOf: ({ id }) => id, owner: group.id, count };
}

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

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
