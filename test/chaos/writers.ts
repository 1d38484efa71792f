import { describeReply, RespConnection, RespError } from "@larder/testkit/resp-connection.ts";
import { setTimeout as pause } from "node:timers/promises";
import { type Place, placeOf } from "./arena.ts";

/** How writers write. */
export interface WriterOptions {
  readonly count?: number;
  /** Whether a write counts as acknowledged only once a replica has it too (`WAIT 1 1000`). */
  readonly wait?: boolean;
  /** Begins the names of the keys, one list for each writer. */
  readonly prefix: string;
  /** Rest between two writes of a writer; 0 writes as fast as it can. */
  readonly everyMs?: number;
}

/** Acknowledged writes of one node: from when to when, by the monotonic clock. */
interface Reign {
  readonly runId: string;
  readonly firstMs: number;
  lastMs: number;
  acked: number;
}

/** What reading everything back came to. */
export interface Verdict {
  readonly acked: number;
  /** Acknowledged writes that are not there. */
  readonly lost: number;
  /** When the first of those was acknowledged, by the monotonic clock. */
  readonly oldestLostAtMs: number | null;
}

const reconnectAfterMs = 5;

/**
 * Clients that write through one address and connect again whenever they are cut off; through the
 * next one if several are given, or the one that a node of a cluster names as the right one. Each
 * pushes rising numbers to a list of its own, and none is ever sent twice, so that reading the lists
 * back tells exactly which acknowledged writes are gone.
 */
export class Writers {
  readonly #places: readonly [Place, ...Place[]];
  readonly #options: Required<WriterOptions>;
  readonly #acked: { readonly number: number; readonly atMs: number }[][];
  readonly #reigns = new Map<string, Reign>();
  readonly #errors = new Map<string, number>();
  #runs: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #lastOkMs = performance.now();
  #gapMs = 0;
  #okCount = 0;
  #nextNumber = 0;
  #openConnections = new Set<RespConnection>();

  /** @param places where writes can go: an endpoint, or the nodes of one shard of a cluster */
  constructor(places: Place | readonly [Place, ...Place[]], options: WriterOptions) {
    this.#places = "host" in places ? [places] : places;
    this.#options = { count: 20, wait: false, everyMs: 0, ...options };
    this.#acked = Array.from({ length: this.#options.count }, () => []);
  }

  start(): this {
    this.#lastOkMs = performance.now();
    this.#runs = Promise.all(this.#acked.map((_, index) => this.#run(index)));
    return this;
  }

  /** From now on, gaps and errors are counted afresh: a fault comes. */
  mark(): void {
    this.#gapMs = 0;
    this.#errors.clear();
  }

  /** How many of them there are. */
  get count(): number {
    return this.#options.count;
  }

  /** How many writes were acknowledged so far. */
  get okCount(): number {
    return this.#okCount;
  }

