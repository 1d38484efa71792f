import type { ShardLayout, SlotMove } from "../../resources/replication-group.ts";
import {
  countSlots,
  forEachSlot,
  rangesOf,
  slotCount,
  type SlotRange,
  slotsIn,
} from "../../resources/slots.ts";
import { type ReadNode, slotsHeld } from "./seen.ts";
import type { NodeSlotMove } from "./steps.ts";

/** Slots that one pass moves between two shards: some tenths of a second, if they hold little. */
const slotsPerMoveMax = 128;
/** Shards that give to one at the same time. */
const giversPerTaker = 3;

/** The shards of a cluster, each by the node that acts as its primary. */
export interface SlotMap {
  readonly primaries: ReadonlyMap<string, ReadNode>;
  /** Which shard holds each slot, by the slot's number; undefined for one that is nobody's. */
  readonly owners: readonly (string | undefined)[];
}

/**
 * Who holds what. Null while it cannot be told: some shard has no primary that can be read, or the
 * primaries do not know each other yet, or two claim one slot, which their gossip settles soon.
 */
export function slotMapOf(shardIds: Iterable<string>, nodes: readonly ReadNode[]): SlotMap | null {
  const primaries = new Map<string, ReadNode>();
  for (const id of shardIds) {
    const primary = nodes.find((one) => one.shardId === id && actsAsPrimary(one));
    if (primary === undefined) return null;
    primaries.set(id, primary);
  }
  const owners = Array.from<string | undefined>({ length: slotCount });
  let isTwice = false;
  for (const [id, node] of primaries) {
    if (!knowsAll(node, primaries.values())) return null;
    forEachSlot(slotsHeld(node), (slot) => {
      isTwice ||= owners[slot] !== undefined;
      owners[slot] = id;
    });
  }
  return isTwice ? null : { primaries, owners };
}

function actsAsPrimary({ isPrimary, view }: ReadNode): boolean {
  const self = view.nodes.find((one) => one.id === view.self);
  return isPrimary && view.ok && self?.role === "primary";
}

function knowsAll({ view }: ReadNode, others: Iterable<ReadNode>): boolean {
  const known = new Set(view.nodes.filter(({ met }) => met).map(({ id }) => id));
  return [...others].every((other) => known.has(other.view.self));
}

/** The slots of each shard, by its id. */
export function heldByShard({ primaries }: SlotMap): Record<string, readonly SlotRange[]> {
  return Object.fromEntries([...primaries].map(([id, node]) => [id, slotsHeld(node)] as const));
}

/** The slots that are elsewhere than asked for, from shard to shard; the largest moves first. */
export function movesAhead(
  layout: readonly ShardLayout[],
  { owners }: SlotMap,
): readonly SlotMove[] {
  const ahead = layout.flatMap(({ id: to, slots }) => {
    const byOwner = new Map<string, number[]>();
    forEachSlot(slots, (slot) => {
      const from = owners[slot];
      if (from === undefined || from === to) return;
      const theirs = byOwner.get(from);
      if (theirs === undefined) byOwner.set(from, [slot]);
      else theirs.push(slot);
    });
    return [...byOwner].map(([from, theirs]) => ({ from, to, slots: rangesOf(theirs) }));
  });
  return ahead.toSorted((a, b) => countSlots(b.slots) - countSlots(a.slots));
}

/**
 * Moves that were begun, as the nodes say or as was recorded. They go on in their own direction,
 * wherever the slots are wanted now: some of their keys are at the taker already.
 */
export function movesBegun(map: SlotMap, recorded: readonly SlotMove[]): readonly SlotMove[] {
  const takers = new Map<number, string>();
  for (const { to, slots } of recorded) {
    // What was recorded and not opened simply moves, unless its shard has left.
    if (map.primaries.has(to)) for (const slot of slotsIn(slots)) takers.set(slot, to);
  }
  const open = new Map<number, string>();
  for (const [id, { view }] of map.primaries) {
    for (const { slot, direction, peer } of view.openSlots) {
      const taker = direction === "importing" ? id : (shardOf(map, peer) ?? takers.get(slot));
      // Importing is the surer sign: a taker that failed over is known to its giver by its old id.
      if (taker !== undefined && (direction === "importing" || !open.has(slot))) {
        open.set(slot, taker);
      }
    }
  }
  return grouped(
    [...open].flatMap(([slot, to]) => {
      const from = giverOf(map, slot, to);
      return from === undefined || from === to ? [] : [{ from, to, slot }];
    }),
  );
}

/** Nodes that think slots are on their way though nobody gives or takes them any more. */
export function staleMarks({
  primaries,
}: SlotMap): readonly { readonly node: string; readonly slots: readonly number[] }[] {
  return [...primaries.values()].flatMap(({ id, view }) => {
    const slots = view.openSlots.map(({ slot }) => slot);
    return slots.length === 0 ? [] : [{ node: id, slots }];
  });
}

/** Who has still to give a slot, or to hear that it was taken. */
function giverOf({ primaries, owners }: SlotMap, slot: number, to: string): string | undefined {
  const owner = owners[slot];
  if (owner !== to) return owner;
  const waiting = [...primaries].find(
    ([id, { view }]) => id !== to && view.openSlots.some((one) => one.slot === slot),
  );
  return waiting?.[0];
}

function shardOf({ primaries }: SlotMap, nodeId: string): string | undefined {
  return [...primaries].find(([, { view }]) => view.self === nodeId)?.[0];
}

function grouped(
  slots: readonly { readonly from: string; readonly to: string; readonly slot: number }[],
): readonly SlotMove[] {
  const pairs = Map.groupBy(slots, ({ from, to }) => `${from} ${to}`);
  return [...pairs.values()].flatMap((moving) => {
    const [first] = moving;
    if (first === undefined) return [];
    return [{ from: first.from, to: first.to, slots: rangesOf(moving.map(({ slot }) => slot)) }];
  });
}

/** What the next pass moves, side by side: what was begun, or else some slots of the largest moves. */
export function nextMoves(
  begun: readonly SlotMove[],
  ahead: readonly SlotMove[],
): readonly SlotMove[] {
  if (begun.length > 0) return apart(begun);
  return apart(ahead).map((move) => ({
    ...move,
    slots: firstOf(move.slots, slotsPerMoveMax),
  }));
}

/** The first `most` slots of ranges in order. */
function firstOf(ranges: readonly SlotRange[], most: number): readonly SlotRange[] {
  let left = most;
  return ranges.flatMap(({ first, last }) => {
    const taken = Math.min(left, last - first + 1);
    left -= taken;
    return taken === 0 ? [] : [{ first, last: first + taken - 1 }];
  });
}

/**
 * As many of the moves, in order, as go on well side by side. A giver does nothing else while it
 * gives; its taker works for a part of that time.
 */
function apart(moves: readonly SlotMove[]): readonly SlotMove[] {
  const giving = new Set<string>();
  const taking = new Map<string, number>();
  return moves.filter(({ from, to }) => {
    const givers = taking.get(to) ?? 0;
    if (giving.has(from) || taking.has(from) || giving.has(to)) return false;
    if (givers === giversPerTaker) return false;
    giving.add(from);
    taking.set(to, givers + 1);
    return true;
  });
}

/** A move between shards, as their primaries carry it out. */
export function nodeMove({ primaries }: SlotMap, { from, to, slots }: SlotMove): NodeSlotMove {
  const nodeOf = (shardId: string) => primaries.get(shardId)?.id ?? "";
  return { from: nodeOf(from), to: nodeOf(to), slots: slotsIn(slots) };
}
