import { Redis } from "ioredis";
import { setTimeout as pause } from "node:timers/promises";
import type { Place } from "../arena.ts";

/**
 * An application's client as it comes: it connects again by itself, and sends a command again that was
 * cut off, and one that met a node that had just stopped being the primary. What rejects all the same
 * is an error that the application sees.
 */
export class RetryingClient {
  readonly #redis: Redis;
  readonly #errors: string[] = [];
  readonly #done: Promise<void>;
  #calls = 0;
  #stopped = false;

  constructor(place: Place) {
    this.#redis = new Redis({
      ...place,
      reconnectOnError: ({ message }) => (message.startsWith("READONLY") ? 2 : false),
    });
    this.#redis.on("error", () => {}); // it reconnects; a command that is given up rejects
    this.#done = this.#run();
  }

  /** Ends it; resolves with how many calls it made and what the application saw go wrong. */
  async stop(): Promise<{ readonly calls: number; readonly errors: readonly string[] }> {
    this.#stopped = true;
    await this.#done;
    this.#redis.disconnect();
    return { calls: this.#calls, errors: this.#errors };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#calls += 1;
      try {
        await this.#redis.set("retrying", String(this.#calls));
        await this.#redis.get("retrying");
      } catch (error) {
        this.#errors.push(String(error));
      }
      await pause(2);
    }
  }
}
