import { Fault } from "../../aws/fault.ts";
import type { ReplicationGroupSpec, ShardLayout } from "../../resources/replication-group.ts";
import { isOneZone } from "./zones.ts";

/** What decides whether a group can fail over. */
type AvailabilityWish = Pick<
  ReplicationGroupSpec,
  "automaticFailover" | "multiAz" | "clusterMode" | "shards"
>;

/** The observed texts: AWS words them by operation. */
const texts = {
  create: {
    alone:
      "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
    failoverOff:
      "A group with cluster mode enabled cannot be created with auto failover turned off.",
  },
  modify: {
    alone: "Must have at least 1 replica when cluster mode is disabled with auto failover enabled.",
    failoverOff:
      "Turning off automatic failover for replication group with cluster mode enabled is not supported.",
  },
} as const;

/**
 * Throws InvalidParameterCombination when automatic failover or Multi-AZ cannot be had together with
 * the rest (user guide, "Minimizing downtime with Multi-AZ").
 * @param appendOnly whether the nodes keep their data in an append-only file
 */
export function requireAvailability(
  wish: AvailabilityWish,
  appendOnly: boolean,
  operation: keyof typeof texts,
): void {
  const problem =
    groupProblem(wish, appendOnly, operation) ??
    wish.shards.map((shard) => shardProblem(wish, shard, operation)).find((one) => one !== null);
  if (problem) throw new Fault("InvalidParameterCombination", problem);
}

function groupProblem(
  { automaticFailover, multiAz, clusterMode }: AvailabilityWish,
  appendOnly: boolean,
  operation: keyof typeof texts,
): string | null {
  if (clusterMode !== "disabled" && !automaticFailover) return texts[operation].failoverOff;
  if (multiAz && !automaticFailover) {
    return "MultiAZEnabled needs AutomaticFailoverEnabled: Multi-AZ cannot be had without it.";
  }
  if (automaticFailover && appendOnly) {
    return (
      "AutomaticFailoverEnabled cannot be had with a parameter group that sets appendonly to yes: " +
      "append-only files and automatic failover exclude each other."
    );
  }
  return null;
}

function shardProblem(
  { automaticFailover, multiAz, clusterMode }: AvailabilityWish,
  { members }: ShardLayout,
  operation: keyof typeof texts,
): string | null {
  if (multiAz && members.length < 2) {
    return "Must have at least 1 replica for Multi-AZ enabled Replication Group";
  }
  // In cluster mode a shard may do without: it then has nobody to fail over to.
  if (automaticFailover && clusterMode === "disabled" && members.length < 2) {
    return texts[operation].alone;
  }
  if (multiAz && isOneZone(members.map(({ zone }) => zone))) {
    return "MultiAZEnabled needs nodes in at least 2 availability zones.";
  }
  return null;
}
