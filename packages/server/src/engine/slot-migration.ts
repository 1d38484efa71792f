import { setTimeout as pause } from "node:timers/promises";
import type { Address } from "../resources/address.ts";
import { slotsIn } from "../resources/slots.ts";
import type { Cluster, ClusterView } from "./engine.ts";
import { batchesOf, turnsOf, withinMsOf } from "./slot-batches.ts";
import type { KeyBatch, SizedKey, SlotKeeping } from "./slot-keeping.ts";

/** Slots that are on their way at the same time: few, so that little stands open after a crash. */
const slotsTogether = 128;
/** Keys that are asked for at a time once a slot is on its way. */
const keysPerLook = 100;
/** AWS moves no larger item. Measured in memory: only the finished copy tells its own size. */
const itemBytesMax = 268_435_456;
/** Giving a batch beyond this may keep both nodes silent for longer than a hung one may be. */
const quietBytes = 8_388_608;

/** How often it is looked whether the taker's claim is the newer one: for as long as gossip takes. */
const looksBeforeHanding = 100;
const lookEveryMs = 20;
/** How often it is looked whether handed slots have arrived. */
const looksAfterHanding = 5;

/** A primary that takes part in a migration. */
export interface SlotHolder {
  /** Its id in the cluster. */
  readonly nodeId: string;
  readonly address: Address;
  readonly cluster: Pick<Cluster, "view">;
  readonly slots: SlotKeeping;
}

/** Slots of one primary that another is to take over. */
export interface SlotMigration {
  readonly giver: SlotHolder;
  readonly taker: SlotHolder;
  readonly slots: readonly number[];
  /** Asked between batches; what is under way then stays open, for the next call to finish. */
  readonly goesOn: () => boolean;
  /** Told before both nodes may answer nothing for so long, and with 0 once that is over. */
  readonly onQuiet: (forMs: number) => void;
}

/** Why a slot cannot move. */
export interface SlotRefusal {
  readonly slot: number;
  readonly reason: "item-too-large" | "taker-full";
  /** Of the item, or of all keys that would have moved with the slot. */
  readonly bytes: number;
}

/** What a migration came to. */
export interface SlotMigrationOutcome {
  readonly moved: readonly number[];
  readonly keys: number;
  readonly bytes: number;
  /** Why the rest stays where it is, untouched; null when nothing stands in the way. */
  readonly refusal: SlotRefusal | null;
}

/**
 * Moves slots with their keys while clients use them. May be cut off anywhere and called again: a
 * slot is opened at the taker first, so that whoever is sent there is served, and closed there first,
 * so that no slot is ever without an owner. Releases neither of the two: they may take part in more.
 * @throws Error when a node fails; the slots under way stay open
 */
export async function migrateSlots(migration: SlotMigration): Promise<SlotMigrationOutcome> {
  const { done, ahead, unknown } = await standingOf(migration);
  if (done.length > 0) await hand(migration, done);
  const moved = [...done];
  let [keys, bytes] = [0, 0];
  for (let at = 0; at < ahead.length && migration.goesOn(); at += slotsTogether) {
    const together = ahead.slice(at, at + slotsTogether);
    const contents = await contentsOf(migration, together);
    const refusal = await refusalOf(migration, contents);
    if (refusal !== null) return { moved, keys, bytes, refusal };
    await open(migration, together, unknown);
    const given = await giveAll(migration, together, contents);
    keys += given.keys;
    bytes += given.bytes;
    if (!given.isEmpty) break;
    await hand(migration, together);
    moved.push(...together);
  }
  return { moved, keys, bytes, refusal: null };
}

/** Which of the slots the taker owns already, and which the giver has still to give. */
async function standingOf({ giver, taker, slots }: SlotMigration): Promise<{
  readonly done: readonly number[];
  readonly ahead: readonly number[];
  /** Slots whose owner the taker does not know, as it has only just joined. */
  readonly unknown: ReadonlySet<number>;
}> {
  const [given, taken] = await Promise.all([giver.cluster.view(), taker.cluster.view()]);
  const [owned, done] = [slotsOf(given, giver.nodeId), slotsOf(taken, taker.nodeId)];
  const known = slotsOf(taken, giver.nodeId);
  const ahead = slots.filter((slot) => owned.has(slot) && !done.has(slot));
  return {
    done: slots.filter((slot) => done.has(slot)),
    ahead,
    unknown: new Set(ahead.filter((slot) => !known.has(slot))),
  };
}

/** The slots that are a node's in somebody's view. */
function slotsOf({ nodes }: ClusterView, nodeId: string): ReadonlySet<number> {
  return new Set(slotsIn(nodes.find((one) => one.id === nodeId)?.slots ?? []));
}

type Contents = ReadonlyMap<number, readonly SizedKey[]>;

/** Every key of the slots, so that a slot which cannot move is known before it is opened. */
async function contentsOf({ giver }: SlotMigration, slots: readonly number[]): Promise<Contents> {
  const counts = await giver.slots.countKeys(slots);
  const filled = slots.filter((_, index) => (counts[index] ?? 0) > 0);
  const most = Math.max(0, ...counts);
  return filled.length === 0 ? new Map() : sized(giver, filled, most);
}

async function sized(giver: SlotHolder, slots: readonly number[], most: number): Promise<Contents> {
  const lists = await giver.slots.keysIn(slots, most);
  const all = await giver.slots.sizesOf(lists.flat());
  let from = 0;
  return new Map(
    slots.map((slot, index) => {
      const { length } = lists[index] ?? [];
      from += length;
      return [slot, all.slice(from - length, from)];
    }),
  );
}

