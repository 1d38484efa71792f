import { assert } from "../base/assert.ts";
import type { CacheKind } from "../resources/compile.ts";
import { type Ref, refKey } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";
import type { Store } from "../store/store.ts";

/** The cache that a shard belongs to. */
function cacheOfShard(shard: Resource<"shard">): Ref<CacheKind> {
  const { owner } = shard;
  assert(
    owner?.kind === "replication-group" || owner?.kind === "cache-cluster",
    `${refKey(shard)} belongs to no cache`,
  );
  return owner as Ref<CacheKind>;
}

/** The cache that a node belongs to. */
export function cacheOfNode(store: Store, node: Resource<"node">): Ref<CacheKind> {
  const shard = node.owner?.kind === "shard" ? store.get(node.owner as Ref<"shard">) : undefined;
  assert(shard !== undefined, `${refKey(node)} belongs to no shard`);
  return cacheOfShard(shard);
}
