import type { Clock } from "../../base/clock.ts";
import type { Address } from "../../resources/address.ts";
import type { Items, Sample, Session } from "../engine.ts";
import { readItem, readLine, readStats } from "./replies.ts";
import type { TextClient } from "./text-client.ts";

/** Counters of `stats` that together count the commands carried out. */
const commandCounters = [
  ...["cmd_get", "cmd_set", "cmd_touch", "cmd_flush", "cmd_meta", "incr_hits", "incr_misses"],
  ...["decr_hits", "decr_misses", "delete_hits", "delete_misses"],
] as const;

/** A control connection to a memcached node. */
export class MemcachedSession implements Session {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly items: Items;
  readonly #clock: Clock;
  readonly #client: TextClient;
  #last: { readonly commands: number; readonly atMs: number } | null = null;

  constructor(clock: Clock, client: TextClient) {
    this.#clock = clock;
    this.#client = client;
    this.address = client.address;
    this.closed = client.closed;
    this.items = {
      get: (key) => this.#get(key),
      set: (key, value) => this.#set(key, value),
    };
  }

  async sample(): Promise<Sample> {
    const stats = await this.#client.send("stats", "stats\r\n", readStats);
    const figure = (name: string) => wholeNumber(stats.get(name));
    const commands = commandCounters.reduce((sum, name) => sum + figure(name), 0);
    const atMs = this.#clock.monotonicMs();
    const before = this.#last ?? { commands, atMs };
    this.#last = { commands, atMs };
    const seconds = (atMs - before.atMs) / 1_000;
    return {
      usedMemoryBytes: figure("bytes"),
      maxMemoryBytes: figure("limit_maxbytes"),
      connections: figure("curr_connections"),
      opsPerSecond: seconds <= 0 ? 0 : Math.max(0, commands - before.commands) / seconds,
      loading: false,
      replication: null,
    };
  }

  close(): void {
    this.#client.close();
  }

  async #get(key: string): Promise<string | null> {
    const item = await this.#client.send("get", `get ${checkedKey(key)}\r\n`, readItem);
    return item === null ? null : item.toString("utf8");
  }

  async #set(key: string, value: string): Promise<void> {
    const bytes = Buffer.from(value, "utf8");
    const head = `set ${checkedKey(key)} 0 0 ${bytes.length}\r\n`;
    const whole = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n")]);
    const reply = await this.#client.send("set", whole, readLine);
    if (reply !== "STORED") throw new Error("memcached did not store the item");
  }
}

/** A key that cannot carry a second command: no space, no control character, 250 bytes at most. */
function checkedKey(key: string): string {
  if (!/^[\x21-\x7e]{1,250}$/.test(key)) throw new Error("not a memcached key");
  return key;
}

function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
