/** How many hash slots a cluster has (Redis cluster specification). */
export const slotCount = 16_384;

/** Consecutive slots, both ends included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** All slots in `shards` parts as even as can be, in order. */
export function evenSlots(shards: number): readonly SlotRange[] {
  return Array.from({ length: shards }, (_, index) => ({
    first: Math.ceil((index * slotCount) / shards),
    last: Math.ceil(((index + 1) * slotCount) / shards) - 1,
  }));
}

/** The slots of `ranges`, each once, in order. */
export function slotsIn(ranges: readonly SlotRange[]): readonly number[] {
  const slots: number[] = [];
  let isInOrder = true;
  forEachSlot(ranges, (slot) => {
    isInOrder &&= slot > (slots.at(-1) ?? -1);
    slots.push(slot);
  });
  return isInOrder ? slots : [...new Set(slots)].toSorted((a, b) => a - b);
}

/** Calls `work` with each slot of `ranges`, without a list of them all. */
export function forEachSlot(ranges: readonly SlotRange[], work: (slot: number) => void): void {
  for (const { first, last } of ranges) {
    for (let slot = first; slot <= last; slot += 1) work(slot);
  }
}

/** The fewest ranges that hold exactly `slots`, in order. */
export function rangesOf(slots: Iterable<number>): readonly SlotRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const slot of [...new Set(slots)].toSorted((a, b) => a - b)) {
    const end = ranges.at(-1);
    if (end !== undefined && slot === end.last + 1) end.last = slot;
    else ranges.push({ first: slot, last: slot });
  }
  return ranges;
}

/** How many slots the ranges hold; they do not overlap. */
export function countSlots(ranges: readonly SlotRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** As the API writes them: "0-5461", "0-99,200-299"; one slot alone as "7-7". */
export function formatSlots(ranges: readonly SlotRange[]): string {
  return ranges.map(({ first, last }) => `${first}-${last}`).join(",");
}

/** Reads what callers write: ranges and single slots, comma-separated; null unless all are slots. */
export function parseSlots(text: string): readonly SlotRange[] | null {
  const ranges: SlotRange[] = [];
  for (const part of text.split(",")) {
    const found = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part);
    if (found === null) return null;
    const first = Number(found[1]);
    const last = Number(found[2] ?? found[1]);
    if (first > last || last >= slotCount) return null;
    ranges.push({ first, last });
  }
  return ranges;
}
