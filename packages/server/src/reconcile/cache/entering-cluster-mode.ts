import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Decision } from "../reconciler.ts";
import type { Fleet } from "../fleet.ts";

/*
 * Only database 0 exists in cluster mode. Whether a cache uses others shows only in its engine, so a
 * change of the mode is refused, or called off, after the call that asked for it.
 */

type Group = Resource<"replication-group">;

const lookWithinMs = 500;

/**
 * The databases with keys of a group that is on its way into cluster mode. Null for every other, and
 * while the primary cannot be read.
 */
export async function databasesInUse(
  tools: { readonly store: Store; readonly clock: Clock; readonly fleet: Fleet },
  group: Group,
): Promise<readonly number[] | null> {
  const { store, clock, fleet } = tools;
  if (!isEntering(group)) return null;
  const primaries = store.ownedBy("shard", group).map(({ status }) => status.primary);
  const found = await Promise.all(
    primaries.map(async (id) => {
      const session = id === null ? null : fleet.session(refIn(group, "node", id));
      if (session?.databases === undefined) return null;
      try {
        return await withDeadline(clock, "INFO keyspace", lookWithinMs, session.databases());
      } catch {
        // A primary that cannot be read is an observation: the next pass asks again.
        return null;
      }
    }),
  );
  return found.includes(null) ? null : found.flatMap((one) => one ?? []);
}

/** Why the group cannot go into cluster mode, as a sentence; null when nothing speaks against it. */
export function databasesBeside(group: Group, databases: readonly number[] | null): string | null {
  const others = (databases ?? []).filter((number) => number !== 0);
  if (!isEntering(group) || others.length === 0) return null;
  return `there are keys in database ${others.join(", ")}, and cluster mode has database 0 alone`;
}

/** Calls the change of the mode off: the nodes that were replaced already are replaced again. */
export function withoutClusterMode(
  group: Group,
  why: string,
): Decision<"replication-group", never> {
  const shards = group.spec.shards.map((layout) => ({ ...layout, slots: [] }));
  const spec = { ...group.spec, clusterMode: "disabled", shards } as const;
  const message = `Failed to change the cluster mode of replication group ${group.id}: ${why}`;
  return {
    status: { ...group.status, state: "modifying", because: why },
    writes: [{ write: "spec", ref: group, spec }],
    events: [{ sourceType: "replication-group", sourceId: group.id, message }],
  };
}

function isEntering({ spec, status, deletingSince }: Group): boolean {
  return (
    spec.clusterMode === "compatible" && status.clusterMode === "disabled" && deletingSince === null
  );
}