  /** The longest time without any acknowledged write since `mark`, the current one included. */
  get gapMs(): number {
    return Math.max(this.#gapMs, performance.now() - this.#lastOkMs);
  }

  /** Whatever went wrong since `mark`, with how often. */
  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  get errorCount(): number {
    return [...this.#errors.values()].reduce((sum, one) => sum + one, 0);
  }

  /**
   * Pairs of nodes that acknowledged writes at the same time, a sentence each. One after the other
   * is a failover; both at once, or the first again, are two primaries on one address.
   */
  overlaps(): readonly string[] {
    const reigns = [...this.#reigns.values()].toSorted((a, b) => a.firstMs - b.firstMs);
    return reigns.flatMap((one, index) =>
      reigns
        .slice(index + 1)
        .filter((other) => other.firstMs < one.lastMs)
        .map((other) => {
          const overlapMs = Math.round(one.lastMs - other.firstMs);
          return `${one.runId} took writes ${overlapMs} ms after ${other.runId} had begun to`;
        }),
    );
  }

  /** Ends all writers; resolves with the longest gap since `mark`. */
  async stop(): Promise<number> {
    const { gapMs } = this;
    this.#stopped = true;
    // Writers that wait for an answer which may never come are cut off.
    const late = setTimeout(() => {
      for (const one of this.#openConnections) one[Symbol.dispose]();
    }, 2_000);
    await this.#runs;
    clearTimeout(late);
    return gapMs;
  }

  /** Reads every list back through `place`: what was acknowledged, and is gone of it. */
  async verify(place: Place = this.#places[0]): Promise<Verdict> {
    using connection = await RespConnection.open(place.host, place.port);
    const lostAtMs: number[] = [];
    for (const [index, acked] of this.#acked.entries()) {
      const key = this.#key(index);
      const reply = await connection.send("LRANGE", key, "0", "-1");
      if (!Array.isArray(reply)) throw new Error(`cannot read ${key}: ${describeReply(reply)}`);
      const present = new Set(reply.map(Number));
      for (const one of acked) if (!present.has(one.number)) lostAtMs.push(one.atMs);
      await connection.send("UNLINK", key);
    }
    return {
      acked: this.#acked.reduce((sum, one) => sum + one.length, 0),
      lost: lostAtMs.length,
      oldestLostAtMs: lostAtMs.length === 0 ? null : lostAtMs.reduce((a, b) => Math.min(a, b)),
    };
  }

  #key(index: number): string {
    return `${this.#options.prefix}:${index}`;
  }

  async #run(index: number): Promise<void> {
    let place = this.#places[index % this.#places.length] ?? this.#places[0];
    while (!this.#stopped) {
      try {
        using connection = await RespConnection.open(place.host, place.port);
        this.#openConnections.add(connection);
        try {
          place = placeNamedBy(await this.#write(connection, index)) ?? place;
        } finally {
          this.#openConnections.delete(connection);
        }
      } catch (error) {
        if (!this.#stopped) this.#count(error);
        place = this.#after(place);
      }
      if (!this.#stopped) await pause(reconnectAfterMs);
    }
  }

  /** The place to try next after one that cut the writer off. */
  #after(place: Place): Place {
    const tried = this.#places.findIndex(
      ({ host, port }) => host === place.host && port === place.port,
    );
    return this.#places[(tried + 1) % this.#places.length] ?? this.#places[0];
  }

  /** Writes until an error reply, which it resolves with, or until stopped; rejects when cut off. */
  async #write(connection: RespConnection, index: number): Promise<RespError | null> {
    const runId = /run_id:(\w+)/.exec(await connection.text("INFO", "server"))?.[1];
    if (runId === undefined) throw new Error("a server did not say who it is");
    while (!this.#stopped) {
      // Taken before it is sent: a write that is cut off may have arrived, so it is not sent again.
      const number = this.#nextNumber++;
      const pushed = connection.send("RPUSH", this.#key(index), String(number));
      const waited = this.#options.wait ? connection.send("WAIT", "1", "1000") : null;
      const [reply, replicas] = await Promise.all([pushed, waited]);
      if (reply instanceof RespError) {
        this.#count(reply);
        return reply;
      }
      const isAcked = waited === null || (typeof replicas === "number" && replicas >= 1);
      if (isAcked) this.#ok(index, number, runId);
      else this.#count(new Error("WAIT 1 got no replica"));
      if (this.#options.everyMs > 0) await pause(this.#options.everyMs);
    }
    return null;
  }

  #ok(index: number, number: number, runId: string): void {
    const nowMs = performance.now();
    this.#gapMs = Math.max(this.#gapMs, nowMs - this.#lastOkMs);
    this.#lastOkMs = nowMs;
    this.#okCount += 1;
    this.#acked[index]?.push({ number, atMs: nowMs });
    const reign = this.#reigns.get(runId);
    if (reign === undefined) {
      this.#reigns.set(runId, { runId, firstMs: nowMs, lastMs: nowMs, acked: 1 });
    } else {
      reign.lastMs = nowMs;
      reign.acked += 1;
    }
  }

  #count(error: unknown): void {
    // Where a write belongs is another place each time; every other error reply says what is wrong.
    const text = error instanceof RespError ? error.message.replace(/^MOVED .*/, "MOVED") : error;
    const what = String(text);
    this.#errors.set(what, (this.#errors.get(what) ?? 0) + 1);
  }
}

/** The place in "MOVED slot host:port", with which a node says who holds the slot. */
function placeNamedBy(reply: RespError | null): Place | null {
  const place = /^MOVED \d+ (\S+:\d+)$/.exec(reply?.message ?? "")?.[1];
  return place === undefined ? null : placeOf(place);
}
