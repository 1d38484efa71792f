import { assert } from "../../base/assert.ts";
import type { CacheClusterSpec } from "../../resources/cache-cluster.ts";
import { type CacheSettings, nodeIdOf } from "../../resources/cache-settings.ts";
import {
  newGroupStatus,
  onlyShardId,
  shardOfCluster,
  shardOfGroup,
  shardRef,
} from "../../resources/compile.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import type { Store } from "../../store/store.ts";
import { onlyShardOf } from "./known-groups.ts";
import { primaryOf } from "./members.ts";
import { inheritTags, type Tags } from "./tag-rules.ts";

/*
 * A node can go on under another front door: a stand-alone cluster becomes the primary of a new
 * replication group, or the primary of a deleted group becomes a stand-alone cluster. The node, its
 * process, its address and its password stay as they are; only who owns them changes. Both
 * directions belong into one transaction, so that no reconciler ever sees half of it.
 */

/**
 * Makes `cluster` the only member of a new group. The group's spec holds its member.
 * @param tags of the group; the member has them beside its own
 */
export function adoptPrimary(
  store: Store,
  cluster: Resource<"cache-cluster">,
  groupId: string,
  spec: ReplicationGroupSpec,
  tags: Tags,
): void {
  const [layout] = spec.shards;
  assert(layout !== undefined, "a group has a shard");
  const oldShard = requireShard(store, shardRef(cluster, "cache-cluster", cluster.id, onlyShardId));
  const newShard = shardRef(cluster, "replication-group", groupId, layout.id);
  const group = refIn(cluster, "replication-group", groupId);
  const nodes = store.ownedBy("node", oldShard);
  const ownTags = store.tags(cluster);

  store.moveSecret(cluster, group);
  // The old shard goes first: it holds the claims on the addresses that the new one takes over.
  store.remove(oldShard);
  store.remove(cluster);
  const because = `it is made around cache cluster ${cluster.id}`;
  store.create(group, spec, { ...newGroupStatus, because }, null);
  store.create(newShard, shardOfGroup(spec, layout), carriedOver(oldShard.status, because), group);
  store.setTags(group, tags);
  for (const node of nodes) {
    store.setOwner(node, newShard);
    store.setTags(node, ownTags);
    inheritTags(store, tags, [node]);
  }
}

/**
 * Makes the primary of `group` a cache cluster of its own, and marks the rest of the group to go.
 * Returns the cluster's id.
 */
export function retainPrimary(store: Store, group: Resource<"replication-group">): string {
  const layout = onlyShardOf(group);
  const oldShard = requireShard(store, shardRef(group, "replication-group", group.id, layout.id));
  const primary = primaryOf(layout.members, oldShard.status);
  assert(primary !== undefined, `${group.id} has a primary`);
  const node = store.get(refIn(group, "node", nodeIdOf(primary)));
  assert(node !== undefined, `the primary of ${group.id} has a node`);
  const cluster = refIn(group, "cache-cluster", primary.clusterId);
  const newShard = shardRef(group, "cache-cluster", cluster.id, onlyShardId);
  const spec: CacheClusterSpec = {
    ...settingsOf(group.spec),
    ...{ members: [primary], azMode: "single-az", pendingNodes: null },
  };

  store.moveSecret(group, cluster);
  const replicas = layout.members.filter((member) => member !== primary);
  const rest = { ...layout, members: replicas, handover: null };
  const groupSpec = { ...group.spec, shards: [rest], automaticFailover: false, multiAz: false };
  store.setSpec(group, groupSpec);
  store.setSpec(oldShard, shardOfGroup(groupSpec, rest));
  // The retained engine still listens on the group's endpoints, so their addresses go with it: its
  // own shard gives them up after it made the engine leave them.
  store.setStatus(oldShard, { ...oldShard.status, primary: null, ready: [], endpoints: {} });
  const because = `it was retained when replication group ${group.id} was deleted`;
  // Created empty, which is settled at once; taking over the node is its first change. So it is
  // "modifying", as on AWS, and not taken for a cache that is only being made.
  const status = { state: "modifying", settledGeneration: 1, because } as const;
  store.create(cluster, { ...spec, members: [] }, status, null);
  store.setSpec(cluster, spec);
  const shardStatus = { ...carriedOver(oldShard.status, because), ready: [] };
  store.create(newShard, shardOfCluster(spec), shardStatus, cluster);
  store.setOwner(node, newShard);
  store.setTags(cluster, store.tags(node));
  store.setTags(node, new Map());
  // Marked together with the group: a shard without its primary must not be failed over meanwhile.
  store.markDeleting(oldShard);
  store.markDeleting(group);
  return cluster.id;
}

/**
 * What stays true of a shard under its new owner, which counts generations and handovers anew. The
 * gateway knows the routes by the old name: they end with the old shard.
 */
function carriedOver(status: ShardStatus, because: string): ShardStatus {
  const anew = { settledGeneration: 0, handledHandover: 0, routes: [] };
  return { ...status, ...anew, state: "modifying", because };
}

/** What caches of both front doors have in common. */
export function settingsOf(spec: CacheSettings): CacheSettings {
  return {
    engine: spec.engine,
    engineVersion: spec.engineVersion,
    nodeType: spec.nodeType,
    port: spec.port,
    parameterGroup: spec.parameterGroup,
    subnetGroup: spec.subnetGroup,
    securityGroupIds: spec.securityGroupIds,
    maintenanceWindow: spec.maintenanceWindow,
    autoMinorVersionUpgrade: spec.autoMinorVersionUpgrade,
    update: spec.update,
    pending: spec.pending,
  };
}

function requireShard(store: Store, ref: Ref<"shard">): Resource<"shard"> {
  const shard = store.get(ref);
  assert(shard !== undefined, `${ref.id} is there`);
  return shard;
}
