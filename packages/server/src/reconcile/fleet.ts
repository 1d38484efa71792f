import type { Clock } from "../base/clock.ts";
import { withDeadline } from "../base/deadline.ts";
import type { Log } from "../base/log.ts";
import {
  NodeFullError,
  type ReplicationView,
  type Sample,
  type Session,
} from "../engine/engine.ts";
import { type Ref, refKey } from "../resources/ref.ts";

/** Every node is sampled this often; more often when silence is to be noticed sooner. */
const sampleEveryMs = 1_000;
/** A node is asked this many times at least before its silence counts as a failure. */
const questionsAtLeast = 3;
/** The fleet looks at its clock this often; nodes take turns over the ticks between two samples. */
const tickMs = 100;
/** A tick this late means that this process, not the nodes, was away. */
const lateMs = 400;

/** A node's last reading. */
export interface Reading {
  readonly sample: Sample;
  readonly at: Date;
}

interface Watched {
  readonly ref: Ref<"node">;
  readonly turn: number;
  session: Session | null;
  reading: Reading | null;
  /**
   * When the node last gave any answer, by the monotonic clock; later by as long as this process
   * was away since.
   */
  heardAtMs: number;
  sampling: boolean;
  /** It may be silent until then, by the monotonic clock. */
  quietUntilMs: number;
  /** Silent for too long at the last tick. */
  overdue: boolean;
  hung: boolean;
}

/**
 * The one kept control connection of every running node. Each is sampled once a second, and these
 * samples feed failure detection as well as whatever shows figures: there is no second poller.
 */
export class Fleet {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #failureTimeoutMs: number;
  readonly #onChange: (ref: Ref<"node">) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #turns: number;
  #lastTickMs: number;
  #tick = 0;
  #stopped = false;

  /** `onChange` is told of nodes that were lost, hung, came back, or changed in replication. */
  constructor(
    clock: Clock,
    log: Log,
    failureTimeoutMs: number,
    onChange: (ref: Ref<"node">) => void,
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#failureTimeoutMs = failureTimeoutMs;
    this.#onChange = onChange;
    const everyMs = Math.min(sampleEveryMs, failureTimeoutMs / questionsAtLeast);
    this.#turns = Math.max(1, Math.floor(everyMs / tickMs));
    this.#lastTickMs = clock.monotonicMs();
    this.#scheduleTick();
  }

  /**
   * Opens the node's kept connection unless it is open. A node that is never reached counts as
   * silent since the first attempt.
   */
  async connect(ref: Ref<"node">, open: () => Promise<Session>): Promise<void> {
    const watched = this.#watch(ref);
    if (watched.session !== null) return;
    const session = await this.#open(watched, open);
    if (this.#stopped || this.#watched.get(refKey(ref)) !== watched) {
      session.close();
      return;
    }
    watched.session = session;
    this.#heard(watched);
    void session.closed.then(() => {
      if (watched.session !== session) return;
      watched.session = null;
      watched.reading = null;
      this.#onChange(ref);
    });
    await this.#sample(watched);
  }

  /** The node's kept connection, or null while there is none. */
  session(ref: Ref<"node">): Session | null {
    return this.#watched.get(refKey(ref))?.session ?? null;
  }

  /** The node's last sample, or null while it has no connection. */
  reading(ref: Ref<"node">): Reading | null {
    return this.#watched.get(refKey(ref))?.reading ?? null;
  }

  /** Whether the node has answered nothing for the failure timeout, though this process listened. */
  isHung(ref: Ref<"node">): boolean {
    return this.#watched.get(refKey(ref))?.hung ?? false;
  }

  /** The node was asked for what may keep it from answering for so long; 0 once that is over. */
  allowSilence(ref: Ref<"node">, forMs: number): void {
    const watched = this.#watched.get(refKey(ref));
    if (watched !== undefined) watched.quietUntilMs = this.#clock.monotonicMs() + forMs;
  }

  /** Closes the node's connection and forgets it. */
  drop(ref: Ref<"node">): void {
    const watched = this.#watched.get(refKey(ref));
    this.#watched.delete(refKey(ref));
    watched?.session?.close();
  }

