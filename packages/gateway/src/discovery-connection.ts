import type { Socket } from "node:net";
import { connectToTarget } from "./connect.ts";
import { clusterKeyReply, configReply } from "./discovery.ts";
import { Framing, plainLine, type Verdict } from "./framing.ts";
import { dataBytesOfReply, isNoopReply, readRequest } from "./memcached-text.ts";
import type { Discovery } from "./protocol.ts";
import type { Targets } from "./targets.ts";
import { tieLifetimes, tunnel } from "./tunnel.ts";

/** The first byte of every request of memcached's binary protocol. */
const binaryMagic = 0x80;
/** Above it, the client is not read until the target has answered some. */
const awaitedNoopsMax = 1_024;

/**
 * Serves one client of a memcached configuration endpoint. A target is connected to when the
 * client first sends something that is not ours to answer, so discovery works with no target up.
 * @param discovery reads the membership of the moment
 */
export function serveDiscovery(client: Socket, targets: Targets, discovery: () => Discovery): void {
  client.once("data", (first: Buffer) => {
    if (first[0] === binaryMagic) {
      void serveBinary(client, targets, first);
    } else {
      new TextConnection(client, targets, discovery).start(first);
    }
  });
  // A client that ends before it said anything.
  client.once("end", () => {
    if (client.bytesRead === 0) client.end();
  });
}

/** The binary protocol has no discovery: its clients get one node, as plain TCP. */
async function serveBinary(client: Socket, targets: Targets, first: Buffer): Promise<void> {
  client.pause();
  const upstream = await connectToTarget(client, targets);
  if (upstream === null) {
    client.destroy();
    return;
  }
  tunnel(client, upstream);
  upstream.write(first);
  client.resume();
}

/**
 * A client that speaks the text protocol. Answers must keep the order of the requests, and a
 * target answers when it likes; so a discovery request behind others is sent on as `mn`, memcached's
 * no-op, and the target's `MN` is replaced by our answer when it comes.
 */
class TextConnection {
  readonly #client: Socket;
  readonly #targets: Targets;
  readonly #discovery: () => Discovery;
  readonly #requests: Framing;
  readonly #replies: Framing;
  #upstream: Socket | null = null;
  /** What waits for the target's connection; null before anything was forwarded. */
  #waiting: Buffer[] | null = null;
  /** For each `mn` on its way: our answer in its place, or null when the client itself sent it. */
  readonly #awaitedNoops: ((() => string) | null)[] = [];
  #clientEnded = false;

  constructor(client: Socket, targets: Targets, discovery: () => Discovery) {
    this.#client = client;
    this.#targets = targets;
    this.#discovery = discovery;
    this.#requests = new Framing(
      (line) => this.#lookAtRequest(line),
      (bytes) => this.#send(bytes),
    );
    this.#replies = new Framing(
      (line) => this.#lookAtReply(line),
      (bytes) => void client.write(bytes),
    );
  }

  start(first: Buffer): void {
    const receive = (bytes: Buffer): void => {
      this.#requests.push(bytes);
      this.#steer();
    };
    this.#client.on("data", receive);
    this.#client.on("drain", () => this.#steer());
    this.#client.once("end", () => this.#endRequests());
    receive(first);
  }

  #lookAtRequest(line: string): Verdict {
    const request = readRequest(line);
    switch (request.kind) {
      case "config-get-cluster":
        return this.#answer(() => configReply(this.#discovery()));
      case "get-cluster-key":
        return this.#answer(() => clusterKeyReply(this.#discovery(), request.withCas));
      case "noop":
        this.#awaitedNoops.push(null);
        return plainLine;
      case "other":
        return request;
    }
  }

  #answer(reply: () => string): Verdict {
    return {
      instead: () => {
        if (this.#waiting === null && this.#upstream === null) {
          this.#client.write(reply());
          return;
        }
        this.#awaitedNoops.push(reply);
        this.#send(Buffer.from("mn\r\n"));
      },
    };
  }

  #lookAtReply(line: string): Verdict {
    if (isNoopReply(line)) {
      const reply = this.#awaitedNoops.shift() ?? null;
      if (reply !== null) return { instead: () => void this.#client.write(reply()) };
    }
    return { dataBytes: dataBytesOfReply(line) };
  }

  #send(bytes: Buffer): void {
    if (this.#upstream !== null) {
      this.#upstream.write(bytes);
    } else if (this.#waiting === null) {
      this.#waiting = [bytes];
      void this.#connect();
    } else {
      this.#waiting.push(bytes);
    }
  }

  async #connect(): Promise<void> {
    const upstream = await connectToTarget(this.#client, this.#targets);
    if (upstream === null) {
      // What discovery answered before still reaches the client.
      this.#client.destroySoon();
      return;
    }
    this.#upstream = upstream;
    tieLifetimes(this.#client, upstream);
    upstream.on("data", (bytes: Buffer) => {
      this.#replies.push(bytes);
      this.#steer();
    });
    upstream.on("drain", () => this.#steer());
    upstream.once("end", () => {
      this.#replies.flush();
      this.#client.end();
    });
    for (const bytes of this.#waiting ?? []) upstream.write(bytes);
    this.#waiting = null;
    if (this.#clientEnded) upstream.end();
    this.#steer();
  }

  /** The client says no more; what it was promised still comes. */
  #endRequests(): void {
    this.#clientEnded = true;
    this.#requests.flush();
    if (this.#upstream !== null) {
      this.#upstream.end();
    } else if (this.#waiting === null) {
      this.#client.end();
    }
  }

  /** Reads either side only while the other takes what comes of it. */
  #steer(): void {
    const client = this.#client;
    const upstream = this.#upstream;
    const clientWaits =
      this.#waiting !== null ||
      client.writableNeedDrain ||
      (upstream?.writableNeedDrain ?? false) ||
      this.#awaitedNoops.length > awaitedNoopsMax;
    setReading(client, !clientWaits);
    if (upstream !== null) setReading(upstream, !client.writableNeedDrain);
  }
}

function setReading(socket: Socket, reading: boolean): void {
  if (reading && socket.isPaused()) socket.resume();
  else if (!reading && !socket.isPaused()) socket.pause();
}
