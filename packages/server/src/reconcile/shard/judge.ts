import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { missingOfRoll } from "./roll.ts";
import { applyingNode } from "./parameters.ts";
import { phaseOf, type SeenMember, type SeenShard } from "./seen.ts";
import { actsAsPrimary } from "./upstream.ts";

/**
 * What is still missing until the shard is what was asked for, as one sentence; null when nothing
 * is. A shard is never "available" before its clients can write.
 */
function missingOf(shard: Resource<"shard">, status: ShardStatus, seen: SeenShard): string | null {
  if (seen.halted) return "its nodes are stopped";
  for (const kind of shard.spec.endpoints) {
    if (status.endpoints[kind] === undefined) return `no address is free for the ${kind} endpoint`;
  }
  const unready = seen.members.find((one) => phaseOf(one) !== "up" || !one.connected);
  if (unready !== undefined) return sentenceOf(unready);
  const rebooting = seen.members.find(
    (one) => one.member.reboots > (one.node?.status.reboots ?? 0),
  );
  if (rebooting !== undefined) return `${rebooting.id} is to be rebooted`;
  const roll = missingOfRoll(shard, seen);
  if (roll !== null) return roll;
  if (seen.leaving.length > 0) return `${seen.leaving.map((one) => one.id).join(", ")} is leaving`;
  // A change of values in its group leaves a shard available, one of the group itself is its own.
  const isAsked = status.settledGeneration !== shard.generation;
  const applying = isAsked ? applyingNode(shard, seen) : undefined;
  if (applying !== undefined) return `${applying.id} takes over its parameters`;
  if (seen.replicates) return missingReplication(shard, status, seen);
  return seen.staleDiscovery.length > 0 ? "auto discovery is not up to date" : null;
}

/** The status with its state, by what is missing and what the pass still has to do. */
export function judge(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  busy: boolean,
): ShardStatus {
  if (isBeingTakenUp(shard, seen)) return status;
  const missing = missingOf(shard, status, seen) ?? (busy ? "it is being brought in line" : null);
  if (missing === null) {
    const { generation } = shard;
    return {
      ...status,
      state: "available",
      because: "all is as asked",
      settledGeneration: generation,
    };
  }
  const isNew = status.settledGeneration === 0;
  const failed = seen.members.some((one) => one.node?.status.state === "failed");
  const state = isNew ? (failed ? "create-failed" : "creating") : "modifying";
  return { ...status, state, because: missing };
}

/**
 * Whether all is as it was, only that some connections are not open yet: a new server takes up
 * nodes that its predecessor left available, and their clients notice nothing.
 */
function isBeingTakenUp({ status, generation }: Resource<"shard">, seen: SeenShard): boolean {
  return (
    status.state === "available" &&
    status.settledGeneration === generation &&
    !seen.halted &&
    seen.members.every((one) => one.running && !one.hung) &&
    seen.members.some((one) => !one.connected)
  );
}

function missingReplication(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
): string | null {
  const primary = seen.members.find((one) => one.id === status.primary);
  if (!actsAsPrimary(shard, primary)) {
    return shard.spec.upstream === null
      ? "no node takes writes"
      : "it does not follow its upstream yet";
  }
  const isNew = status.settledGeneration === 0;
  if (isNew && (status.upstreamLink === "down" || status.upstreamLink === "syncing")) {
    return "it copies the data of its upstream";
  }
  if (status.returnTo !== null) return `the data is on its way back to ${status.returnTo}`;
  const behind = seen.members.filter(
    (one) => one.id !== status.primary && !status.ready.includes(one.id),
  );
  if (behind.length > 0) return `${behind.map((one) => one.id).join(", ")} is not ready`;
  const { handover } = shard.spec;
  return handover !== null && handover.number > status.handledHandover
    ? "the primary is to move"
    : null;
}

function sentenceOf(member: SeenMember): string {
  const { node, id } = member;
  switch (phaseOf(member)) {
    case "absent":
      return `${id} has no ${node === null ? "node" : "address"} yet`;
    case "launching":
      return node?.status.state === "starting" ? `${id}: ${node.status.because}` : `${id} starts`;
    case "hung":
      return `${id} stopped answering`;
    case "down":
      return node?.status.state === "failed" ? `${id}: ${node.status.because}` : `${id} is down`;
    case "up":
      return `${id} is being connected to`;
  }
}
