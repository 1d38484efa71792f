import { Fault } from "../../aws/fault.ts";
import { requireImmediately } from "./immediately.ts";
import { requireGlobal } from "./known-globals.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";

/*
 * Node groups are added, removed and rebalanced in cluster mode alone. Larder's global datastores
 * have cluster mode disabled, so that these answer what they answer for such a datastore.
 */

export const increaseNodeGroupsInGlobalReplicationGroup: Operation<
  "IncreaseNodeGroupsInGlobalReplicationGroup"
> = (input, call) => {
  refuseUnavailable("IncreaseNodeGroupsInGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  throw oneNodeGroup(call, input.GlobalReplicationGroupId);
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
  throw oneNodeGroup(call, input.GlobalReplicationGroupId);
};

export const rebalanceSlotsInGlobalReplicationGroup: Operation<
  "RebalanceSlotsInGlobalReplicationGroup"
> = (input, call) => {
  refuseUnavailable("RebalanceSlotsInGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  throw oneNodeGroup(call, input.GlobalReplicationGroupId);
};

function oneNodeGroup(call: ElastiCacheCall, name: string | undefined): Fault {
  const { id } = requireGlobal(call, name);
  return new Fault(
    "InvalidParameterValue",
    `The global datastore ${id} has cluster mode disabled: its members have one node group each, ` +
      "and no slots.",
  );
}
