import type { EventDraft } from "../../resources/event.ts";
import { shardIdOf } from "../../resources/compile.ts";
import type {
  Resharding,
  ReplicationGroupStatus,
  ShardLayout,
  SlotMove,
} from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { progressPercent } from "../../resources/slot-shares.ts";
import { countSlots, slotsIn } from "../../resources/slots.ts";
import type { Write } from "../reconciler.ts";
import type { ReadNode, SeenCluster } from "./seen.ts";
import {
  heldByShard,
  movesAhead,
  movesBegun,
  nextMoves,
  nodeMove,
  type SlotMap,
  slotMapOf,
  staleMarks,
} from "./slot-moves.ts";
import type { ClusterStep } from "./steps.ts";

type Group = Resource<"replication-group">;

/** An event tells of progress whenever it has grown by so much. */
const announcedPercent = 10;

/** Where the slots of a cluster are, beside where they are to be. */
export interface SlotsAtHand {
  readonly shards: readonly Resource<"shard">[];
  /** Null while it cannot be told. */
  readonly map: SlotMap | null;
  readonly held: ReplicationGroupStatus["slotsHeld"];
  readonly begun: readonly SlotMove[];
  /** Shards that are no longer asked for, but hold slots, or may do. */
  readonly needed: readonly Resource<"shard">[];
}

/** Reads who holds which slots, and which are on their way. */
export function slotsAtHand(
  group: Group,
  all: readonly Resource<"shard">[],
  seen: SeenCluster,
): SlotsAtHand {
  const shards = all.filter((shard) => shard.deletingSince === null);
  const asked = new Set(group.spec.shards.map(({ id }) => id));
  const leaving = shards.filter((shard) => !asked.has(shardIdOf(shard)));
  const nodes = seen.nodes.filter((one): one is ReadNode => one.view !== null);
  const map = slotMapOf(shards.map(shardIdOf), nodes);
  if (map === null) {
    return { shards, map, held: group.status.slotsHeld, begun: [], needed: leaving };
  }
  const held = heldByShard(map);
  const begun = movesBegun(map, group.status.resharding?.moves ?? []);
  const busy = new Set(begun.flatMap(({ from, to }) => [from, to]));
  const needed = leaving.filter(
    (shard) => busy.has(shardIdOf(shard)) || countSlots(held[shardIdOf(shard)] ?? []) > 0,
  );
  return { shards, map, held, begun, needed };
}

/** What is to be done about the slots of a cluster. */
export interface ReshardingOutcome {
  readonly status: Pick<ReplicationGroupStatus, "slotsHeld" | "resharding">;
  /** What is going on, as one sentence; null when every slot is where it is to be. */
  readonly because: string | null;
  readonly steps: readonly ClusterStep[];
  readonly writes: readonly Write[];
  readonly events: readonly EventDraft[];
}

/**
 * Moves slots to the shards that are to hold them, a few at a time. What the engines say is what
 * counts: whoever was cut off looks again, and finishes what stands open before anything else.
 * @param mayBegin whether all shards are well and know each other, so that more may be opened
 */
export function planResharding(
  group: Group,
  hand: SlotsAtHand,
  mayBegin: boolean,
): ReshardingOutcome {
  const was = group.status.resharding;
  const { map, held, begun } = hand;
  if (map === null) {
    const because = was === null ? null : "its slots cannot be read now";
    return { ...calm, status: { slotsHeld: held, resharding: was }, because };
  }
  const ahead = movesAhead(group.spec.shards, map);
  const left = ahead.reduce((sum, { slots }) => sum + countSlots(slots), 0);
  if (left === 0 && begun.length === 0) return planEnd(group, map, held);
  const reason = begun.length > 0 ? null : (was?.refusal ?? roomProblem(group, hand, map));
  if (reason !== null) return giveUp(group, hand, reason);
  const now = { slots: was?.slots ?? left, left, refusal: was?.refusal ?? null };
  const moves = mayBegin || begun.length > 0 ? nextMoves(begun, ahead) : [];
  return {
    ...calm,
    status: { slotsHeld: held, resharding: { ...now, moves } },
    because: `${now.slots - left} of ${now.slots} slots have moved`,
    steps: [...functionCopies(map, moves, held), ...moveSteps(map, moves)],
    events: progressEvents(group, was, now),
  };
}

