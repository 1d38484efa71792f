import { connect, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import { type Address, formatAddress } from "../../resources/address.ts";

/** The longest that a node may take to answer one command. */
const commandTimeoutMs = 2_000;
/** `stats` has some 5 KB; an item of ours is a few KB. A node that sends more is not trusted. */
const replyBytesMax = 1_200_000;

/**
 * Takes a reply off the bytes received so far; null while it is not complete. An Error is a reply
 * in which the node refuses. Throws when the bytes are no reply at all.
 */
export type ReplyReader<T> = (
  received: Buffer,
) => { readonly reply: T | Error; readonly used: number } | null;

interface Waiting {
  readonly read: ReplyReader<unknown>;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One connection to a memcached node, in its text protocol. Replies come in the order asked. */
export class TextClient {
  readonly address: Address;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #reason: Error | undefined;

  private constructor(clock: Clock, address: Address, socket: Socket) {
    this.#clock = clock;
    this.address = address;
    this.#socket = socket;
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => (this.#reason ??= error));
    socket.on("close", () => {
      for (const one of this.#waiting.splice(0)) one.reject(this.#goneError());
      closed.resolve();
    });
  }

  /** Connects. Rejects when the node refuses, or does not accept within `withinMs`. */
  static async open(clock: Clock, address: Address, withinMs: number): Promise<TextClient> {
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const client = new TextClient(clock, address, socket);
    const connected = Promise.withResolvers<void>();
    socket.once("connect", () => connected.resolve());
    void client.closed.then(() => connected.reject(client.#goneError()));
    try {
      await withDeadline(
        clock,
        `connecting to ${formatAddress(address)}`,
        withinMs,
        connected.promise,
      );
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** Sends one command and resolves with what `read` makes of its reply. */
  async send<T>(
    name: string,
    bytes: Buffer | string,
    read: ReplyReader<T>,
    withinMs: number = commandTimeoutMs,
  ): Promise<T> {
    if (this.#socket.destroyed) throw this.#goneError();
    const reply = new Promise<T>((resolve, reject) => {
      // The reader that is kept with the callback is the one whose type the callback takes.
      this.#waiting.push({ read, resolve: (given) => resolve(given as T), reject });
      this.#socket.write(bytes);
    });
    const what = `${name} on ${formatAddress(this.address)}`;
    return withDeadline(this.#clock, what, withinMs, reply);
  }

  /** Closes the connection at once. */
  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        const taken = first.read(this.#received);
        if (taken === null) break;
        this.#received = this.#received.subarray(taken.used);
        this.#waiting.shift();
        if (taken.reply instanceof Error) first.reject(taken.reply);
        else first.resolve(taken.reply);
      }
      if (this.#received.length > replyBytesMax) throw new Error("the node's reply is too long");
    } catch (error) {
      // After a reply that makes no sense, what follows cannot be told apart.
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #goneError(): Error {
    const where = formatAddress(this.address);
    return new Error(`the connection to ${where} is gone`, { cause: this.#reason });
  }
}
