import { Fault } from "../../aws/fault.ts";
import type { Address } from "../../resources/address.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import { onlyShardId } from "../../resources/compile.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ClusterState } from "./allowed-in.ts";
import { type Place, ShardReader, type ShardView } from "./cache-view.ts";
import { storedName } from "./identifiers.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { clusterStateOf, memberStateOf } from "./states.ts";

/** A cache cluster as the API shows it, whichever resource it is kept in. */
export interface KnownCluster {
  readonly id: string;
  readonly settings: CacheSettings;
  readonly state: ClusterState;
  /** ISO time. */
  readonly createdAt: string;
  /** Its nodes; none when it is a member that is leaving its group. */
  readonly places: readonly Place[];
  readonly leaving: readonly Resource<"node">[];
  /** Memcached: where the membership is discovered. */
  readonly configuration: Address | null;
  /** Its own resource; null for a member of a replication group. */
  readonly own: Resource<"cache-cluster"> | null;
  readonly membership: Membership | null;
}

/** The place of a cache cluster in a replication group. */
export interface Membership {
  readonly group: Resource<"replication-group">;
  readonly layout: ShardLayout;
  readonly shard: Resource<"shard"> | undefined;
}

/** Every cache cluster of the caller's account and region, in order of id. */
export function knownClusters(call: ElastiCacheCall): readonly KnownCluster[] {
  const reader = new ShardReader(call.store, call);
  const own = call.store.list("cache-cluster", call).map((one) => ownCluster(reader, one));
  const members = call.store
    .list("replication-group", call)
    .flatMap((group) => membersOf(reader, group));
  return [...own, ...members].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The ids that no new cache cluster may have. */
export function takenClusterIds(call: ElastiCacheCall): ReadonlySet<string> {
  return new Set(knownClusters(call).map(({ id }) => id));
}

/** The cache cluster of that name. Throws CacheClusterNotFound. */
export function requireCluster(call: ElastiCacheCall, name: string | undefined): KnownCluster {
  const id = storedName("CacheClusterId", name);
  const cluster = knownClusters(call).find((one) => one.id === id);
  if (cluster !== undefined) return cluster;
  throw new Fault("CacheClusterNotFound", `CacheCluster not found: ${name}`);
}

/** Throws CacheClusterAlreadyExists when the id, in lower case, is taken. */
export function requireFreeClusterId(call: ElastiCacheCall, id: string): void {
  if (!takenClusterIds(call).has(id)) return;
  throw new Fault("CacheClusterAlreadyExists", `Cache cluster ${id} already exists.`);
}

function ownCluster(reader: ShardReader, own: Resource<"cache-cluster">): KnownCluster {
  const { id, spec, createdAt } = own;
  const { shard, places, leaving } = reader.read("cache-cluster", id, onlyShardId, spec.members);
  return {
    ...{ id, settings: spec, createdAt, places, leaving, own, membership: null },
    state: clusterStateOf(own, places),
    configuration: shard?.status.endpoints.configuration ?? null,
  };
}

function membersOf(
  reader: ShardReader,
  group: Resource<"replication-group">,
): readonly KnownCluster[] {
  return group.spec.shards.flatMap((layout) => {
    const view = reader.read("replication-group", group.id, layout.id, layout.members);
    const membership = { group, layout, shard: view.shard };
    return [
      ...view.places.map((place) => memberCluster(membership, view, place)),
      ...view.leaving.map((node) => leavingCluster(membership, node)),
    ];
  });
}

function memberCluster(membership: Membership, view: ShardView, place: Place): KnownCluster {
  const { group } = membership;
  const { clusterId: id, createdAt } = place.member;
  return {
    ...{ id, settings: group.spec, createdAt, places: [place], leaving: [], membership },
    ...{ own: null, configuration: null, state: memberStateOf(group, view, place) },
  };
}

function leavingCluster(membership: Membership, node: Resource<"node">): KnownCluster {
  const { spec, createdAt } = node;
  return {
    ...{ id: spec.clusterId, settings: membership.group.spec, createdAt, membership },
    ...{ own: null, configuration: null, places: [], leaving: [node], state: "deleting" },
  };
}
