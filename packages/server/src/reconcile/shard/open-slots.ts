import type { OpenSlots } from "../../engine/engine.ts";
import { shardIdOf, shardRef } from "../../resources/compile.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { SlotMove } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { slotsIn } from "../../resources/slots.ts";
import { clusterViewOf } from "../cluster/observe.ts";
import type { ShardTools } from "./observe.ts";

/** The other side answers in a millisecond, or its slots are looked after later. */
const lookWithinMs = 200;

/**
 * Slots that were on their way to or from the primary that is being replaced: those that were
 * recorded, and that the other side still takes or gives. The new primary is told of them.
 */
export async function slotsOnTheirWay(
  tools: ShardTools,
  shard: Resource<"shard">,
): Promise<readonly OpenSlots[]> {
  if (shard.owner?.kind !== "replication-group") return [];
  const group = tools.store.get(shard.owner as Ref<"replication-group">);
  const id = shardIdOf(shard);
  const moves = group?.status.resharding?.moves ?? [];
  const open = await Promise.all(
    moves
      .filter(({ from, to }) => from === id || to === id)
      .map((move) => openAt(tools, shard, shard.owner?.id ?? "", move, move.from === id)),
  );
  return open.filter((one) => one !== null);
}

async function openAt(
  { store, fleet, clock }: ShardTools,
  shard: Resource<"shard">,
  groupId: string,
  { from, to, slots }: SlotMove,
  gives: boolean,
): Promise<OpenSlots | null> {
  const other = store.get(shardRef(shard, "replication-group", groupId, gives ? to : from));
  const primary = other?.status.primary ?? null;
  if (primary === null) return null;
  const session = fleet.session(refIn(shard, "node", primary));
  const view = await clusterViewOf(clock, session, lookWithinMs);
  if (session === null || view === null) return null;
  const theirs = gives ? "importing" : "migrating";
  const recorded = new Set(slotsIn(slots));
  const open = view.openSlots.filter(
    ({ slot, direction }) => direction === theirs && recorded.has(slot),
  );
  const direction = gives ? "migrating" : "importing";
  return { slots: open.map(({ slot }) => slot), direction, peer: session.address };
}
