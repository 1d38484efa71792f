import { connect, type Socket } from "node:net";

/** What a server answers: errors are values, since a client that counts wants each of them. */
export type Reply = string | number | null | RespError | readonly Reply[];

/** An error reply, e.g. "READONLY You can't write against a read only replica." */
export class RespError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * One connection to a redis or valkey server that hides nothing: no retries, no reconnecting and no
 * queue, so that a write is known to be acknowledged, refused, or cut off.
 */
export class RespConnection implements Disposable {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #received: Buffer = Buffer.alloc(0);
  #ended: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the connection was closed")));
  }

  /** Connects, or rejects within `withinMs`. */
  static open(host: string, port: number, withinMs = 2_000): Promise<RespConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<RespConnection>();
    const socket = connect({ host, port, noDelay: true });
    const late = setTimeout(() => socket.destroy(new Error("connecting took too long")), withinMs);
    socket.once("error", reject);
    socket.once("close", () => clearTimeout(late));
    socket.once("connect", () => {
      clearTimeout(late);
      resolve(new RespConnection(socket));
    });
    return promise;
  }

  /** Whether the connection is over. */
  get isOver(): boolean {
    return this.#ended !== null;
  }

  /** Sends a command; rejects when the connection ends before the reply. */
  send(...parts: readonly string[]): Promise<Reply> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.push({ resolve, reject });
    const bulks = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    this.#socket.write(`*${parts.length}\r\n${bulks.join("")}`);
    return promise;
  }

  /** Sends a command that answers a string; rejects for any other answer. */
  async text(...parts: readonly string[]): Promise<string> {
    const reply = await this.send(...parts);
    if (typeof reply !== "string")
      throw new Error(`${parts[0]} was answered ${describeReply(reply)}`);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#end(new Error("the connection was given up"));
    this.#socket.destroy();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const one of this.#waiting.splice(0)) one.reject(error);
  }

  #onData(chunk: Buffer): void {
    const data = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let at = 0;
    for (;;) {
      const read = readReply(data, at);
      if (read === null) break;
      at = read.end;
      this.#waiting.shift()?.resolve(read.reply);
    }
    this.#received = data.subarray(at);
  }
}

/** A reply for people. */
export function describeReply(reply: Reply): string {
  return reply instanceof RespError ? reply.message : JSON.stringify(reply);
}

/** The reply that begins at `at`, and where it ends; null while some of it is still missing. */
export function readReply(
  data: Buffer,
  at: number,
): { readonly reply: Reply; readonly end: number } | null {
  const lineEnd = data.indexOf("\r\n", at);
  if (lineEnd === -1) return null;
  const line = data.toString("utf8", at + 1, lineEnd);
  const next = lineEnd + 2;
  switch (String.fromCharCode(data[at] ?? 0)) {
    case "+":
      return { reply: line, end: next };
    case "-":
      return { reply: new RespError(line), end: next };
    case ":":
      return { reply: Number(line), end: next };
    case "$":
      return readBulk(data, next, Number(line));
    case "*":
      return readArray(data, next, Number(line));
    default:
      throw new Error(`not RESP: ${JSON.stringify(line)}`);
  }
}

function readBulk(data: Buffer, at: number, length: number) {
  if (length < 0) return { reply: null, end: at };
  if (data.length < at + length + 2) return null;
  return { reply: data.toString("utf8", at, at + length), end: at + length + 2 };
}

function readArray(data: Buffer, at: number, length: number) {
  if (length < 0) return { reply: null, end: at };
  const replies: Reply[] = [];
  let end = at;
  for (let index = 0; index < length; index += 1) {
    const read = readReply(data, end);
    if (read === null) return null;
    replies.push(read.reply);
    end = read.end;
  }
  return { reply: replies, end };
}
