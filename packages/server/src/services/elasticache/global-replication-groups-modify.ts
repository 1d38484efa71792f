import type { Resource } from "../../resources/resource.ts";
import { requireImmediately } from "./immediately.ts";
import { answerWithGlobal } from "./global-replication-groups.ts";
import { copyForMember, requireNextGroup } from "./global-parameter-groups.ts";
import { requireGlobalNodeType } from "./global-secondary.ts";
import {
  inRegion,
  requireGlobal,
  requireGlobalAllows,
  requireMembersAvailable,
} from "./known-globals.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { modifiedSpec } from "./replication-groups-modify.ts";

type Global = Resource<"global-replication-group">;
type ModifyInput = Input<"ModifyGlobalReplicationGroup">;
type CommonChange = Pick<
  ModifyInput,
  | "CacheNodeType"
  | "Engine"
  | "EngineVersion"
  | "CacheParameterGroupName"
  | "AutomaticFailoverEnabled"
>;

/** Changes what all members have in common, in all of them at once. */
export const modifyGlobalReplicationGroup: Operation<"ModifyGlobalReplicationGroup"> = (
  input,
  call,
) => {
  refuseUnavailable("ModifyGlobalReplicationGroup", input);
  requireImmediately(input.ApplyImmediately, "global datastores are changed at once");
  if (input.CacheNodeType) requireGlobalNodeType(input.CacheNodeType.toLowerCase());
  return call.store.transaction(() => {
    const global = requireGlobal(call, input.GlobalReplicationGroupId);
    requireGlobalAllows("modify", global);
    const description = input.GlobalReplicationGroupDescription ?? global.spec.description;
    const change = commonChange(input);
    if (change !== null) modifyMembers(call, global, change);
    const changes = global.spec.changes + (change === null ? 0 : 1);
    call.store.setSpec(global, { ...global.spec, description, changes });
    return answerWithGlobal(call, global);
  });
};

function modifyMembers(call: ElastiCacheCall, global: Global, change: CommonChange): void {
  const { CacheParameterGroupName: name } = change;
  const next = name ? requireNextGroup(call, global, name) : undefined;
  for (const { member, group } of requireMembersAvailable(call, global)) {
    const there = inRegion(call, member.region);
    const CacheParameterGroupName = next && copyForMember(there, global.id, group.id, next);
    const asked = { ...change, CacheParameterGroupName, ApplyImmediately: true };
    const ReplicationGroupId = group.id;
    call.store.setSpec(group, modifiedSpec(there, group, { ReplicationGroupId, ...asked }));
  }
}

/** What of a request concerns every member's group; null for nothing. */
function commonChange(input: ModifyInput): CommonChange | null {
  const { CacheNodeType, Engine, EngineVersion } = input;
  const { CacheParameterGroupName, AutomaticFailoverEnabled } = input;
  const change = {
    ...{ CacheNodeType, Engine, EngineVersion, CacheParameterGroupName, AutomaticFailoverEnabled },
  };
  return Object.values(change).some((one) => one !== undefined && one !== "") ? change : null;
}
