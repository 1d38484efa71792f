import { Fault } from "../../aws/fault.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { isOneZone } from "./zones.ts";

/** What decides whether a shard can fail over. */
export interface AvailabilityWish {
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly members: readonly Member[];
  /** Whether the nodes keep their data in an append-only file. */
  readonly appendOnly: boolean;
}

/** The observed texts for a shard without replica: AWS words them by operation. */
export const aloneOnCreate =
  "When using automatic failover, there must be at least 2 cache clusters in the replication group.";
export const aloneOnModify =
  "Must have at least 1 replica when cluster mode is disabled with auto failover enabled.";

/**
 * Throws InvalidParameterCombination when automatic failover or Multi-AZ cannot be had together with
 * the rest (user guide, "Minimizing downtime with Multi-AZ").
 */
export function requireAvailability(wish: AvailabilityWish, whenAlone: string): void {
  const problem = availabilityProblem(wish, whenAlone);
  if (problem !== null) throw new Fault("InvalidParameterCombination", problem);
}

function availabilityProblem(wish: AvailabilityWish, whenAlone: string): string | null {
  const { automaticFailover, multiAz, members, appendOnly } = wish;
  if (multiAz && !automaticFailover) {
    return "MultiAZEnabled needs AutomaticFailoverEnabled: Multi-AZ cannot be had without it.";
  }
  if (multiAz && members.length < 2) {
    return "Must have at least 1 replica for Multi-AZ enabled Replication Group";
  }
  if (automaticFailover && members.length < 2) return whenAlone;
  if (multiAz && isOneZone(members.map(({ zone }) => zone))) {
    return "MultiAZEnabled needs nodes in at least 2 availability zones.";
  }
  if (automaticFailover && appendOnly) {
    return (
      "AutomaticFailoverEnabled cannot be had with a parameter group that sets appendonly to yes: " +
      "append-only files and automatic failover exclude each other."
    );
  }
  return null;
}