async function refusalOf(
  { giver, taker }: SlotMigration,
  contents: Contents,
): Promise<SlotRefusal | null> {
  if (contents.size === 0) return null;
  const refusal = tooLarge(contents) ?? tooMuch(contents, await taker.slots.freeBytes());
  if (refusal === null) return null;
  // What is half way goes on: some of its keys are at the taker, and clients are sent there.
  const { openSlots } = await giver.cluster.view();
  return openSlots.some(({ slot }) => contents.has(slot)) ? null : refusal;
}

function tooLarge(contents: Contents): SlotRefusal | null {
  for (const [slot, keys] of contents) {
    const large = keys.find(({ bytes }) => bytes > itemBytesMax);
    if (large !== undefined) return { slot, reason: "item-too-large", bytes: large.bytes };
  }
  return null;
}

function tooMuch(contents: Contents, freeBytes: number): SlotRefusal | null {
  let bytes = 0;
  for (const [slot, keys] of contents) {
    bytes += keys.reduce((total, key) => total + key.bytes, 0);
    if (bytes > freeBytes) return { slot, reason: "taker-full", bytes };
  }
  return null;
}

async function open(
  { giver, taker }: SlotMigration,
  slots: readonly number[],
  unknown: ReadonlySet<number>,
): Promise<void> {
  // A node serves nobody in a slot without an owner, and while it imports one gossip cannot tell it.
  const strange = slots.filter((slot) => unknown.has(slot));
  if (strange.length > 0) await taker.slots.assign(strange, giver.nodeId);
  await taker.slots.importFrom(slots, giver.nodeId);
  await giver.slots.migrateTo(slots, taker.nodeId);
}

/**
 * Makes the taker the slots' owner, who tells everybody else at once. What the giver told before it
 * heard may arrive after that: if its claim were the newer one, the taker would lose the slots to
 * it again, and delete their keys. So the taker's is made the newer one before, and still it is
 * looked at afterwards.
 */
async function hand(migration: SlotMigration, slots: readonly number[]): Promise<void> {
  const { giver, taker } = migration;
  await outclaim(migration);
  await taker.slots.assign(slots, taker.nodeId);
  await giver.slots.assign(slots, taker.nodeId);
  for (let looks = 0; looks < looksAfterHanding; looks += 1) {
    const held = slotsOf(await taker.cluster.view(), taker.nodeId);
    const lost = slots.filter((slot) => !held.has(slot));
    if (lost.length === 0) return;
    // Importing anew is what gives the taker a claim that is newer than the one which crossed it.
    await taker.slots.importFrom(lost, giver.nodeId);
    await taker.slots.assign(lost, taker.nodeId);
  }
  throw new Error("slots that were handed over are claimed by nobody yet");
}

/** Waits until the taker's claim is newer than the giver's, whatever the giver tells from now on. */
async function outclaim({ giver, taker }: SlotMigration): Promise<void> {
  for (let looks = 0; looks < looksBeforeHanding; looks += 1) {
    const [given, taken] = await Promise.all([giver.slots.claims(), taker.slots.claims()]);
    const claim = given.get(giver.nodeId) ?? 0;
    // One of two with the same claim renews its own as soon as they hear of each other.
    const isAlone = [...given].every(([id, other]) => id === giver.nodeId || other !== claim);
    if (isAlone && (taken.get(taker.nodeId) ?? 0) > claim) return;
    await taker.slots.renewClaim();
    await pause(lookEveryMs);
  }
  throw new Error("the claim of who gives slots is not older than that of who takes them yet");
}

/** Gives keys until the slots are empty; none can be made at the giver while they are open. */
async function giveAll(
  migration: SlotMigration,
  slots: readonly number[],
  known: Contents,
): Promise<{ readonly keys: number; readonly bytes: number; readonly isEmpty: boolean }> {
  let [keys, bytes] = [0, 0];
  let contents = known;
  let left = slots;
  while (left.length > 0) {
    const batches = left.flatMap((slot) => batchesOf(contents.get(slot) ?? []));
    for (const turn of turnsOf(batches)) {
      if (!migration.goesOn()) return { keys, bytes, isEmpty: false };
      await giveTurn(migration, turn);
      keys += turn.reduce((count, batch) => count + batch.keys.length, 0);
      bytes += turn.reduce((count, batch) => count + batch.bytes, 0);
    }
    const counts = await migration.giver.slots.countKeys(left);
    left = left.filter((_, index) => (counts[index] ?? 0) > 0);
    if (left.length > 0) contents = await sized(migration.giver, left, keysPerLook);
  }
  return { keys, bytes, isEmpty: true };
}

async function giveTurn(migration: SlotMigration, turn: readonly KeyBatch[]): Promise<void> {
  const failed = await give(migration, turn, false);
  // A busy taker answers late: its batches go once more, each alone.
  for (const batch of failed) {
    const [again] = await give(migration, [batch], true);
    if (again !== undefined) throw new Error(`keys could not be moved: ${again.because}`);
  }
}

interface FailedBatch extends KeyBatch {
  readonly because: string;
}

async function give(
  { giver, taker, onQuiet }: SlotMigration,
  batches: readonly KeyBatch[],
  patient: boolean,
): Promise<readonly FailedBatch[]> {
  const withinMs = Math.max(...batches.map((batch) => withinMsOf(batch, patient)));
  const isLong = batches.some((batch) => batch.bytes > quietBytes);
  if (isLong) onQuiet(withinMs);
  const answers = await giver.slots.give(batches, taker.address, withinMs);
  if (isLong) onQuiet(0);
  return batches.flatMap((batch, index) => {
    const because = answers[index] ?? null;
    return because === null ? [] : [{ ...batch, because }];
  });
}
