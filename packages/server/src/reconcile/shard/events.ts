import type { EventDraft } from "../../resources/event.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { isSpare } from "../../resources/spare.ts";
import type { Write } from "../reconciler.ts";
import type { PrimaryDecision } from "./primary.ts";
import { startsToFollow } from "./outside.ts";
import { isOutdated } from "./roll.ts";
import { isUp, type SeenMember, type SeenShard, wantsReboot } from "./seen.ts";

/*
 * The events of a shard, in AWS's words where they are known (user guide, "Viewing ElastiCache
 * events" and "Testing automatic failover").
 */

/** A new primary, or data that was lost with the old one. */
export function primaryEvents(
  shard: Resource<"shard">,
  seen: SeenShard,
  decision: PrimaryDecision,
): readonly EventDraft[] {
  const clusterOf = (id: string) =>
    seen.members.find((one) => one.id === id)?.member.clusterId ?? id;
  const { primary } = decision.status;
  if (primary === null) return [];
  if (decision.replaced !== null) {
    const [from, to] = [clusterOf(decision.replaced), clusterOf(primary)];
    // A spare that takes over from the member it stands in for is no failover that anyone sees.
    if (from === to) return [];
    const message = `Failover from primary node ${from} to replica node ${to} completed`;
    return onClusterAndGroup(shard, from, message);
  }
  if (
    decision.relaunch === "discard" &&
    shard.spec.upstream === null &&
    shard.status.settledGeneration > 0
  ) {
    const node = clusterOf(primary);
    const message = `Node ${node} restarts empty: its data was held in memory only and is lost`;
    return onClusterAndGroup(shard, node, message);
  }
  return [];
}

/** Which nodes are on their way back after a loss, and the events that tell of it. */
export function trackRecoveries(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  writes: readonly Write[],
  replaced: string | null,
): { readonly recovering: readonly string[]; readonly events: readonly EventDraft[] } {
  const before = new Set(status.recovering);
  const lost = seen.members.filter(
    (one) =>
      !before.has(one.id) &&
      !isPlanned(shard, one, seen) &&
      (one.id === replaced || isRestarted(one, writes)),
  );
  const back = seen.members.filter((one) => before.has(one.id) && isBack(one, status, seen));
  const gone = new Set(back.map((one) => one.id));
  return {
    recovering: seen.members
      .filter((one) => (before.has(one.id) || lost.includes(one)) && !gone.has(one.id))
      .map((one) => one.id),
    events: [
      ...lost.map((one) => ofCluster(one, `Recovering cache nodes ${one.member.cacheNodeId}`)),
      ...back.map((one) =>
        ofCluster(one, `Finished recovery for cache nodes ${one.member.cacheNodeId}`),
      ),
    ],
  };
}

/** Whether what happens to the node is part of a change that was asked for, and no loss. */
function isPlanned(shard: Resource<"shard">, one: SeenMember, seen: SeenShard): boolean {
  if (isSpare(one.member) || wantsReboot(one) || startsToFollow(shard, one, seen)) return true;
  return isUp(one) && isOutdated(shard, one, seen);
}

/** Whether this pass starts again a node whose process was lost. */
function isRestarted(one: SeenMember, writes: readonly Write[]): boolean {
  const { node } = one;
  if (node === null || node.spec.launch.number === 0 || !node.spec.launch.run) return false;
  if (one.member.reboots > node.spec.launch.reboots) return false;
  return writes.some((write) => write.write === "spec" && write.ref.id === node.id);
}

function isBack(one: SeenMember, status: ShardStatus, seen: SeenShard): boolean {
  if (!isUp(one) || !one.connected) return false;
  return !seen.replicates || one.id === status.primary || status.ready.includes(one.id);
}

function onClusterAndGroup(
  shard: Resource<"shard">,
  clusterId: string,
  message: string,
): readonly EventDraft[] {
  const cluster: EventDraft = { sourceType: "cache-cluster", sourceId: clusterId, message };
  if (shard.owner?.kind !== "replication-group") return [cluster];
  return [cluster, { sourceType: "replication-group", sourceId: shard.owner.id, message }];
}

function ofCluster(one: SeenMember, message: string): EventDraft {
  return { sourceType: "cache-cluster", sourceId: one.member.clusterId, message };
}
