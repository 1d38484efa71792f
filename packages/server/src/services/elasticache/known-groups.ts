import { Fault } from "../../aws/fault.ts";
import { refIn } from "../../resources/ref.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { assert } from "../../base/assert.ts";
import { storedName } from "./identifiers.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** The replication group of that name. Throws ReplicationGroupNotFoundFault. */
export function requireGroup(
  call: ElastiCacheCall,
  name: string | undefined,
): Resource<"replication-group"> {
  const id = storedName("ReplicationGroupId", name);
  const group = call.store.get(refIn(call, "replication-group", id));
  if (group !== undefined) return group;
  throw new Fault("ReplicationGroupNotFoundFault", `ReplicationGroup ${name} not found.`);
}

/** The shard of that id. Throws NodeGroupNotFoundFault. */
export function requireShard(
  { spec, id }: Resource<"replication-group">,
  shardId: string,
): ShardLayout {
  const layout = spec.shards.find((one) => one.id === shardId);
  if (layout !== undefined) return layout;
  throw new Fault(
    "NodeGroupNotFoundFault",
    `Node group ${shardId} not found in replication group ${id}.`,
  );
}

/** Throws InvalidParameterCombination for a group in cluster mode: `what` is not for those. */
export function requireClusterModeDisabled(
  { spec, id }: Resource<"replication-group">,
  what: string,
): void {
  if (spec.clusterMode === "disabled") return;
  throw new Fault(
    "InvalidParameterCombination",
    `${what} is not supported for replication groups with cluster mode enabled, such as ${id}.`,
  );
}

/** The only shard of a group, which every group has while cluster mode is disabled. */
export function onlyShardOf({ spec, id }: Resource<"replication-group">): ShardLayout {
  const [layout] = spec.shards;
  assert(layout !== undefined && spec.shards.length === 1, `${id} has one shard`);
  return layout;
}
