import type { Resharding } from "./replication-group.ts";
import { countSlots, rangesOf, slotCount, type SlotRange, slotsIn } from "./slots.ts";

/** The slots of one shard. */
export interface SlotShare {
  /** AWS's NodeGroupId. */
  readonly id: string;
  readonly slots: readonly SlotRange[];
}

/** Whether no shard has more than one slot more than another. */
export function isEven(shares: readonly SlotShare[]): boolean {
  const counts = shares.map(({ slots }) => countSlots(slots));
  return Math.max(...counts) - Math.min(...counts) <= 1;
}

/**
 * All slots spread evenly over the shards `ids`, with as few moving as can be: who has too many
 * gives its last ones, and a shard that is not among `ids` gives all. Shards of `ids` that are not
 * among `shares` are new.
 */
export function spreadSlots(
  shares: readonly SlotShare[],
  ids: readonly string[],
): readonly SlotShare[] {
  const held = new Map(shares.map(({ id, slots }) => [id, slotsIn(slots)]));
  const fair = fairCounts(ids, (id) => held.get(id)?.length ?? 0);
  const free = shares.flatMap(({ id }) => held.get(id)?.slice(fair.get(id) ?? 0) ?? []);
  const pool = free.toSorted((a, b) => a - b);
  return ids.map((id) => {
    const count = fair.get(id) ?? 0;
    const kept = held.get(id)?.slice(0, count) ?? [];
    return { id, slots: rangesOf([...kept, ...pool.splice(0, count - kept.length)]) };
  });
}

/** How many slots each shard is to have: one more for those who have most now. */
function fairCounts(
  ids: readonly string[],
  held: (id: string) => number,
): ReadonlyMap<string, number> {
  const least = Math.floor(slotCount / ids.length);
  const extra = slotCount - least * ids.length;
  const byCount = ids.toSorted((a, b) => held(b) - held(a));
  return new Map(byCount.map((id, index) => [id, index < extra ? least + 1 : least]));
}

/** How far slots have moved, in percent. */
export function progressPercent({ slots, left }: Pick<Resharding, "slots" | "left">): number {
  return slots === 0 ? 100 : Math.max(0, (100 * (slots - left)) / slots);
}
