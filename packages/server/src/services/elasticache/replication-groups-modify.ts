import { Fault } from "../../aws/fault.ts";
import { shardRef } from "../../resources/compile.ts";
import type { ReplicationGroupSpec, ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { requireAvailability } from "./availability.ts";
import { asksForOtherMode, requireNotCompatible, withClusterMode } from "./cluster-mode-change.ts";
import { appendsOnly } from "./cache-settings-input.ts";
import { nextHandover } from "./handover.ts";
import { requireCluster } from "./known-clusters.ts";
import { refuseCommonChange } from "./known-globals.ts";
import { onlyShardOf, requireClusterModeDisabled, requireGroup } from "./known-groups.ts";
import { maintenanceWindow } from "./maintenance-window.ts";
import { primaryOf } from "./members.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { requestedChange } from "./pending-change-input.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { answerWithGroup } from "./replication-groups-describe.ts";
import { checkDescription } from "./replication-groups-create.ts";
import { checkSecurityGroups } from "./security-groups-input.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";

type Group = Resource<"replication-group">;
type ModifyInput = Input<"ModifyReplicationGroup">;

/**
 * Node type and engine wait for the maintenance window unless ApplyImmediately is set; everything
 * else changes at once. NodeGroupId has been without meaning since ElastiCache deprecated it.
 */
export const modifyReplicationGroup: Operation<"ModifyReplicationGroup"> = (input, call) => {
  refuseUnavailable("ModifyReplicationGroup", input);
  return call.store.transaction(() => {
    const group = requireGroup(call, input.ReplicationGroupId);
    refuseCommonChange(call, group, input);
    requireGroupAllows("modify", group.id, groupStateOf(group));
    const spec = asksForOtherMode(group, input.ClusterMode)
      ? withClusterMode(group, input)
      : modifiedSpec(call, group, input);
    call.store.setSpec(group, spec);
    return answerWithGroup(call, group.id);
  });
};

/** The spec of a group as a request changes it. Throws a Fault for what cannot be. */
export function modifiedSpec(
  call: ElastiCacheCall,
  group: Group,
  input: ModifyInput,
): ReplicationGroupSpec {
  const { spec } = group;
  requireNotCompatible(group);
  const change = requestedChange(call, spec, input, (why) => blockedBy(group.id, why));
  const automaticFailover = input.AutomaticFailoverEnabled ?? spec.automaticFailover;
  const multiAz = input.MultiAZEnabled ?? spec.multiAz;
  const wish = { ...spec, automaticFailover, multiAz };
  const appendOnly = appendsOnly(change.parameterGroup) || appendsOnly(change.nextParameterGroup);
  requireAvailability(wish, appendOnly, "modify");
  return {
    ...spec,
    ...{ automaticFailover, multiAz, parameterGroup: change.parameterGroup.name },
    pending: change.pending,
    description:
      input.ReplicationGroupDescription === undefined
        ? spec.description
        : checkDescription(input.ReplicationGroupDescription),
    securityGroupIds: input.SecurityGroupIds
      ? checkSecurityGroups(
          call,
          requireSubnetGroup(call, spec.subnetGroup),
          input.SecurityGroupIds,
        )
      : spec.securityGroupIds,
    maintenanceWindow: input.PreferredMaintenanceWindow
      ? maintenanceWindow(input.PreferredMaintenanceWindow)
      : spec.maintenanceWindow,
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? spec.autoMinorVersionUpgrade,
    shards: input.PrimaryClusterId ? [promoted(call, group, input.PrimaryClusterId)] : spec.shards,
  };
}

function blockedBy(id: string, why: string): Fault {
  return new Fault(
    "InvalidReplicationGroupState",
    `Cannot make this change of replication group ${id} immediately: ${why}.`,
  );
}

/** The shard with a request to make the member of that name its primary. */
function promoted(call: ElastiCacheCall, group: Group, name: string): ShardLayout {
  requireClusterModeDisabled(group, "The parameter PrimaryClusterId");
  const layout = onlyShardOf(group);
  const { id, membership } = requireCluster(call, name);
  if (!layout.members.some((member) => member.clusterId === id)) {
    const where = membership === null ? "in no group" : `in ${membership.group.id}`;
    throw new Fault(
      "InvalidParameterValue",
      `The parameter PrimaryClusterId must name a member of replication group ${group.id}; ` +
        `${id} is ${where}.`,
    );
  }
  if (group.spec.automaticFailover || group.spec.multiAz) {
    throw new Fault(
      "InvalidParameterCombination",
      "The parameter PrimaryClusterId promotes a replica only while Multi-AZ and automatic " +
        "failover are both disabled.",
    );
  }
  const shard = call.store.get(shardRef(call, "replication-group", group.id, layout.id));
  const roles = shard?.status ?? { primary: null, ready: [] };
  if (primaryOf(layout.members, roles)?.clusterId === id) return layout;
  return { ...layout, handover: nextHandover(layout, shard, id, "promote") };
}
