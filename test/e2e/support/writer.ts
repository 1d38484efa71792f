import type { Address } from "@larder/server/resources/address.ts";
import { until } from "@larder/testkit/until.ts";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { setTimeout as pause } from "node:timers/promises";

const replicaWithinMs = 1_000;
const afterErrorMs = 10;

/** A client of the primary endpoint that writes one key after the other. */
export interface WriteClient extends AsyncDisposable {
  /** Writes a key and waits for one replica; whether a replica is known to have this write. */
  write(key: string): Promise<boolean>;
}

/**
 * ioredis as it comes: it reconnects by itself, and sends again what had no answer. A WAIT that is
 * sent again on a new connection knows nothing of the write before, so that one does not count.
 */
export function ioredisWriter(at: Address): WriteClient {
  const redis = new Redis(at);
  let closes = 0;
  redis.on("close", () => (closes += 1));
  redis.on("error", () => {}); // it reconnects; a command that is given up rejects
  return {
    async write(key) {
      const before = closes;
      const answers = await redis.pipeline().set(key, key).wait(1, replicaWithinMs).exec();
      for (const [error] of answers ?? []) if (error !== null) throw error;
      return before === closes && Number(answers?.[1]?.[1]) >= 1;
    },
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

/**
 * node-redis as it comes: it reconnects by itself and keeps what it had not sent, but rejects what
 * had no answer, so that its user has to try again. Without a listener for "error" it would throw.
 */
export async function nodeRedisWriter(at: Address): Promise<WriteClient> {
  const redis = createClient({ socket: at });
  redis.on("error", () => {});
  await redis.connect();
  return {
    async write(key) {
      const both = redis.multi().set(key, key).wait(1, replicaWithinMs);
      const [, replicas] = await both.execAsPipeline();
      return Number(replicas) >= 1;
    },
    [Symbol.asyncDispose]: async () => redis.destroy(),
  };
}

/** Writes all the time until it is disposed of, trying again after an error. */
export class Writer implements AsyncDisposable {
  readonly #client: WriteClient;
  readonly #name: string;
  readonly #done: Promise<void>;
  readonly #acknowledged: string[] = [];
  readonly #errors: Error[] = [];
  #stopped = false;
  #lastMs = performance.now();
  #gapMs = 0;

  constructor(name: string, client: WriteClient) {
    this.#name = name;
    this.#client = client;
    this.#done = this.#run();
  }

  /** The keys that a replica is known to have. */
  get acknowledged(): readonly string[] {
    return this.#acknowledged;
  }

  /** What its user had to try again. */
  get errors(): readonly string[] {
    return this.#errors.map((error) => error.message || error.name);
  }

  /** The longest time without an acknowledged write so far. */
  get gapMs(): number {
    return Math.max(this.#gapMs, performance.now() - this.#lastMs);
  }

  /** Resolves after `count` more acknowledged writes. */
  async writes(count: number, withinMs: number): Promise<void> {
    const target = this.#acknowledged.length + count;
    await until(
      `${this.#name} has written ${count} times more`,
      () =>
        this.#acknowledged.length >= target ||
        `${target - this.#acknowledged.length} to go; last error: ${this.errors.at(-1)}`,
      { withinMs },
    );
  }

  /** The acknowledged keys that the cache at `at` does not have. */
  async lostAt(at: Address): Promise<readonly string[]> {
    const keys = [...this.#acknowledged];
    const redis = new Redis(at);
    try {
      const values = await redis.mget(...keys);
      return keys.filter((key, index) => values[index] !== key);
    } finally {
      redis.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#client[Symbol.asyncDispose]();
    await this.#done;
  }

  async #run(): Promise<void> {
    for (let count = 0; !this.#stopped; count += 1) {
      const key = `${this.#name}:${count}`;
      try {
        if (await this.#client.write(key)) this.#acknowledge(key);
      } catch (error) {
        if (this.#stopped) return;
        this.#errors.push(error as Error);
        await pause(afterErrorMs);
      }
    }
  }

  #acknowledge(key: string): void {
    const nowMs = performance.now();
    this.#gapMs = Math.max(this.#gapMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#acknowledged.push(key);
  }
}
