import { bad, type BadRequest } from "./bad-request.ts";

const value = "InvalidParameterValue";
const combination = "InvalidParameterCombination";

/** Changes of a group's shards that cannot be. "sharded" has 3 of 2 nodes each, all slots even. */
export const badShardRequests: readonly BadRequest[] = [
  badShards({ ApplyImmediately: false, NodeGroupCount: 4 }, value, /ApplyImmediately must be true/),
  badShards({ NodeGroupCount: 0 }, value, /NodeGroupCount/),
  badShards(
    { NodeGroupCount: 91 },
    "NodeGroupsPerReplicationGroupQuotaExceeded",
    /at most 90 node groups/,
  ),
  badShards({ NodeGroupCount: 46 }, "NodeQuotaForClusterExceeded", /at most 90 nodes/),
  badShards({ ReplicationGroupId: "shop", NodeGroupCount: 2 }, combination, /cluster mode/),
  badShards(
    { NodeGroupCount: 3 },
    "InvalidReplicationGroupState",
    /^Slots in the replication group are uniformly distributed\. Nothing to do\.$/,
  ),
  badShards({ NodeGroupCount: 3, NodeGroupsToRemove: ["0001"] }, combination, /only be given/),
  badShards({ NodeGroupCount: 4, NodeGroupsToRetain: ["0001"] }, combination, /only be given/),
  badShards({ NodeGroupCount: 2 }, combination, /Exactly one of NodeGroupsToRemove/),
  badShards(
    { NodeGroupCount: 2, NodeGroupsToRemove: ["0001"], NodeGroupsToRetain: ["0002", "0003"] },
    combination,
    /Exactly one of NodeGroupsToRemove/,
  ),
  badShards(
    { NodeGroupCount: 2, NodeGroupsToRemove: ["0007"] },
    value,
    /NodeGroupsToRemove must name node groups of sharded: 0001, 0002, 0003\. 0007 is none/,
  ),
  badShards(
    { NodeGroupCount: 1, NodeGroupsToRemove: ["0001", "0002", "0003"] },
    combination,
    /leaves 0 of 3 node groups/,
  ),
  badShards({ NodeGroupCount: 1, NodeGroupsToRetain: ["1", "0002"] }, combination, /leaves 2 of 3/),
  badShards(
    { NodeGroupCount: 2, NodeGroupsToRemove: ["0003"], ReshardingConfiguration: [places()] },
    combination,
    /ReshardingConfiguration can only be given/,
  ),
  badNew([places(), places()], combination, /one entry for each new node group: 1/),
  badNew([{ NodeGroupId: "0004" }], combination, /one availability zone for each node .* 2/),
  badNew([places({ PreferredAvailabilityZones: ["us-east-1a"] })], combination, /each node .* 2/),
  badNew(
    [places({ PreferredAvailabilityZones: ["us-east-1a", "us-east-1f"] })],
    value,
    /us-east-1f is not a valid availability zone/,
  ),
  badNew([places({ NodeGroupId: "3" })], value, /must be new; there is a 0003 already/),
  badNew([places({ NodeGroupId: "shard" })], value, /NodeGroupId must have 1 to 4 digits/),
];

function places(settings: object = {}) {
  return { PreferredAvailabilityZones: ["us-east-1a", "us-east-1b"], ...settings };
}

function badShards(settings: object, code: string, message: RegExp): BadRequest {
  const input = { ReplicationGroupId: "sharded", ApplyImmediately: true, ...settings };
  return bad("ModifyReplicationGroupShardConfiguration", input, code, message);
}

function badNew(configurations: readonly object[], code: string, message: RegExp): BadRequest {
  return badShards({ NodeGroupCount: 4, ReshardingConfiguration: configurations }, code, message);
}
