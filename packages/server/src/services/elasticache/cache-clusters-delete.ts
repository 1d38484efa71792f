import { Fault } from "../../aws/fault.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { requireClusterAllows, requireGroupAllows } from "./allowed-in.ts";
import { answerWithLeaving } from "./cache-clusters-describe.ts";
import { type KnownCluster, requireCluster } from "./known-clusters.ts";
import { requireClusterModeDisabled } from "./known-groups.ts";
import { primaryOf } from "./members.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { removeReplicas, rolesIn } from "./replica-count.ts";
import { groupStateOf } from "./states.ts";

export const deleteCacheCluster: Operation<"DeleteCacheCluster"> = (input, call) =>
  call.store.transaction(() => {
    const cluster = requireCluster(call, input.CacheClusterId);
    if (input.FinalSnapshotIdentifier && cluster.settings.engine === "memcached") {
      throw new Fault(
        "SnapshotFeatureNotSupportedFault",
        "The parameter FinalSnapshotIdentifier is not for memcached, which has no backups.",
      );
    }
    refuseUnavailable("DeleteCacheCluster", input);
    requireClusterAllows("delete", cluster.id, cluster.state);
    if (cluster.own === null) deleteReplica(call, cluster);
    else call.store.markDeleting(cluster.own);
    return answerWithLeaving(call, cluster);
  });

/** Removes a replica from its group. The primary, and the last replica, stay with the group. */
function deleteReplica(call: ElastiCacheCall, cluster: KnownCluster): void {
  const { id, membership, places } = cluster;
  const member: Member | undefined = places[0]?.member;
  if (membership === null || member === undefined) return;
  const { group, layout } = membership;
  requireClusterModeDisabled(group, "DeleteCacheCluster of a member");
  requireGroupAllows("change the number of replicas of", group.id, groupStateOf(group));
  if (primaryOf(layout.members, rolesIn(call, group, layout)) === member) {
    throw new Fault(
      "InvalidCacheClusterState",
      `Cluster ${id} is serving as primary for replication group ${group.id} and cannot be deleted.`,
    );
  }
  if (layout.members.length <= 2) {
    throw new Fault(
      "InvalidCacheClusterState",
      `Cluster ${id} is the last replica of replication group ${group.id} and cannot be deleted; ` +
        "use DecreaseReplicaCount.",
    );
  }
  removeReplicas(call, group, [member]);
}
