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

/** The only shard of a group, which every group has while cluster mode is disabled. */
export function onlyShardOf({ spec, id }: Resource<"replication-group">): ShardLayout {
  const [layout] = spec.shards;
  assert(layout !== undefined && spec.shards.length === 1, `${id} has one shard`);
  return layout;
}
