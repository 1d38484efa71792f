import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Decision } from "../reconciler.ts";
import { type MigrationPlan, migrationLookMs } from "./plan.ts";

/** A group's decision together with what its migration comes to, and the spec that it leaves. */
export function withMigration<Step>(
  group: Resource<"replication-group">,
  decision: Decision<"replication-group", Step>,
  { status, state, over, events }: MigrationPlan,
): {
  readonly decision: Decision<"replication-group", Step>;
  readonly spec: ReplicationGroupSpec;
} {
  const { spec } = group;
  if (spec.migration === null) return { decision, spec };
  const { status: settled } = decision;
  // What the group's shards still lack says more, and comes first: the end waits for it too.
  const isSettled = settled.state === "available";
  const kept = over && !isSettled;
  const shown =
    isSettled && state !== null ? { state, because: status?.because ?? settled.because } : {};
  const migration = kept ? group.status.migration : status;
  return {
    decision: {
      ...decision,
      status: { ...settled, ...shown, migration },
      events: [...(decision.events ?? []), ...(kept ? [] : events)],
      lookAgainAfterMs: migrationLookMs,
    },
    spec: over && isSettled ? { ...spec, migration: null } : spec,
  };
}
