import { createCacheCluster } from "@larder/server/services/elasticache/cache-clusters-create.ts";
import { deleteCacheCluster } from "@larder/server/services/elasticache/cache-clusters-delete.ts";
import { modifyCacheCluster } from "@larder/server/services/elasticache/cache-clusters-modify.ts";
import { rebootCacheCluster } from "@larder/server/services/elasticache/cache-clusters-reboot.ts";
import { createCacheParameterGroup } from "@larder/server/services/elasticache/parameter-groups.ts";
import { modifyCacheParameterGroup } from "@larder/server/services/elasticache/parameter-values.ts";
import {
  decreaseReplicaCount,
  increaseReplicaCount,
} from "@larder/server/services/elasticache/replica-count.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { deleteReplicationGroup } from "@larder/server/services/elasticache/replication-groups-delete.ts";
import { modifyReplicationGroup } from "@larder/server/services/elasticache/replication-groups-modify.ts";
import { testFailover } from "@larder/server/services/elasticache/test-failover.ts";
import { scenarioOfGlobalDatastores } from "./crash-scenarios-global.ts";
import type { CrashWorld } from "./crash-world.ts";

/** A change that the control plane carries out in steps, and that can be asked for repeatedly. */
export interface CrashScenario {
  readonly name: string;
  readonly kind: "replication-group" | "cache-cluster";
  readonly id: string;
  /** Asks for what the change starts from; it is there once the cache is settled. */
  prepare(world: CrashWorld): void;
  /** Asks for the change. Resolves with what tells that it happened. */
  act(world: CrashWorld): () => true | string;
  /** Asks for what undoes it, if it must be undone before the next time. */
  undo?(world: CrashWorld): void;
  /** Whether the cache stands before the change, and after it. */
  readonly exists: { readonly before: boolean; readonly after: boolean };
  /** How often it can be asked for in a day; AWS bounds TestFailover. */
  readonly timesMax?: number;
  /** Whether nodes that stay keep their processes. */
  readonly keepsProcesses: boolean;
}

const size = "cache.t4g.micro";
const larger = "cache.t4g.small";

function group(
  world: CrashWorld,
  id: string,
  nodes: number,
  automaticFailover = true,
  more: { readonly CacheParameterGroupName?: string } = {},
): void {
  const input = {
    ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: "redis" },
    ...{ CacheNodeType: size, NumCacheClusters: nodes },
    ...{ AutomaticFailoverEnabled: automaticFailover, MultiAZEnabled: automaticFailover },
    ...more,
  };
  createReplicationGroup(input, world.call);
}

function cluster(world: CrashWorld, id: string, nodes: number): void {
  const engine = { Engine: "memcached", CacheNodeType: size };
  createCacheCluster({ CacheClusterId: id, ...engine, NumCacheNodes: nodes }, world.call);
}

/** A group in cluster mode of two shards with a replica each. */
function shardedGroup(world: CrashWorld, id: string): void {
  const input = {
    ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: "redis" },
    ...{ CacheNodeType: size, ClusterMode: "enabled" as const, AutomaticFailoverEnabled: true },
    ...{ NumNodeGroups: 2, ReplicasPerNodeGroup: 1 },
  };
  createReplicationGroup(input, world.call);
}

const nothing = () => {};
const always = () => true as const;
const onGroup = { kind: "replication-group", exists: { before: true, after: true } } as const;
const onCluster = { kind: "cache-cluster", exists: { before: true, after: true } } as const;

/** Waits for another primary than the one there is now. */
function anotherPrimary(world: CrashWorld, id: string): () => true | string {
  const old = world.shard("replication-group", id)?.status.primary;
  return () =>
    world.shard("replication-group", id)?.status.primary !== old || "the primary is still the old";
}

/** Kills or stops the primary, and waits for another. */
function signalPrimary(world: CrashWorld, id: string, signal: NodeJS.Signals) {
  const primary = world.shard("replication-group", id)?.status.primary;
  const node = world.nodes("replication-group", id).find((one) => one.id === primary);
  const pid = node?.status.process?.pid;
  if (pid === undefined) throw new Error("there is no primary to lose");
  process.kill(pid, signal);
  return anotherPrimary(world, id);
}

