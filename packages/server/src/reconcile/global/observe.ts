import type { Clock } from "../../base/clock.ts";
import type { ReplicationView } from "../../engine/engine.ts";
import { type GlobalMember, homeOf } from "../../resources/global-replication-group.ts";
import { shardRef } from "../../resources/compile.ts";
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
  /** Those that its group asks for, in its order. */
  readonly shards: readonly SeenGlobalShard[];
}

/** A shard of a member as it was found. */
export interface SeenGlobalShard {
  readonly shard: Resource<"shard">;
  /** What its primary says; null while it cannot be read. */
  readonly view: ReplicationView | null;
}

const lookWithinMs = 500;

/** Reads the primaries of all members' shards, in the order of the spec. */
export async function observeGlobal(
  tools: GlobalTools,
  global: Resource<"global-replication-group">,
): Promise<readonly SeenGlobalMember[]> {
  const { members } = global.spec;
  const views = await Promise.all(
    members.map(async (member) => {
      const shards = shardsOf(tools.store, global, member);
      const read = shards.map(
        async (shard) => [shard.id, await primaryView(tools, shard)] as const,
      );
      return new Map(await Promise.all(read));
    }),
  );
  // The store last, so that nothing is judged by what was so before a node answered.
  return members.map((member, index) => ({
    member,
    group: tools.store.get(groupRef(global, member)),
    shards: shardsOf(tools.store, global, member).map((shard) => ({
      shard,
      view: views[index]?.get(shard.id) ?? null,
    })),
  }));
}

function groupRef(global: Resource<"global-replication-group">, member: GlobalMember) {
  return refIn(homeOf(global, member), "replication-group", member.id);
}

function shardsOf(
  store: Store,
  global: Resource<"global-replication-group">,
  member: GlobalMember,
): readonly Resource<"shard">[] {
  const group = store.get(groupRef(global, member));
  const asked = group?.spec.shards ?? [];
  return asked.flatMap(({ id }) => {
    const shard = store.get(shardRef(homeOf(global, member), "replication-group", member.id, id));
    return shard === undefined ? [] : [shard];
  });
}

async function primaryView(
  { clock, fleet }: GlobalTools,
  shard: Resource<"shard">,
): Promise<ReplicationView | null> {
  const { primary } = shard.status;
  if (primary === null) return null;
  return viewOf(clock, fleet.session(refIn(shard, "node", primary)), lookWithinMs);
}
