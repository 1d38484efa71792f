import { assert } from "../../base/assert.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import { refIn } from "../../resources/ref.ts";
import { retainPrimary } from "./adoption.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { refuseMember } from "./known-globals.ts";
import { requireClusterModeDisabled, requireGroup } from "./known-groups.ts";
import type { Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { groupStateOf } from "./states.ts";

export const deleteReplicationGroup: Operation<"DeleteReplicationGroup"> = (input, call) => {
  refuseUnavailable("DeleteReplicationGroup", input);
  const retain = input.RetainPrimaryCluster === true;
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    refuseMember(call, group, "delete");
    requireGroupAllows(retain ? "retain the primary of" : "delete", group.id, groupStateOf(group));
    if (retain) requireClusterModeDisabled(group, "RetainPrimaryCluster");
    if (retain) retainPrimary(call.store, group);
    else call.store.markDeleting(group);
    const left = call.store.get(group);
    assert(left !== undefined, "a group that is deleted stays until nothing of it is left");
    // Tags are for what stays; a later namesake must not meet them.
    const members = left.spec.shards.flatMap((shard) => shard.members);
    for (const member of members) {
      call.store.setTags(refIn(call, "node", nodeIdOf(member)), new Map());
    }
    return answerWithGroup(call, group.id);
  });
};
