import { Fault } from "../../aws/fault.ts";
import type { CacheClusterSpec, PendingNodes } from "../../resources/cache-cluster.ts";
import { withNodesChanged } from "../../resources/pending-nodes.ts";
import type { Resource } from "../../resources/resource.ts";
import { requireClusterAllows } from "./allowed-in.ts";
import { checkAzMode, requireSeveralZones } from "./cache-clusters-create.ts";
import { answerWithCluster } from "./cache-clusters-describe.ts";
import { type KnownCluster, requireCluster } from "./known-clusters.ts";
import { maintenanceWindow } from "./maintenance-window.ts";
import { requestedNodes } from "./node-count-change.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { requestedChange } from "./pending-change-input.ts";
import { quotas, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { checkSecurityGroups } from "./security-groups-input.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import { checkZones, isOneZone, zonesIn } from "./zones.ts";

type ModifyInput = Input<"ModifyCacheCluster">;

export const modifyCacheCluster: Operation<"ModifyCacheCluster"> = (input, call) => {
  refuseUnavailable("ModifyCacheCluster", input);
  return call.store.transaction(() => {
    const cluster = requireCluster(call, input.CacheClusterId);
    const own = requireOwn(cluster);
    requireClusterAllows("modify", cluster.id, cluster.state);
    const spec = modifiedSettings(call, own, input);
    call.store.setSpec(own, modifiedNodes(call, cluster, spec, input));
    return answerWithCluster(call, cluster.id);
  });
};

/** Members are changed through their group, which would only undo what was done behind its back. */
function requireOwn({ id, own, membership }: KnownCluster): Resource<"cache-cluster"> {
  if (own !== null) return own;
  throw new Fault(
    "InvalidParameterCombination",
    `Cache cluster ${id} is a member of replication group ${membership?.group.id}: use ` +
      "ModifyReplicationGroup.",
  );
}

/** Node type and engine with ApplyImmediately or in the maintenance window; the rest at once. */
function modifiedSettings(
  call: ElastiCacheCall,
  { id, spec }: Resource<"cache-cluster">,
  input: ModifyInput,
): CacheClusterSpec {
  const { pending, parameterGroup } = requestedChange(call, spec, input, (why) =>
    blockedBy(id, why),
  );
  const subnetGroup = requireSubnetGroup(call, spec.subnetGroup);
  const azMode = modifiedAzMode(spec, input);
  if (azMode === "cross-az") requireSeveralZones(subnetGroup);
  return {
    ...spec,
    azMode,
    pending,
    parameterGroup: parameterGroup.name,
    securityGroupIds: input.SecurityGroupIds
      ? checkSecurityGroups(call, subnetGroup, input.SecurityGroupIds)
      : spec.securityGroupIds,
    maintenanceWindow: input.PreferredMaintenanceWindow
      ? maintenanceWindow(input.PreferredMaintenanceWindow)
      : spec.maintenanceWindow,
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? spec.autoMinorVersionUpgrade,
  };
}

function blockedBy(id: string, why: string): Fault {
  return new Fault(
    "InvalidCacheClusterState",
    `Cannot make this change of cache cluster ${id} immediately: ${why}.`,
  );
}

function modifiedAzMode(spec: CacheClusterSpec, input: ModifyInput): CacheClusterSpec["azMode"] {
  const azMode = checkAzMode(input.AZMode) ?? spec.azMode;
  if (azMode === "single-az") {
    const places = [...spec.members, ...(spec.pendingNodes?.add ?? [])];
    if (isOneZone(places.flatMap(({ zone }) => (zone === null ? [] : [zone])))) return azMode;
    throw contradiction("AZMode cannot be single-az: the nodes are in several availability zones.");
  }
  if (spec.engine !== "memcached") {
    throw contradiction(`AZMode cross-az is for memcached clusters; the engine is ${spec.engine}.`);
  }
  const count = Math.max(input.NumCacheNodes ?? 0, spec.members.length);
  if (count < 2) throw contradiction("AZMode cross-az needs at least 2 nodes.");
  return azMode;
}

/** The spec with its nodes added and removed, or with what waits for the maintenance window. */
function modifiedNodes(
  call: ElastiCacheCall,
  cluster: KnownCluster,
  spec: CacheClusterSpec,
  input: ModifyInput,
): CacheClusterSpec {
  requireNodeCount(spec, input);
  const subnetGroup = requireSubnetGroup(call, spec.subnetGroup);
  const request = {
    count: input.NumCacheNodes,
    remove: input.CacheNodeIdsToRemove ?? [],
    zones: checkZones(call, subnetGroup, "NewAvailabilityZones", input.NewAvailabilityZones ?? []),
    azMode: spec.azMode,
  };
  const change = requestedNodes(spec, request, zonesIn(subnetGroup));
  requireRoomForNodes(call, added(change) - added(spec.pendingNodes));
  if (change === null || input.ApplyImmediately !== true) return { ...spec, pendingNodes: change };
  const taken = new Set(cluster.leaving.map((node) => node.spec.cacheNodeId));
  return withNodesChanged(spec, change, taken, call.now);
}

function requireNodeCount(
  { engine }: CacheClusterSpec,
  { NumCacheNodes: count, CacheNodeIdsToRemove: remove, NewAvailabilityZones: zones }: ModifyInput,
): void {
  if (engine !== "memcached") {
    const isIdle = !remove?.length && !zones?.length && (count === undefined || count === 1);
    if (isIdle) return;
    throw contradiction(
      `A ${engine} cache cluster has exactly one node: its number cannot change.`,
    );
  }
  if (count === undefined) return;
  if (!Number.isInteger(count) || count < 1) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter NumCacheNodes must be at least 1; it is ${count}.`,
    );
  }
  requireWithin(quotas.nodesPerMemcachedCluster, count);
}

function added(change: PendingNodes | null): number {
  return change?.add.length ?? 0;
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
