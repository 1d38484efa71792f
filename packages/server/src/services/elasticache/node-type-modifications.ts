import { assert } from "../../base/assert.ts";
import { Fault } from "../../aws/fault.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import type { NodeType } from "../../resources/node-type.ts";
import { findNodeType, nodeTypesFor } from "../../resources/node-types.ts";
import { requireCluster } from "./known-clusters.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";

export const listAllowedNodeTypeModifications: Operation<"ListAllowedNodeTypeModifications"> = (
  input,
  call,
) => {
  const { engine, engineVersion, nodeType } = settingsOf(input, call);
  const current = findNodeType(nodeType);
  assert(current !== undefined, `${nodeType} was checked when the cache was created`);
  const others = nodeTypesFor(engine, engineVersion).filter((one) => one !== current);
  // Types of the same size count as larger: what is stored fits for sure.
  const isSmaller = (one: NodeType): boolean => one.maxMemoryBytes < current.maxMemoryBytes;
  return {
    ScaleUpModifications: names(others.filter((one) => !isSmaller(one))),
    ScaleDownModifications: names(others.filter(isSmaller)),
  };
};

function settingsOf(
  input: Input<"ListAllowedNodeTypeModifications">,
  call: ElastiCacheCall,
): CacheSettings {
  const { CacheClusterId: cluster, ReplicationGroupId: group } = input;
  if ((cluster === undefined) === (group === undefined)) {
    throw new Fault(
      "InvalidParameterCombination",
      "Exactly one of CacheClusterId and ReplicationGroupId must be given.",
    );
  }
  return cluster === undefined
    ? requireGroup(call, group).spec
    : requireCluster(call, cluster).settings;
}

function names(nodeTypes: readonly NodeType[]): string[] {
  return nodeTypes.map(({ name }) => name).toSorted();
}
