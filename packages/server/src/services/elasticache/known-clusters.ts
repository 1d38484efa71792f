import { Fault } from "../../aws/fault.ts";
import type { Address } from "../../resources/address.ts";
import { assert } from "../../base/assert.ts";
import type { CacheSettings, Member } from "../../resources/cache-settings.ts";
import { onlyShardId, shardIdOf } from "../../resources/compile.ts";
import type { Ref } from "../../resources/ref.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ClusterState } from "./allowed-in.ts";
import { type Place, ShardReader } from "./cache-view.ts";
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

/** A cache cluster by its id, read when somebody wants to see it: one of a page, or of one name. */
export interface ListedCluster {
  readonly id: string;
  readonly isMember: boolean;
  read(): KnownCluster;
}

/** Every cache cluster of the caller's account and region. */
export function listClusters(call: ElastiCacheCall): readonly ListedCluster[] {
  const reader = new ShardReader(call.store, call);
  const own = call.store.list("cache-cluster", call).map((one) => ({
    id: one.id,
    isMember: false,
    read: () => ownCluster(reader, one),
  }));
  const members = call.store.list("replication-group", call).flatMap((group) =>
    group.spec.shards.flatMap((layout) =>
      layout.members.map((member) => ({
        id: member.clusterId,
        isMember: true,
        read: () => memberCluster(reader, group, layout, member),
      })),
    ),
  );
  const known = [...own, ...members];
  return [...known, ...leavingClusters(call, new Set(known.map(({ id }) => id)))];
}

/** The ids that no new cache cluster may have. */
export function takenClusterIds(call: ElastiCacheCall): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { id } of call.store.list("cache-cluster", call)) taken.add(id);
  for (const { spec } of call.store.list("replication-group", call)) {
    for (const { members } of spec.shards) {
      for (const { clusterId } of members) taken.add(clusterId);
    }
  }
  // A node that is on its way out has its name until it is gone.
  for (const { spec } of call.store.list("node", call)) taken.add(spec.clusterId);
  return taken;
}

/** The cache cluster of that name. Throws CacheClusterNotFound. */
export function requireCluster(call: ElastiCacheCall, name: string | undefined): KnownCluster {
  const id = storedName("CacheClusterId", name);
  const cluster = listClusters(call).find((one) => one.id === id);
  if (cluster !== undefined) return cluster.read();
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

function memberCluster(
  reader: ShardReader,
  group: Resource<"replication-group">,
  layout: ShardLayout,
  member: Member,
): KnownCluster {
  const view = reader.read("replication-group", group.id, layout.id, layout.members);
  const place = view.places.find((one) => one.member === member);
  assert(place !== undefined, `${member.clusterId} has a place in ${group.id}`);
  const { clusterId: id, createdAt } = member;
  const membership = { group, layout, shard: view.shard };
  return {
    ...{ id, settings: group.spec, createdAt, places: [place], leaving: [], membership },
    ...{ own: null, configuration: null, state: memberStateOf(group, view, place) },
  };
}

/** Members that no group asks for any more, as long as their nodes are there. */
function leavingClusters(
  call: ElastiCacheCall,
  known: ReadonlySet<string>,
): readonly ListedCluster[] {
  const gone = call.store.list("node", call).filter(({ spec }) => !known.has(spec.clusterId));
  return gone.flatMap((node) => {
    const membership = formerMembership(call, node);
    if (membership === null) return [];
    const read = () => leavingCluster(membership, node);
    return [{ id: node.spec.clusterId, isMember: true, read }];
  });
}

/** The node group that the node still belongs to; null when that is not asked for either. */
function formerMembership(call: ElastiCacheCall, node: Resource<"node">): Membership | null {
  const shard = node.owner === null ? undefined : call.store.get(node.owner as Ref<"shard">);
  if (shard?.owner?.kind !== "replication-group") return null;
  const group = call.store.get(shard.owner as Ref<"replication-group">);
  const layout = group?.spec.shards.find(({ id }) => id === shardIdOf(shard));
  return group === undefined || layout === undefined ? null : { group, layout, shard };
}

function leavingCluster(membership: Membership, node: Resource<"node">): KnownCluster {
  const { spec, createdAt } = node;
  return {
    ...{ id: spec.clusterId, settings: membership.group.spec, createdAt, membership },
    ...{ own: null, configuration: null, places: [], leaving: [node], state: "deleting" },
  };
}
