import type { Clock } from "../../base/clock.ts";
import type { ReplicationView } from "../../engine/engine.ts";
import {
  type GlobalMember,
  homeOf,
  shardOfMember,
} from "../../resources/global-replication-group.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import { type Fleet, viewOf } from "../fleet.ts";

/** What global datastores are looked at with. */
export interface GlobalTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
}

/** A member of a global datastore as it was found. */
export interface SeenGlobalMember {
  readonly member: GlobalMember;
  readonly group: Resource<"replication-group"> | undefined;
  readonly shard: Resource<"shard"> | undefined;
  /** What its primary says; null while it cannot be read. */
  readonly view: ReplicationView | null;
}

const lookWithinMs = 500;

/** Reads the primaries of all members, in the order of the spec. */
export async function observeGlobal(
  tools: GlobalTools,
  global: Resource<"global-replication-group">,
): Promise<readonly SeenGlobalMember[]> {
  const { members } = global.spec;
  const views = await Promise.all(members.map((member) => primaryView(tools, global, member)));
  // The store last, so that nothing is judged by what was so before a node answered.
  return members.map((member, index) => ({
    member,
    group: tools.store.get(refIn(homeOf(global, member), "replication-group", member.id)),
    shard: tools.store.get(shardOfMember(global, member)),
    view: views[index] ?? null,
  }));
}

async function primaryView(
  { store, clock, fleet }: GlobalTools,
  global: Resource<"global-replication-group">,
  member: GlobalMember,
): Promise<ReplicationView | null> {
  const primary = store.get(shardOfMember(global, member))?.status.primary ?? null;
  if (primary === null) return null;
  const session = fleet.session(refIn(homeOf(global, member), "node", primary));
  return viewOf(clock, session, lookWithinMs);
}
