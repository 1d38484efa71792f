import { Cluster } from "ioredis";
import type { Place } from "../arena.ts";
import { seededRandom } from "../seeded-random.ts";
import { readKey } from "./data-set.ts";

/** Writers and readers, each with a cluster client of its own. */
const clientCount = 4;
const keysPerWriter = 500;
/** A key's number, so that each writer has keys of its own. */
const nameOf = (writer: number, key: number) => `written:${writer}:${key}`;

/** Clients that read and write all the time, and keep what they were told. */
export class ClusterLoad {
  readonly errors = new Map<string, number>();
  /** Reads that were answered with something else than the key holds. */
  wrongReads = 0;
  reads = 0;
  writes = 0;
  /** The longest that any client waited for one answer. */
  longestMs = 0;
  readonly #acknowledged = new Map<string, number>();
  readonly #attempted = new Map<string, number>();
  readonly #clients: Cluster[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #dataKeys: number;

  constructor(place: Place, dataKeys: number, seed: number) {
    this.#dataKeys = dataKeys;
    const random = seededRandom(seed);
    for (let number = 0; number < clientCount; number += 1) {
      this.#running.push(this.#write(this.#client(place), number, random));
      this.#running.push(this.#read(this.#client(place), random));
    }
  }

  /** Stops all clients once each has its last answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** How many keys hold less than was acknowledged, or more than was ever written. */
  async lostWrites(): Promise<number> {
    const [client] = this.#clients;
    if (client === undefined) return 0;
    let lost = 0;
    for (const [key, acknowledged] of this.#acknowledged) {
      const held = Number(await client.get(key));
      if (held < acknowledged || held > (this.#attempted.get(key) ?? 0)) lost += 1;
    }
    return lost;
  }

  /** How many keys the writers have made. */
  get keys(): number {
    return this.#attempted.size;
  }

  close(): void {
    for (const client of this.#clients) client.disconnect();
  }

  #client(place: Place): Cluster {
    const client = new Cluster([place]);
    client.on("error", () => {}); // told by the command that fails
    this.#clients.push(client);
    return client;
  }

  async #write(client: Cluster, writer: number, random: () => number): Promise<void> {
    for (let value = 1; !this.#stop.signal.aborted; value += 1) {
      const key = nameOf(writer, Math.floor(random() * keysPerWriter));
      this.#attempted.set(key, value);
      await this.#timed(async () => {
        await client.set(key, value);
        this.#acknowledged.set(key, value);
        this.writes += 1;
      });
    }
  }

  async #read(client: Cluster, random: () => number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const number = Math.floor(random() * this.#dataKeys);
      await this.#timed(async () => {
        if (!(await readKey(client, number))) this.wrongReads += 1;
        this.reads += 1;
      });
    }
  }

  async #timed(work: () => Promise<void>): Promise<void> {
    const fromMs = performance.now();
    try {
      await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
    }
    this.longestMs = Math.max(this.longestMs, performance.now() - fromMs);
  }
}
