import { Fault } from "../../aws/fault.ts";
import { newMember, onlyCacheNodeId, spreadOver } from "../../resources/new-members.ts";
import { requireGroupAllows } from "./allowed-in.ts";
import { onlyShardOf, requireClusterModeDisabled, requireGroup } from "./known-groups.ts";
import { tagNewMembers } from "./member-tags.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { quotas, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { addMembers } from "./replica-count.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import { validateTags } from "./tag-rules.ts";
import { checkZone, zonesIn } from "./zones.ts";

type CreateInput = Input<"CreateCacheCluster">;

/** All that a request for a replica may say: the rest it has from its group. */
const ofReplicas: readonly (keyof CreateInput)[] = [
  "CacheClusterId",
  "ReplicationGroupId",
  "PreferredAvailabilityZone",
  "Tags",
];

/** Adds a replica of a name of its own to a replication group. */
export function createReplica(call: ElastiCacheCall, id: string, input: CreateInput): void {
  const group = requireGroup(call, input.ReplicationGroupId);
  requireGroupAllows("change the number of replicas of", group.id, groupStateOf(group));
  requireClusterModeDisabled(group, "CreateCacheCluster with ReplicationGroupId");
  refuseOtherSettings(input, group.spec.autoMinorVersionUpgrade);
  const { id: shardId, members } = onlyShardOf(group);
  requireWithin(quotas.nodesPerShard, members.length + 1);
  requireRoomForNodes(call, 1);
  const used = members.map(({ zone }) => zone);
  const subnetGroup = requireSubnetGroup(call, group.spec.subnetGroup);
  const zone = input.PreferredAvailabilityZone
    ? checkZone(call, subnetGroup, "PreferredAvailabilityZone", input.PreferredAvailabilityZone)
    : (spreadOver(zonesIn(subnetGroup), used, 1)[0] ?? "");
  const tags = validateTags(input.Tags);
  const member = newMember(id, onlyCacheNodeId, zone, call.now);
  addMembers(call, group, [{ shardId, member }]);
  tagNewMembers(call, [member], new Map([...call.store.tags(group), ...tags]));
}

// Terraform always sends AutoMinorVersionUpgrade; what the group has anyway is let pass.
function refuseOtherSettings(input: CreateInput, autoMinorVersionUpgrade: boolean): void {
  const other = Object.entries(input).find(
    ([parameter, value]) =>
      !ofReplicas.some((one) => one === parameter) &&
      value !== undefined &&
      !(parameter === "AutoMinorVersionUpgrade" && value === autoMinorVersionUpgrade),
  );
  if (other === undefined) return;
  throw new Fault(
    "InvalidParameterCombination",
    "Cannot specify additional cache cluster parameters when creating a replica cluster: " +
      `${other[0]} is one.`,
  );
}
