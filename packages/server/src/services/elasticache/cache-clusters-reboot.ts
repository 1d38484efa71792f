import { Fault } from "../../aws/fault.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { requireClusterAllows, requireGroupAllows } from "./allowed-in.ts";
import { answerWithCluster } from "./cache-clusters-describe.ts";
import { required } from "./identifiers.ts";
import { type KnownCluster, requireCluster } from "./known-clusters.ts";
import { onlyShardOf, requireClusterModeDisabled } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { groupStateOf } from "./states.ts";

export const rebootCacheCluster: Operation<"RebootCacheCluster"> = (input, call) => {
  refuseUnavailable("RebootCacheCluster", input);
  const nodeIds = required("CacheNodeIdsToReboot", input.CacheNodeIdsToReboot);
  return call.store.transaction(() => {
    const cluster = requireCluster(call, input.CacheClusterId);
    requireClusterAllows("reboot", cluster.id, cluster.state);
    requireNodes(cluster, nodeIds);
    askForReboot(call, cluster, nodeIds);
    return answerWithCluster(call, cluster.id);
  });
};

function requireNodes({ id, places }: KnownCluster, nodeIds: readonly string[]): void {
  const all = places.map(({ member }) => member.cacheNodeId);
  const unknown = nodeIds.find((nodeId) => !all.includes(nodeId));
  if (nodeIds.length > 0 && unknown === undefined) return;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter CacheNodeIdsToReboot must name nodes of cache cluster " +
      `${id}: ${all.join(", ")}.`,
  );
}

function askForReboot(
  call: ElastiCacheCall,
  { id, own, membership }: KnownCluster,
  nodeIds: readonly string[],
): void {
  const rebooted = (member: Member): Member =>
    member.clusterId === id && nodeIds.includes(member.cacheNodeId)
      ? { ...member, reboots: member.reboots + 1 }
      : member;
  if (own !== null) {
    call.store.setSpec(own, { ...own.spec, members: own.spec.members.map(rebooted) });
  }
  if (membership !== null) {
    const { group } = membership;
    requireClusterModeDisabled(group, "RebootCacheCluster");
    requireGroupAllows("reboot a node of", group.id, groupStateOf(group));
    const layout = onlyShardOf(group);
    const shards = [{ ...layout, members: layout.members.map(rebooted) }];
    call.store.setSpec(group, { ...group.spec, shards });
  }
}