/** Every kind of change of caches whose cluster mode is disabled, on real engines. */
const scenariosOfCaches: readonly CrashScenario[] = [
  {
    ...{ ...onGroup, name: "create a group of 3", id: "made", keepsProcesses: true },
    exists: { before: false, after: true },
    prepare: nothing,
    act(world) {
      group(world, "made", 3);
      return always;
    },
    undo: (world) => void deleteReplicationGroup({ ReplicationGroupId: "made" }, world.call),
  },
  {
    ...{ ...onGroup, name: "delete a group of 3", id: "gone", keepsProcesses: true },
    exists: { before: true, after: false },
    prepare: (world) => group(world, "gone", 3),
    act(world) {
      deleteReplicationGroup({ ReplicationGroupId: "gone" }, world.call);
      return always;
    },
    undo: (world) => group(world, "gone", 3),
  },
  {
    ...{ ...onGroup, name: "fail over", id: "failing", keepsProcesses: false },
    prepare: (world) => group(world, "failing", 3),
    act: (world) => signalPrimary(world, "failing", "SIGKILL"),
  },
  {
    ...{ ...onGroup, name: "fail over from a hung primary", id: "hung", keepsProcesses: false },
    prepare: (world) => group(world, "hung", 3),
    act: (world) => signalPrimary(world, "hung", "SIGSTOP"),
  },
  {
    ...{ ...onGroup, name: "hand over (TestFailover)", id: "tested", keepsProcesses: false },
    timesMax: 15,
    prepare: (world) => group(world, "tested", 3),
    act(world) {
      testFailover({ ReplicationGroupId: "tested", NodeGroupId: "0001" }, world.call);
      return anotherPrimary(world, "tested");
    },
  },
  {
    ...{ ...onGroup, name: "promote (PrimaryClusterId)", id: "promoted", keepsProcesses: true },
    prepare: (world) => group(world, "promoted", 2, false),
    act(world) {
      const shard = world.shard("replication-group", "promoted");
      const heir = shard?.spec.members.find(
        (one) => `${one.clusterId}.${one.cacheNodeId}` !== shard.status.primary,
      );
      if (heir === undefined) throw new Error("there is no replica to promote");
      modifyReplicationGroup(
        {
          ...{ ReplicationGroupId: "promoted", PrimaryClusterId: heir.clusterId },
          ApplyImmediately: true,
        },
        world.call,
      );
      return anotherPrimary(world, "promoted");
    },
  },
  {
    ...{ ...onGroup, name: "add a replica", id: "growing", keepsProcesses: true },
    prepare: (world) => group(world, "growing", 2),
    act: (world) => replicas(world, "growing", 2),
    undo: (world) => void replicas(world, "growing", 1),
  },
  {
    ...{ ...onGroup, name: "remove a replica", id: "shrinking", keepsProcesses: true },
    prepare: (world) => group(world, "shrinking", 3),
    act: (world) => replicas(world, "shrinking", 1),
    undo: (world) => void replicas(world, "shrinking", 2),
  },
  {
    ...{ ...onGroup, name: "reboot the primary", id: "rebooted", keepsProcesses: false },
    prepare: (world) => group(world, "rebooted", 2),
    act(world) {
      const primary = world.shard("replication-group", "rebooted")?.status.primary ?? "";
      const CacheClusterId = primary.replace(/\.0001$/, "");
      rebootCacheCluster({ CacheClusterId, CacheNodeIdsToReboot: ["0001"] }, world.call);
      return () => {
        const node = world.nodes("replication-group", "rebooted").find((one) => one.id === primary);
        const asked = world
          .shard("replication-group", "rebooted")
          ?.spec.members.find((one) => one.clusterId === CacheClusterId)?.reboots;
        return node?.status.reboots === asked || "the reboot was not carried out";
      };
    },
  },
  {
    ...{ ...onGroup, name: "change parameters", id: "tuned", keepsProcesses: true },
    prepare(world) {
      const CacheParameterGroupName = "tuned";
      createCacheParameterGroup(
        { CacheParameterGroupName, CacheParameterGroupFamily: "redis7", Description: "crash" },
        world.call,
      );
      group(world, "tuned", 3, true, { CacheParameterGroupName });
    },
    act(world) {
      const name = "reserved-memory-percent";
      const was = world.nodes("replication-group", "tuned")[0]?.spec.parameters[name];
      const is = was === "50" ? "30" : "50";
      modifyCacheParameterGroup(
        {
          CacheParameterGroupName: "tuned",
          ParameterNameValues: [{ ParameterName: name, ParameterValue: is }],
        },
        world.call,
      );
      return () => {
        const nodes = world.nodes("replication-group", "tuned");
        const behind = nodes.find(({ status }) => status.parameters[name] !== is);
        return behind === undefined || `${behind.id} has the old value`;
      };
    },
  },
  ...[1, 3].map((nodes): CrashScenario => {
    const id = `retyped-${nodes}`;
    return {
      ...{ ...onGroup, name: `change the node type of ${nodes}`, id, keepsProcesses: false },
      prepare: (world) => group(world, id, nodes, nodes > 1),
      act: (world) => retype(world, "replication-group", id, larger),
      undo: (world) => void retype(world, "replication-group", id, size),
    };
  }),
  {
    ...{ ...onCluster, name: "change the node type of a stand-alone node", id: "alone" },
    keepsProcesses: false,
    prepare(world) {
      const engine = { Engine: "redis", CacheNodeType: size, NumCacheNodes: 1 };
      createCacheCluster({ CacheClusterId: "alone", ...engine }, world.call);
    },
    act: (world) => retype(world, "cache-cluster", "alone", larger),
    undo: (world) => void retype(world, "cache-cluster", "alone", size),
  },
  {
    ...{ ...onCluster, name: "create memcached of 3", id: "web", keepsProcesses: true },
    exists: { before: false, after: true },
    prepare: nothing,
    act(world) {
      cluster(world, "web", 3);
      return always;
    },
    undo: (world) => void deleteCacheCluster({ CacheClusterId: "web" }, world.call),
  },
  {
    ...{ ...onCluster, name: "add a memcached node", id: "wide", keepsProcesses: true },
    prepare: (world) => cluster(world, "wide", 2),
    act: (world) => nodeCount(world, "wide", 3),
    undo: (world) => void nodeCount(world, "wide", 2),
  },
  {
    ...{ ...onCluster, name: "remove a memcached node", id: "slim", keepsProcesses: true },
    prepare: (world) => cluster(world, "slim", 3),
    act: (world) => nodeCount(world, "slim", 2),
    undo: (world) => void nodeCount(world, "slim", 3),
  },
];

