import { Fault } from "../../aws/fault.ts";
import { type CacheKind, onlyShardId } from "../../resources/compile.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ServiceUpdate } from "../../resources/service-update.ts";
import {
  type UpdatableCache,
  updatableCache,
  type UpdateAction,
  updateActionOf,
} from "../../resources/update-action.ts";
import { ShardReader, type ShardView } from "./cache-view.ts";
import { requireCluster } from "./known-clusters.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** A cache of either front door, with what there is of it. */
export type KnownCache = KnownOf<"replication-group"> | KnownOf<"cache-cluster">;

interface KnownOf<K extends CacheKind> {
  readonly kind: K;
  readonly cache: Resource<K>;
  /** With the id of the node group that each is. */
  readonly shards: readonly KnownShard[];
  readonly updatable: UpdatableCache;
}

type KnownShard = ShardView & { readonly id: string };

/** Every cache of the caller's account and region: groups, then clusters outside of them, by id. */
export function knownCaches(call: ElastiCacheCall): readonly KnownCache[] {
  const reader = new ShardReader(call.store, call);
  return [
    ...call.store.list("replication-group", call).map((one) => readGroup(reader, one)),
    ...call.store.list("cache-cluster", call).map((one) => readCluster(reader, one)),
  ];
}

/** The replication group of that name. Throws ReplicationGroupNotFoundFault. */
export function requireGroupCache(call: ElastiCacheCall, name: string): KnownCache {
  return readGroup(new ShardReader(call.store, call), requireGroup(call, name));
}

/** The cluster of that name, which must be in no group. Throws a Fault. */
export function requireClusterCache(call: ElastiCacheCall, name: string): KnownCache {
  const { own, membership } = requireCluster(call, name);
  if (own !== null) return readCluster(new ShardReader(call.store, call), own);
  throw new Fault(
    "InvalidParameterValue",
    `Cache cluster ${name} is a member of replication group ${membership?.group.id ?? ""}, which ` +
      "takes service updates as a whole: name it in ReplicationGroupIds.",
  );
}

/** What the update means to the cache as it now is; null when nothing. */
export function actionOf(
  call: ElastiCacheCall,
  { updatable }: KnownCache,
  update: ServiceUpdate,
): UpdateAction | null {
  return updateActionOf(updatable, update, call.now);
}

/** The cache with what was just written. */
export function readAgain(call: ElastiCacheCall, { kind, cache }: KnownCache): KnownCache {
  const read = kind === "replication-group" ? requireGroupCache : requireClusterCache;
  return read(call, cache.id);
}

function readGroup(reader: ShardReader, cache: Resource<"replication-group">): KnownCache {
  const shards = cache.spec.shards.map(({ id, members }) => ({
    id,
    ...reader.read("replication-group", cache.id, id, members),
  }));
  return { kind: "replication-group", cache, shards, updatable: updatableOf(cache, shards) };
}

function readCluster(reader: ShardReader, cache: Resource<"cache-cluster">): KnownCache {
  const view = reader.read("cache-cluster", cache.id, onlyShardId, cache.spec.members);
  const shards = [{ id: onlyShardId, ...view }];
  return { kind: "cache-cluster", cache, shards, updatable: updatableOf(cache, shards) };
}

function updatableOf(cache: Resource<CacheKind>, shards: readonly KnownShard[]): UpdatableCache {
  const nodes = shards.flatMap(({ places }) => places.map(({ node }) => node));
  const found = shards.map(({ shard }) => shard);
  return updatableCache(cache, found, nodes);
}
