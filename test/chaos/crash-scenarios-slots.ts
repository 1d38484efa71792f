import { isEven } from "@larder/server/resources/slot-shares.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { modifyShardConfiguration } from "@larder/server/services/elasticache/shard-configuration.ts";
import { size } from "./crash-changes.ts";
import { type CrashScenario, onGroup } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

/** Slots move back only by another change, whose turns are as many: each time in a new world. */
const moving = { ...onGroup, timesMax: 1, alikeMax: 3, keepsProcesses: true } as const;

/** A group whose shards have the given slots, and a replica each. */
function group(world: CrashWorld, id: string, slots: readonly string[]): void {
  const input = {
    ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: world.engine },
    ...{ CacheNodeType: size, ClusterMode: "enabled" as const, AutomaticFailoverEnabled: true },
    NodeGroupConfiguration: slots.map((Slots) => ({ Slots, ReplicaCount: 1 })),
  };
  createReplicationGroup(input, world.call);
}

/** Asks for so many shards; they are to share all slots evenly. */
function shards(world: CrashWorld, id: string, count: number, leaving: readonly string[] = []) {
  modifyShardConfiguration(
    {
      ...{ ReplicationGroupId: id, NodeGroupCount: count, ApplyImmediately: true },
      ...(leaving.length > 0 && { NodeGroupsToRemove: [...leaving] }),
    },
    world.call,
  );
  return () => {
    const layout = world.store.get(refIn(world.call, "replication-group", id))?.spec.shards ?? [];
    if (layout.length !== count) return `${layout.length} shards are asked for`;
    return isEven(layout) || "its slots are not to be even";
  };
}

/** Changes of a cluster's shards with keys in them, which move with their slots. */
export const scenariosOfSlots: readonly CrashScenario[] = [
  {
    ...{ ...moving, name: "add a shard to a cluster", id: "outward" },
    // A third of all slots moves; valkey has replicas agree to each.
    withinMs: 120_000,
    prepare: (world) => group(world, "outward", ["0-8191", "8192-16383"]),
    act: (world) => shards(world, "outward", 3),
  },
  {
    ...{ ...moving, name: "remove a shard of a cluster", id: "inward" },
    prepare: (world) => group(world, "inward", ["0-7999", "8000-15999", "16000-16383"]),
    act: (world) => shards(world, "inward", 2, ["0003"]),
  },
  {
    ...{ ...moving, name: "rebalance a cluster", id: "evened" },
    prepare: (world) => group(world, "evened", ["0-8449", "8450-16383"]),
    act: (world) => shards(world, "evened", 2),
  },
];