const calm = { because: null, steps: [], writes: [], events: [] } as const;

function planEnd(
  group: Group,
  map: SlotMap,
  slotsHeld: ReplicationGroupStatus["slotsHeld"],
): ReshardingOutcome {
  const steps = staleMarks(map).map((one) => ({ do: "close-slots", ...one }) as const);
  return {
    ...calm,
    status: { slotsHeld, resharding: null },
    because: steps.length === 0 ? null : "slots that have moved are being closed",
    steps,
    events: group.status.resharding === null ? [] : [event(group, "completed")],
  };
}

function moveSteps(map: SlotMap, moves: readonly SlotMove[]): readonly ClusterStep[] {
  if (moves.length === 0) return [];
  return [{ do: "move-slots", moves: moves.map((move) => nodeMove(map, move)) }];
}

/** A shard without slots gets the functions of one that gives it some, before clients come. */
function functionCopies(
  map: SlotMap,
  moves: readonly SlotMove[],
  held: ReplicationGroupStatus["slotsHeld"],
): readonly ClusterStep[] {
  return moves
    .filter(({ to }) => countSlots(held[to] ?? []) === 0)
    .map(({ from, to }) => ({
      do: "copy-functions",
      from: map.primaries.get(from)?.id ?? "",
      to: map.primaries.get(to)?.id ?? "",
    }));
}

/**
 * Why shards cannot leave: those that stay have no room for their data. Null if they have. Told only
 * before the first slot moves; what comes in later is found out slot by slot.
 */
function roomProblem(group: Group, { needed }: SlotsAtHand, map: SlotMap): string | null {
  if (group.status.resharding !== null || needed.length === 0) return null;
  const counts = countBy(map.owners, (owner) => owner ?? "");
  for (const { id, slots } of group.spec.shards) {
    const memory = map.primaries.get(id)?.memory ?? null;
    if (memory === null) continue;
    const coming = countBy(slotsIn(slots), (slot) => map.owners[slot] ?? id);
    let bytes = memory.usedBytes;
    for (const [owner, count] of coming) {
      const { usedBytes } = map.primaries.get(owner)?.memory ?? { usedBytes: 0 };
      if (owner !== id) bytes += (usedBytes * count) / (counts.get(owner) ?? count);
    }
    if (bytes > memory.maxBytes) {
      return `the data does not fit into the shards that would stay, as shard ${id} lacks memory`;
    }
  }
  return null;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** The spec becomes what is there: a layout that was reached is always a valid one. */
function giveUp(group: Group, { shards, held }: SlotsAtHand, reason: string): ReshardingOutcome {
  const layouts = shards.flatMap((shard): readonly ShardLayout[] => {
    const id = shardIdOf(shard);
    const slots = held[id] ?? [];
    if (countSlots(slots) === 0) return [];
    const { members, handover } = group.spec.shards.find((one) => one.id === id) ?? shard.spec;
    return [{ id, members, slots, handover }];
  });
  const spec = { ...group.spec, shards: layouts.toSorted((a, b) => a.id.localeCompare(b.id)) };
  return {
    status: { slotsHeld: held, resharding: null },
    because: "its slots stay where they are",
    steps: [],
    writes: [{ write: "spec", ref: group, spec }],
    events: [event(group, `failed: ${reason}. Its slots stay where they are now`)],
  };
}

function progressEvents(
  group: Group,
  was: Resharding | null,
  now: Pick<Resharding, "slots" | "left">,
): readonly EventDraft[] {
  if (was === null) return [event(group, `started: ${now.left} slots are to move`)];
  const step = ({ slots, left }: Pick<Resharding, "slots" | "left">) =>
    Math.floor(progressPercent({ slots, left }) / announcedPercent);
  if (step(now) <= step(was)) return [];
  return [event(group, `is ${step(now) * announcedPercent} percent complete`)];
}

function event(group: Group, what: string): EventDraft {
  const message = `Online resharding of replication group ${group.id} ${what}`;
  return { sourceType: "replication-group", sourceId: group.id, message };
}
