import { modifyCacheCluster } from "@larder/server/services/elasticache/cache-clusters-modify.ts";
import { modifyReplicationGroup } from "@larder/server/services/elasticache/replication-groups-modify.ts";
import type { CrashScenario } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

export const size = "cache.t4g.micro";
export const larger = "cache.t4g.small";

/** Waits for another primary than the one there is now. */
export function anotherPrimary(world: CrashWorld, id: string): () => true | string {
  const old = world.shard("replication-group", id)?.status.primary;
  return () =>
    world.shard("replication-group", id)?.status.primary !== old || "the primary is still the old";
}

/** Kills or stops the primary, and waits for another. */
export function signalPrimary(world: CrashWorld, id: string, signal: NodeJS.Signals) {
  const primary = world.shard("replication-group", id)?.status.primary;
  const node = world.nodes("replication-group", id).find((one) => one.id === primary);
  const pid = node?.status.process?.pid;
  if (pid === undefined) throw new Error("there is no primary to lose");
  process.kill(pid, signal);
  return anotherPrimary(world, id);
}

/** The cache's nodes are to run as another type, with everything that follows from it. */
export function retype(
  world: CrashWorld,
  kind: CrashScenario["kind"],
  id: string,
  nodeType: string,
) {
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
