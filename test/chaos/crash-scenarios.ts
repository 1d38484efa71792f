import { refIn } from "@larder/server/resources/ref.ts";
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
import { anotherPrimary, larger, retype, signalPrimary, size } from "./crash-changes.ts";
import { type CrashScenario, onGroup } from "./crash-scenario.ts";
import { scenariosOfClusters } from "./crash-scenarios-cluster.ts";
import { scenariosOfGlobalDatastores } from "./crash-scenarios-global.ts";
import { scenarioOfMigrations } from "./crash-scenarios-migration.ts";
import { scenariosOfSlots } from "./crash-scenarios-slots.ts";
import type { CrashWorld } from "./crash-world.ts";

function group(
  world: CrashWorld,
  id: string,
  nodes: number,
  automaticFailover = true,
  more: { readonly CacheParameterGroupName?: string } = {},
): void {
  const input = {
    ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: world.engine },
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

const nothing = () => {};
const always = () => true as const;
const onCluster = { kind: "cache-cluster", exists: { before: true, after: true } } as const;

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
  ...[1, 2].map((nodes): CrashScenario => {
    const id = `rebooted-${nodes}`;
    return {
      ...{ ...onGroup, name: `reboot the primary of ${nodes}`, id, keepsProcesses: false },
      prepare: (world) => group(world, id, nodes, nodes > 1),
      act(world) {
        const primary = world.shard("replication-group", id)?.status.primary ?? "";
        const CacheClusterId = primary.replace(/\.0001$/, "");
        rebootCacheCluster({ CacheClusterId, CacheNodeIdsToReboot: ["0001"] }, world.call);
        return () => {
          const node = world.nodes("replication-group", id).find((one) => one.id === primary);
          const asked = world
            .shard("replication-group", id)
            ?.spec.members.find((one) => one.clusterId === CacheClusterId)?.reboots;
          return node?.status.reboots === asked || "the reboot was not carried out";
        };
      },
    };
  }),
  {
    ...{ ...onGroup, name: "change parameters", id: "tuned", keepsProcesses: true },
    prepare(world) {
      const CacheParameterGroupName = "tuned";
      const CacheParameterGroupFamily = world.engine === "redis" ? "redis7" : "valkey8";
      createCacheParameterGroup(
        { CacheParameterGroupName, CacheParameterGroupFamily, Description: "crash" },
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
    ...{ ...onGroup, name: "go into cluster mode", id: "crossing", keepsProcesses: false },
    prepare: (world) => group(world, "crossing", 2),
    act: (world) => clusterMode(world, "crossing", "compatible"),
    undo: (world) => void clusterMode(world, "crossing", "disabled"),
  },
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

/** Every kind of change that the control plane carries out, on real engines. */
export const crashScenarios: readonly CrashScenario[] = [
  ...scenariosOfCaches,
  ...scenariosOfClusters,
  ...scenariosOfSlots,
  scenarioOfMigrations,
  ...scenariosOfGlobalDatastores,
];

function replicas(world: CrashWorld, id: string, count: number): () => true {
  const asked = { ReplicationGroupId: id, NewReplicaCount: count, ApplyImmediately: true };
  const { length } = world.shard("replication-group", id)?.spec.members ?? [];
  if (count >= length) increaseReplicaCount(asked, world.call);
  else decreaseReplicaCount(asked, world.call);
  return always;
}

function clusterMode(world: CrashWorld, id: string, ClusterMode: "compatible" | "disabled") {
  const asked = { ReplicationGroupId: id, ClusterMode, ApplyImmediately: true };
  modifyReplicationGroup(asked, world.call);
  return () => {
    const mode = world.store.get(refIn(world.call, "replication-group", id))?.status.clusterMode;
    return mode === ClusterMode || `its cluster mode is ${mode}`;
  };
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
