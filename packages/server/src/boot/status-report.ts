import type { Fleet } from "../reconcile/fleet.ts";
import { formatAddress } from "../resources/address.ts";
import { clientsKnowClusters } from "../resources/cluster-mode.ts";
import { type CacheKind, shardIdOf } from "../resources/compile.ts";
import { refKey } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";
import type {
  CacheReport,
  NodeReport,
  ShardReport,
  StatusReport,
} from "../resources/status-report.ts";
import type { Store } from "../store/store.ts";

/** What `larder status` shows: every cache of every region, down to its nodes. */
export function statusReport(
  store: Store,
  fleet: Fleet,
  server: Pick<StatusReport, "version" | "region">,
): StatusReport {
  const caches = [
    ...store.listAll("replication-group"),
    ...store.listAll("cache-cluster"),
  ] as readonly Resource<CacheKind>[];
  return { ...server, caches: caches.map((cache) => cacheReport(store, fleet, cache)) };
}

function cacheReport(store: Store, fleet: Fleet, cache: Resource<CacheKind>): CacheReport {
  const shards = store.ownedBy("shard", cache);
  const endpoints = shards.flatMap((shard) => {
    // Those of a cluster's shards are for whoever follows these in another region.
    if (clientsKnowClusters(shard.spec.clusterMode)) return [];
    return Object.entries(shard.status.endpoints).map(([kind, one]) => [kind, formatAddress(one)]);
  });
  const { spec, status } = cache;
  const configuration = "configuration" in status ? status.configuration : null;
  if (configuration !== null) endpoints.push(["configuration", formatAddress(configuration)]);
  return {
    region: cache.region,
    id: cache.id,
    engine: `${spec.engine} ${spec.engineVersion}`,
    state: status.state,
    because: status.because,
    endpoints: Object.fromEntries(endpoints) as Record<string, string>,
    shards: shards.map((shard) => shardReport(store, fleet, shard)),
  };
}

function shardReport(store: Store, fleet: Fleet, shard: Resource<"shard">): ShardReport {
  const nodes = store.ownedBy("node", shard);
  return { id: shardIdOf(shard), nodes: nodes.map((node) => nodeReport(fleet, shard, node)) };
}

function nodeReport(fleet: Fleet, shard: Resource<"shard">, node: Resource<"node">): NodeReport {
  const { status, spec } = node;
  const sample = fleet.reading(node)?.sample ?? null;
  const replicates = shard.status.primary !== null;
  const role = node.id === shard.status.primary ? "primary" : "replica";
  return {
    id: refKey(node).endsWith(".0001") && replicates ? spec.clusterId : node.id,
    role: replicates ? role : "-",
    zone: spec.zone,
    state: status.state,
    address: status.address === null ? null : formatAddress(status.address),
    pid: status.process?.pid ?? null,
    usedMemoryBytes: sample?.usedMemoryBytes ?? null,
    maxMemoryBytes: sample?.maxMemoryBytes ?? null,
    opsPerSecond: sample?.opsPerSecond ?? null,
  };
}
