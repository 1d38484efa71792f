import type { GlobalReplicationGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { assert } from "../../base/assert.ts";
import {
  globalIdOf,
  globalRef,
  type GlobalReplicationGroupStatus,
  type MemberName,
  sameMember,
} from "../../resources/global-replication-group.ts";
import type { Ref } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { copyForMember } from "./global-parameter-groups.ts";
import { globalShape } from "./global-replication-group-shape.ts";
import { requireGlobalNodeType } from "./global-secondary.ts";
import { groupIdLengthMax, newIdentifier, required } from "./identifiers.ts";
import {
  globalState,
  groupOfMember,
  refuseMember,
  requireGlobal,
  requireGlobalAllows,
  requireSecondary,
} from "./known-globals.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { groupStateOf } from "./states.ts";

export const createGlobalReplicationGroup: Operation<"CreateGlobalReplicationGroup"> = (
  input,
  call,
) => {
  refuseUnavailable("CreateGlobalReplicationGroup", input);
  const suffix = newIdentifier(
    "GlobalReplicationGroupIdSuffix",
    input.GlobalReplicationGroupIdSuffix,
    groupIdLengthMax,
  );
  const ref = globalRef(call.account, globalIdOf(call.region, suffix));
  return call.store.transaction(() => {
    const group = requireGroup(call, input.PrimaryReplicationGroupId);
    if (call.store.get(ref) !== undefined) {
      throw new Fault(
        "GlobalReplicationGroupAlreadyExistsFault",
        `Global datastore ${ref.id} already exists.`,
      );
    }
    refuseMember(call, group, "create a global datastore around");
    requireGroupAllows("make the primary of a global datastore of", group.id, groupStateOf(group));
    if (group.spec.clusterMode === "compatible") {
      throw new Fault(
        "InvalidParameterValue",
        "The parameter PrimaryReplicationGroupId must name a replication group with cluster mode " +
          `enabled or disabled; ${group.id} has it compatible.`,
      );
    }
    requireGlobalNodeType(group.spec.nodeType);
    requireNothingPending(group);
    const primary = { region: call.region, id: group.id };
    const description = input.GlobalReplicationGroupDescription ?? "";
    const members = [{ ...primary, leaving: false }];
    const spec = { description, members, primary, changes: 0 };
    call.store.create(ref, spec, newStatus(primary), null);
    const common = requireParameterGroup(call, group.spec.parameterGroup);
    const parameterGroup = copyForMember(call, ref.id, group.id, common);
    call.store.setSpec(group, { ...group.spec, parameterGroup });
    return answerWithGlobal(call, ref);
  });
};

/** What waits for the maintenance window would reach this one member of a datastore alone. */
function requireNothingPending({ id, spec }: Resource<"replication-group">): void {
  if (spec.pending === null) return;
  throw new Fault(
    "InvalidReplicationGroupState",
    `Cannot create a global datastore around replication group ${id} while a change of it waits for ` +
      "its maintenance window.",
  );
}

function newStatus(primary: MemberName): GlobalReplicationGroupStatus {
  return {
    ...{ state: "creating", settledGeneration: 0, because: "it was asked for", primary },
    ...{ relief: null, associated: [], holders: [] },
  };
}

export const failoverGlobalReplicationGroup: Operation<"FailoverGlobalReplicationGroup"> = (
  input,
  call,
) => {
  refuseUnavailable("FailoverGlobalReplicationGroup", input);
  const { PrimaryRegion, PrimaryReplicationGroupId } = input;
  return call.store.transaction(() => {
    const global = requireGlobal(call, input.GlobalReplicationGroupId);
    const names = "PrimaryRegion and PrimaryReplicationGroupId";
    const heir = requireSecondary(global, PrimaryRegion, PrimaryReplicationGroupId, names);
    requireGlobalAllows("fail over", global);
    call.store.setSpec(global, { ...global.spec, primary: heir });
    return answerWithGlobal(call, global);
  });
};

export const disassociateGlobalReplicationGroup: Operation<"DisassociateGlobalReplicationGroup"> = (
  input,
  call,
) => {
  refuseUnavailable("DisassociateGlobalReplicationGroup", input);
  const { ReplicationGroupRegion, ReplicationGroupId } = input;
  return call.store.transaction(() => {
    const global = requireGlobal(call, input.GlobalReplicationGroupId);
    const names = "ReplicationGroupId and ReplicationGroupRegion";
    const going = requireSecondary(global, ReplicationGroupRegion, ReplicationGroupId, names);
    requireGlobalAllows("disassociate a member of", global);
    if (sameMember(global.status.primary, going)) {
      throw globalState(`Cannot disassociate ${going.id}: it stands in for the primary.`);
    }
    const members = global.spec.members.map((one) =>
      sameMember(one, going) ? { ...one, leaving: true } : one,
    );
    call.store.setSpec(global, { ...global.spec, members });
    return answerWithGlobal(call, global);
  });
};

export const deleteGlobalReplicationGroup: Operation<"DeleteGlobalReplicationGroup"> = (
  input,
  call,
) => {
  refuseUnavailable("DeleteGlobalReplicationGroup", input);
  const retain = required("RetainPrimaryReplicationGroup", input.RetainPrimaryReplicationGroup);
  return call.store.transaction(() => {
    const global = requireGlobal(call, input.GlobalReplicationGroupId);
    if (global.spec.members.length > 1) {
      throw globalState(
        `Cannot delete global datastore ${global.id} while it has secondaries: disassociate them ` +
          "first.",
      );
    }
    requireGlobalAllows("delete", global);
    if (!retain) {
      const group = groupOfMember(call, global, global.spec.primary);
      requireGroupAllows("delete", group.id, groupStateOf(group));
      call.store.markDeleting(group);
    }
    call.store.markDeleting(global);
    return answerWithGlobal(call, global);
  });
};

export const describeGlobalReplicationGroups: Operation<"DescribeGlobalReplicationGroups"> = (
  input,
  call,
) => {
  refuseUnavailable("DescribeGlobalReplicationGroups", input);
  const { GlobalReplicationGroupId: name, ShowMemberInfo: withMembers } = input;
  const chosen =
    name === undefined
      ? call.store.list("global-replication-group", { account: call.account, region: "" })
      : [requireGlobal(call, name)];
  const { page: globals, ...next } = page(chosen, input, {
    operation: "DescribeGlobalReplicationGroups",
    keyOf: ({ id }) => id,
  });
  return {
    ...next,
    GlobalReplicationGroups: globals.map((one) => globalShape(call, one, withMembers === true)),
  };
};

/** What operations on a global datastore answer: the datastore as it now is. */
export function answerWithGlobal(
  call: ElastiCacheCall,
  ref: Ref<"global-replication-group">,
): { GlobalReplicationGroup: GlobalReplicationGroup } {
  const global: Resource<"global-replication-group"> | undefined = call.store.get(ref);
  assert(global !== undefined, `${ref.id} is there: it was just written`);
  return { GlobalReplicationGroup: globalShape(call, global, false) };
}
