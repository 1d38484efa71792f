import type { CacheClusterSpec } from "./cache-cluster.ts";
import type { CacheSettings, Member } from "./cache-settings.ts";
import type { Launch, NodeSpec, NodeStatus } from "./node.ts";
import { type Home, type Ref, refIn } from "./ref.ts";
import { binaryAtLeast } from "./requested-update.ts";
import type {
  ReplicationGroupSpec,
  ReplicationGroupStatus,
  ShardLayout,
} from "./replication-group.ts";
import type { EndpointKind, ShardSpec, ShardStatus } from "./shard.ts";

/** The kinds of resource that own shards: the front doors. */
export type CacheKind = "replication-group" | "cache-cluster";

/** The only shard of a cache cluster outside any replication group. */
export const onlyShardId = "0001";

/** The ref of a cache's shard. The two front doors have namespaces of their own. */
export function shardRef(
  home: Home,
  cache: CacheKind,
  cacheId: string,
  shardId: string,
): Ref<"shard"> {
  return refIn(home, "shard", `${cache}/${cacheId}/${shardId}`);
}

/** AWS's NodeGroupId of a shard. */
export function shardIdOf(shard: Ref<"shard">): string {
  return shard.id.slice(shard.id.lastIndexOf("/") + 1);
}

/** What one node group of a replication group asks of its shard. */
export function shardOfGroup(group: ReplicationGroupSpec, layout: ShardLayout): ShardSpec {
  return {
    ...engineOf(group),
    members: layout.members,
    clusterMode: group.clusterMode,
    automaticFailover: group.automaticFailover,
    handover: layout.handover,
    upstream: null,
    outside: [],
    heldElsewhere: false,
    // In cluster mode clients learn the nodes' own addresses from the cluster.
    endpoints: group.clusterMode === "enabled" ? [] : ["primary", "reader"],
  };
}

/** What a cache cluster outside any replication group asks of its shard. */
export function shardOfCluster(cluster: CacheClusterSpec): ShardSpec {
  const endpoints: readonly EndpointKind[] =
    cluster.engine === "memcached" ? ["configuration"] : [];
  return {
    ...engineOf(cluster),
    members: cluster.members,
    clusterMode: "disabled",
    automaticFailover: false,
    handover: null,
    upstream: null,
    outside: [],
    heldElsewhere: false,
    endpoints,
  };
}

/** What a shard asks of the node that fills a member's place. */
export function nodeOfMember(
  shard: ShardSpec,
  member: Member,
  parameters: NodeSpec["parameters"],
  launch: Launch,
): NodeSpec {
  const { engine, engineVersion, nodeType, port, subnetGroup } = shard;
  const { clusterId, cacheNodeId, uid, zone } = member;
  const place = { clusterId, cacheNodeId, uid, zone, subnetGroup };
  return { ...place, engine, engineVersion, nodeType, port, parameters, launch };
}

/** The status of a replication group that was only just asked for. */
export const newGroupStatus: ReplicationGroupStatus = {
  state: "creating",
  settledGeneration: 0,
  because: "it was asked for",
  clusterMode: null,
  configuration: null,
  migration: null,
  routes: [],
  slotsHeld: {},
  resharding: null,
};

/** The status of a shard that was only just asked for. */
export const newShardStatus: ShardStatus = {
  state: "creating",
  because: "it was asked for",
  settledGeneration: 0,
  epoch: 0,
  primary: null,
  ready: [],
  readyEpoch: 0,
  joining: {},
  failover: null,
  heir: null,
  returnTo: null,
  handledHandover: 0,
  spare: null,
  upstreamLink: null,
  dataLost: false,
  recovering: [],
  endpoints: {},
  routes: [],
  discovery: null,
};

/** The status of a node that was only just asked for. */
export const newNodeStatus: NodeStatus = {
  state: "placing",
  because: "it was asked for",
  address: null,
  launched: 0,
  process: null,
  launchedAs: null,
  failures: 0,
  startedAt: null,
  crashes: 0,
  retryAt: null,
  parameters: {},
  refusedParameters: {},
  dataOnDisk: false,
  reboots: 0,
};

function engineOf(
  settings: CacheSettings,
): Pick<
  ShardSpec,
  | "engine"
  | "engineVersion"
  | "binaryAtLeast"
  | "nodeType"
  | "port"
  | "subnetGroup"
  | "parameterGroup"
> {
  const { engine, engineVersion, nodeType, port, subnetGroup, parameterGroup, update } = settings;
  const place = { nodeType, port, subnetGroup, parameterGroup };
  return { engine, engineVersion, binaryAtLeast: binaryAtLeast(update), ...place };
}
