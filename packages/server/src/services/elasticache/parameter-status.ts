import { assert } from "../../base/assert.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { parameterChanges } from "../../resources/parameters/changes.ts";
import { resolveParameters } from "../../resources/parameters/resolve.ts";
import type { KnownCluster } from "./known-clusters.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";

/** How far a node is with the parameters of its group, as the API writes it. */
export type ApplyStatus = "in-sync" | "applying" | "pending-reboot";

/** How far the nodes of a cluster are with the parameters of their group. */
export interface ParameterStatus {
  readonly status: ApplyStatus;
  /** By cache node id; a node that has not been started yet has no entry. */
  readonly byNode: ReadonlyMap<string, ApplyStatus>;
  /** Cache node ids of those that run with parameters which only their next start can change. */
  readonly toReboot: readonly string[];
}

/** Compares what a cluster's nodes run with with what its parameter group gives them now. */
export function parameterStatus(call: ElastiCacheCall, cluster: KnownCluster): ParameterStatus {
  const { parameterGroup, nodeType: nodeTypeName } = cluster.settings;
  const nodeType = findNodeType(nodeTypeName);
  assert(nodeType !== undefined, `${nodeTypeName} is a known node type`);
  const { family, values } = requireParameterGroup(call, parameterGroup);
  const clusterMode = cluster.membership?.group.spec.clusterMode ?? "disabled";
  const wanted = resolveParameters(family, values, nodeType, clusterMode);
  const changes = cluster.places.flatMap(({ member, node }) => {
    if (node === undefined || node.status.launched === 0) return [];
    const ofNode = parameterChanges(family, node.status.parameters, wanted);
    return [[member.cacheNodeId, ofNode] as const];
  });
  const byNode = new Map(
    changes.map(([id, { immediate, atReboot }]): [string, ApplyStatus] => {
      if (immediate.length > 0) return [id, "applying"];
      return [id, atReboot.length > 0 ? "pending-reboot" : "in-sync"];
    }),
  );
  const statuses = [...byNode.values()];
  const worst = (["applying", "pending-reboot"] as const).find((one) => statuses.includes(one));
  const toReboot = changes.filter(([, { atReboot }]) => atReboot.length > 0).map(([id]) => id);
  return { status: worst ?? "in-sync", byNode, toReboot };
}
