import { assert } from "../base/assert.ts";
import type { LaunchRequest } from "../engine/engine.ts";
import type { CacheKind } from "../resources/compile.ts";
import { type Ref, refKey } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";
import type { Upstream } from "../resources/upstream.ts";
import type { Store } from "../store/store.ts";

/** The cache that a shard belongs to. */
export function cacheOfShard(shard: Resource<"shard">): Ref<CacheKind> {
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

/** What a node of `cache` logs in with at an upstream; null where it must not log in at all. */
export function upstreamPassword(
  store: Store,
  upstream: Upstream,
  cache: Ref<CacheKind>,
): string | null {
  switch (upstream.kind) {
    case "foreign":
      return null;
    case "cache":
      return store.controlPassword(upstream.cache);
    case "none":
      return store.controlPassword(cache);
  }
}

/** Whom a node follows from its start, and what it logs in with there. */
export function followedAtStart(
  store: Store,
  node: Resource<"node">,
  cache: Ref<CacheKind>,
): Pick<LaunchRequest, "following" | "followingPassword"> {
  const { following, upstream } = node.spec.launch;
  if (upstream === null) return { following };
  const address = upstream.kind === "none" ? node.status.address : upstream.address;
  return { following: address, followingPassword: upstreamPassword(store, upstream, cache) };
}