  /** Closes every connection. */
  stop(): void {
    this.#stopped = true;
    for (const watched of this.#watched.values()) watched.session?.close();
    this.#watched.clear();
  }

  async #open(watched: Watched, open: () => Promise<Session>): Promise<Session> {
    try {
      return await open();
    } catch (error) {
      // It refuses for want of connections: that is an answer, and no reason to replace the node.
      if (error instanceof NodeFullError) this.#heard(watched);
      throw error;
    }
  }

  #watch(ref: Ref<"node">): Watched {
    const key = refKey(ref);
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    const turn = this.#watched.size % this.#turns;
    const watched: Watched = {
      ...{ ref, turn, session: null, reading: null, sampling: false, overdue: false, hung: false },
      heardAtMs: this.#clock.monotonicMs(),
      quietUntilMs: 0,
    };
    this.#watched.set(key, watched);
    return watched;
  }

  #scheduleTick(): void {
    this.#clock.after(tickMs, () => {
      if (this.#stopped) return;
      this.#onTick();
      this.#scheduleTick();
    });
  }

  #onTick(): void {
    const nowMs = this.#clock.monotonicMs();
    const lateByMs = nowMs - this.#lastTickMs - tickMs;
    this.#lastTickMs = nowMs;
    this.#tick += 1;
    if (lateByMs > lateMs) {
      // Nodes may have answered while this process was suspended or busy: start counting afresh.
      this.#log.warn({ lateByMs: Math.round(lateByMs) }, "the failure detector ran late");
      for (const watched of this.#watched.values()) watched.heardAtMs = nowMs;
      return;
    }
    const turn = this.#tick % this.#turns;
    for (const watched of this.#watched.values()) {
      // Nobody was listening in the time that this process did not get.
      watched.heardAtMs = Math.min(nowMs, watched.heardAtMs + Math.max(0, lateByMs));
      if (watched.turn === turn) void this.#sample(watched);
      this.#judgeSilence(watched, nowMs);
    }
  }

  #judgeSilence(watched: Watched, nowMs: number): void {
    const silentSinceMs = Math.max(watched.heardAtMs, watched.quietUntilMs);
    if (watched.hung || nowMs - silentSinceMs <= this.#failureTimeoutMs) return;
    if (!watched.overdue) {
      // Timers come before what arrived meanwhile: an answer may lie unread. So the next tick decides.
      watched.overdue = true;
      return;
    }
    watched.hung = true;
    this.#log.warn({ node: watched.ref.id }, "node stopped answering");
    this.#onChange(watched.ref);
  }

  async #sample(watched: Watched): Promise<void> {
    const { session } = watched;
    if (session === null || watched.sampling) return;
    watched.sampling = true;
    try {
      const sample = await session.sample();
      const before = watched.reading?.sample ?? null;
      watched.reading = { sample, at: this.#clock.now() };
      this.#heard(watched);
      if (outlineOf(before) !== outlineOf(sample)) this.#onChange(watched.ref);
    } catch (error) {
      // No answer is what failure detection counts; the connection's end is told by `closed`.
      this.#log.debug({ node: watched.ref.id, err: error }, "node gave no sample");
    } finally {
      watched.sampling = false;
    }
  }

  #heard(watched: Watched): void {
    watched.heardAtMs = this.#clock.monotonicMs();
    watched.overdue = false;
    if (!watched.hung) return;
    watched.hung = false;
    this.#log.warn({ node: watched.ref.id }, "node answers again");
    this.#onChange(watched.ref);
  }
}

/** Reads a session's replication view, or null if it gives none within `withinMs`. */
export async function viewOf(
  clock: Clock,
  session: Session | null,
  withinMs: number,
): Promise<ReplicationView | null> {
  if (session?.replication === undefined) return null;
  try {
    return await withDeadline(clock, "INFO replication", withinMs, session.replication.view());
  } catch {
    // An unreadable node is an observation, not a failure of the pass: the plan decides.
    return null;
  }
}

/** What of a sample makes a shard look again when it changes. */
function outlineOf(sample: Sample | null): string {
  if (sample === null) return "";
  const { replication, loading } = sample;
  if (replication === null) return String(loading);
  const replicas = replication.replicas.map(
    (one) => `${one.address.host}:${one.address.port} ${one.online} ${one.acknowledgedOffset > 0}`,
  );
  const { role, link } = replication;
  return [loading, role, link?.up, link?.syncing, ...replicas.toSorted()].join("|");
}
