import { isDeepStrictEqual } from "node:util";
import { assert } from "../../base/assert.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { resolveParameters } from "../../resources/parameters/resolve.ts";
import type { KnownCluster } from "./known-clusters.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";

/**
 * The cache node ids of the nodes that run with other parameters than their group now gives them.
 * They take these over at their next reboot.
 */
export function nodesToReboot(call: ElastiCacheCall, cluster: KnownCluster): readonly string[] {
  const { parameterGroup, nodeType: nodeTypeName } = cluster.settings;
  const nodeType = findNodeType(nodeTypeName);
  assert(nodeType !== undefined, `${nodeTypeName} is a known node type`);
  const { family, values } = requireParameterGroup(call, parameterGroup);
  const clusterMode = cluster.membership?.group.spec.clusterMode ?? "disabled";
  const wanted = resolveParameters(family, values, nodeType, clusterMode);
  return cluster.places
    .filter(({ node }) => node !== undefined && node.status.launched > 0)
    .filter(({ node }) => !isDeepStrictEqual(node?.status.parameters, wanted))
    .map(({ member }) => member.cacheNodeId);
}
