import {
  decreaseReplicaCount,
  increaseReplicaCount,
} from "@larder/server/services/elasticache/replica-count.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { deleteReplicationGroup } from "@larder/server/services/elasticache/replication-groups-delete.ts";
import { testFailover } from "@larder/server/services/elasticache/test-failover.ts";
import { anotherPrimary, larger, retype, signalPrimary, size } from "./crash-changes.ts";
import { type CrashScenario, onGroup } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

/** A group in cluster mode of two shards with a replica each. */
function shardedGroup(world: CrashWorld, id: string): void {
  const input = {
    ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: world.engine },
    ...{ CacheNodeType: size, ClusterMode: "enabled" as const, AutomaticFailoverEnabled: true },
    ...{ NumNodeGroups: 2, ReplicasPerNodeGroup: 1 },
  };
  createReplicationGroup(input, world.call);
}

const nothing = () => {};
const always = () => true as const;

/** Changes of caches in cluster mode, on real engines. */
export const scenariosOfClusters: readonly CrashScenario[] = [
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
  {
    ...{ ...onGroup, name: "change the node type of a cluster", id: "rolled" },
    keepsProcesses: false,
    prepare: (world) => shardedGroup(world, "rolled"),
    act: (world) => retype(world, "replication-group", "rolled", larger),
    undo: (world) => void retype(world, "replication-group", "rolled", size),
  },
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
