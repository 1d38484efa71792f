import type { Address } from "../../resources/address.ts";
import type { Key, KeyBatch, SizedKey, SlotKeeping } from "../slot-keeping.ts";
import type { BinaryCommand, BinaryReply, ControlConnection } from "./connection.ts";
import { parseClaims } from "./cluster-nodes.ts";
import { figureOf } from "./info.ts";
import { readInfo } from "./node-info.ts";

/** How many of a collection's elements are looked at to estimate its size. */
const samples = "5";
/** So many sizes are asked for at a time: some milliseconds of the node's time. */
const sizesPerTurn = 1_000;
/** Beyond what the node itself allows for, for the way there and back. */
const graceMs = 2_000;
/** For as many SETSLOT as one call sends. */
const setSlotWithinMs = 10_000;
/** Connections that such a call is spread over where each SETSLOT waits for the replicas. */
const laneCount = 16;
const connectWithinMs = 2_000;

/** The slots of a redis or valkey primary, by CLUSTER SETSLOT and MIGRATE. */
export class NodeSlots implements SlotKeeping {
  readonly #connection: ControlConnection;

  /** Whether a SETSLOT waits until the replicas have it, as in valkey from 8 on. */
  #waits: boolean | null = null;
  /** Opened for whoever needs them first; several may share them. */
  #lanes: Promise<readonly ControlConnection[]> | null = null;

  constructor(connection: ControlConnection) {
    this.#connection = connection;
  }

  async importFrom(slots: readonly number[], from: string): Promise<void> {
    await this.#setSlots(slots, "IMPORTING", from);
  }

  async migrateTo(slots: readonly number[], to: string): Promise<void> {
    await this.#setSlots(slots, "MIGRATING", to);
  }

  async assign(slots: readonly number[], owner: string): Promise<void> {
    await this.#setSlots(slots, "NODE", owner);
  }

  async close(slots: readonly number[]): Promise<void> {
    await this.#setSlots(slots, "STABLE");
  }

  async claims(): Promise<ReadonlyMap<string, number>> {
    return parseClaims(await this.#connection.send(["CLUSTER", "NODES"]));
  }

  async renewClaim(): Promise<void> {
    await this.#connection.send(["CLUSTER", "BUMPEPOCH"]);
  }

  async countKeys(slots: readonly number[]): Promise<readonly number[]> {
    const replies = await this.#connection.sendAll(
      slots.map((slot) => ["CLUSTER", "COUNTKEYSINSLOT", String(slot)]),
    );
    return replies.map((reply) => Number(answerOf(reply)));
  }

  async keysIn(slots: readonly number[], most: number): Promise<readonly (readonly Key[])[]> {
    const replies = await this.#connection.sendAll(
      slots.map((slot) => ["CLUSTER", "GETKEYSINSLOT", String(slot), String(most)]),
    );
    return replies.map((reply) => {
      const keys = answerOf(reply);
      if (!Array.isArray(keys)) throw new Error("the node does not say which keys a slot has");
      return keys.filter((key) => Buffer.isBuffer(key));
    });
  }

  async sizesOf(keys: readonly Key[]): Promise<readonly SizedKey[]> {
    const sized: SizedKey[] = [];
    for (let at = 0; at < keys.length; at += sizesPerTurn) {
      const turn = keys.slice(at, at + sizesPerTurn);
      const replies = await this.#connection.sendAll(
        turn.map((key) => ["MEMORY", "USAGE", key, "SAMPLES", samples]),
      );
      for (const [index, key] of turn.entries()) {
        const reply = replies[index];
        // A key that ended meanwhile is answered with nothing or, in a slot on its way, with ASK.
        sized.push({ key, bytes: typeof reply === "number" ? reply : 0 });
      }
    }
    return sized;
  }

  async give(
    batches: readonly KeyBatch[],
    to: Address,
    withinMs: number,
  ): Promise<readonly (string | null)[]> {
    const replies = await this.#connection.sendAll(
      batches.map(({ keys }): BinaryCommand => [
        "MIGRATE",
        ...[to.host, String(to.port), "", "0", String(withinMs), "REPLACE"],
        ...this.#connection.credentials(),
        ...["KEYS", ...keys],
      ]),
      batches.length * withinMs + graceMs,
    );
    return replies.map((reply) => (reply instanceof Error ? reply.message : null));
  }

  async freeBytes(): Promise<number> {
    const info = await readInfo(this.#connection, ["memory"]);
    const most = figureOf(info, "maxmemory");
    return most === 0 ? Number.POSITIVE_INFINITY : most - figureOf(info, "used_memory");
  }

  async functions(): Promise<Buffer> {
    const [reply] = await this.#connection.sendAll([["FUNCTION", "DUMP"]]);
    const library = answerOf(reply);
    if (!Buffer.isBuffer(library)) throw new Error("the node does not give its functions");
    return library;
  }

  async loadFunctions(library: Buffer): Promise<void> {
    const [reply] = await this.#connection.sendAll([["FUNCTION", "RESTORE", library, "REPLACE"]]);
    answerOf(reply);
  }

  release(): void {
    const lanes = this.#lanes;
    this.#lanes = null;
    void lanes?.then(closeAll, () => {
      // None were opened, as whoever waits for them is told.
    });
  }

  async #setSlots(slots: readonly number[], ...what: readonly string[]): Promise<void> {
    const lanes = slots.length < laneCount ? [this.#connection] : await this.#openLanes();
    const replies = await Promise.all(
      lanes.map((lane, at) => {
        const theirs = slots.filter((_, index) => index % lanes.length === at);
        const commands = theirs.map((slot): BinaryCommand => {
          return ["CLUSTER", "SETSLOT", String(slot), ...what];
        });
        return lane.sendAll(commands, setSlotWithinMs);
      }),
    );
    for (const reply of replies.flat()) answerOf(reply);
  }

  /** A connection waits for one SETSLOT at a time, but many of them for the same answer. */
  async #openLanes(): Promise<readonly ControlConnection[]> {
    this.#waits ??= (await readInfo(this.#connection, ["server"])).has("valkey_version");
    if (!this.#waits) return [this.#connection];
    this.#lanes ??= this.#connect(laneCount);
    return this.#lanes;
  }

  /** All of the connections, or none. */
  async #connect(count: number): Promise<readonly ControlConnection[]> {
    const opening = Array.from({ length: count }, () => this.#connection.another(connectWithinMs));
    const opened = await Promise.allSettled(opening);
    const lanes = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = opened.find((one) => one.status === "rejected");
    if (failed === undefined) return lanes;
    closeAll(lanes);
    this.#lanes = null;
    throw failed.reason;
  }
}

function closeAll(lanes: readonly ControlConnection[]): void {
  for (const lane of lanes) lane.close();
}

function answerOf(reply: BinaryReply | undefined): Exclude<BinaryReply, Error> {
  if (reply === undefined) throw new Error("the node left a command unanswered");
  if (reply instanceof Error) throw reply;
  return reply;
}