/** Changes of caches in cluster mode, on real engines. */
const scenariosOfClusters: readonly CrashScenario[] = [
  {
    ...{ ...onGroup, name: "create a cluster of 2×(1+1)", id: "spread", keepsProcesses: true },
    exists: { before: false, after: true },
    prepare: nothing,
    act(world) {
      shardedGroup(world, "spread");
      return always;
    },
    undo: (world) => void deleteReplicationGroup({ ReplicationGroupId: "spread" }, world.call),
  },
  {
    ...{ ...onGroup, name: "delete a cluster", id: "swept", keepsProcesses: true },
    exists: { before: true, after: false },
    prepare: (world) => shardedGroup(world, "swept"),
    act(world) {
      deleteReplicationGroup({ ReplicationGroupId: "swept" }, world.call);
      return always;
    },
    undo: (world) => shardedGroup(world, "swept"),
  },
  {
    ...{ ...onGroup, name: "fail over a shard of a cluster", id: "split", keepsProcesses: false },
    prepare: (world) => shardedGroup(world, "split"),
    act: (world) => signalPrimary(world, "split", "SIGKILL"),
  },
  {
    ...{ ...onGroup, name: "hand over in a cluster", id: "swapped", keepsProcesses: true },
    timesMax: 15,
    prepare: (world) => shardedGroup(world, "swapped"),
    act(world) {
      testFailover({ ReplicationGroupId: "swapped", NodeGroupId: "0001" }, world.call);
      return anotherPrimary(world, "swapped");
    },
  },
  {
    ...{ ...onGroup, name: "add a replica to a cluster's shard", id: "tall", keepsProcesses: true },
    prepare: (world) => shardedGroup(world, "tall"),
    act: (world) => replicasOfFirst(world, "tall", 2),
    undo: (world) => void replicasOfFirst(world, "tall", 1),
  },
  {
    ...{ ...onGroup, name: "remove a replica of a cluster", id: "short", keepsProcesses: true },
    prepare: (world) => shardedGroup(world, "short"),
    act: (world) => replicasOfFirst(world, "short", 0),
    undo: (world) => void replicasOfFirst(world, "short", 1),
  },
];

/** Every kind of change that the control plane carries out, on real engines. */
export const crashScenarios: readonly CrashScenario[] = [
  ...scenariosOfCaches,
  ...scenariosOfClusters,
  scenarioOfGlobalDatastores,
];

/** Changes the number of replicas of a cluster's first shard alone. */
function replicasOfFirst(world: CrashWorld, id: string, count: number): () => true {
  const asked = {
    ...{ ReplicationGroupId: id, ApplyImmediately: true },
    ReplicaConfiguration: [{ NodeGroupId: "0001", NewReplicaCount: count }],
  };
  const { length } = world.shard("replication-group", id)?.spec.members ?? [];
  if (count >= length) increaseReplicaCount(asked, world.call);
  else decreaseReplicaCount(asked, world.call);
  return always;
}

/** The cache's nodes are to run as another type, with everything that follows from it. */
function retype(world: CrashWorld, kind: CrashScenario["kind"], id: string, nodeType: string) {
  const asked = { CacheNodeType: nodeType, ApplyImmediately: true };
  if (kind === "cache-cluster") modifyCacheCluster({ CacheClusterId: id, ...asked }, world.call);
  else modifyReplicationGroup({ ReplicationGroupId: id, ...asked }, world.call);
  return () => {
    const old = world
      .nodes(kind, id)
      .filter(({ status }) => status.launchedAs?.nodeType !== nodeType);
    return old.length === 0 || `${old.map((one) => one.id).join(", ")} runs as another type`;
  };
}

function replicas(world: CrashWorld, id: string, count: number): () => true {
  const asked = { ReplicationGroupId: id, NewReplicaCount: count, ApplyImmediately: true };
  const { length } = world.shard("replication-group", id)?.spec.members ?? [];
  if (count >= length) increaseReplicaCount(asked, world.call);
  else decreaseReplicaCount(asked, world.call);
  return always;
}

function nodeCount(world: CrashWorld, id: string, count: number): () => true {
  const members = world.shard("cache-cluster", id)?.spec.members ?? [];
  const leaving = members.slice(count).map((one) => one.cacheNodeId);
  modifyCacheCluster(
    {
      ...{ CacheClusterId: id, NumCacheNodes: count, ApplyImmediately: true },
      ...(leaving.length === 0 ? {} : { CacheNodeIdsToRemove: leaving }),
    },
    world.call,
  );
  return always;
}
