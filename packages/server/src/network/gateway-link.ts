import { Agent, request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { RouteReport, RouteTable } from "@larder/gateway/protocol.ts";
import type { Clock, Timer } from "../base/clock.ts";

/** Nothing serves a socket, or what served it has gone. */
export class GatewayGone extends Error {
  override readonly name = "GatewayGone";
}

const pingEveryMs = 1_000;
const pingWithinMs = 1_000;
/** More than one, so that a pause of this process is not taken for one of the gateway. */
const missedPingsMax = 3;
/** Opening a thousand listeners takes far less. */
const putWithinMs = 5_000;

/** A connection to a gateway that runs, kept open to see at once when it ends. */
export class GatewayLink {
  /** Resolves when the gateway has ended or the link was closed. Never rejects. */
  readonly closed: Promise<void>;
  readonly #socketPath: string;
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  readonly #watch: Socket;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });
  #missedPings = 0;
  #timer: Timer | null = null;

  private constructor(socketPath: string, clock: Clock, watch: Socket, onSilence: () => void) {
    this.#socketPath = socketPath;
    this.#clock = clock;
    this.#onSilence = onSilence;
    this.#watch = watch;
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    watch.on("error", () => {}); // "close" follows, and says all that matters.
    watch.once("close", () => {
      this.#timer?.cancel();
      this.#agent.destroy();
      closed.resolve();
    });
    watch.resume(); // Unread, a socket never reports its end.
    this.#schedulePing();
  }

  /**
   * Connects to the gateway that serves `socketPath`. Rejects with GatewayGone if none does.
   * @param onSilence is called once when the gateway lives but has stopped answering
   */
  static async open(socketPath: string, clock: Clock, onSilence: () => void): Promise<GatewayLink> {
    const watch = connect(socketPath);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    watch.once("connect", resolve);
    watch.once("error", reject);
    try {
      await promise;
    } catch (error) {
      throw new GatewayGone("no gateway serves the socket", { cause: error });
    }
    watch.off("error", reject);
    return new GatewayLink(socketPath, clock, watch, onSilence);
  }

  /** Rejects with GatewayGone when the gateway went or does not answer in time. */
  async put(table: RouteTable): Promise<RouteReport> {
    const { status, body } = await this.#call("PUT", "/routes", JSON.stringify(table), putWithinMs);
    // The gateway answers 200 with nothing but a report; anything else is a bug of one of us.
    if (status !== 200) throw new Error(`the gateway refused the routes (${status}): ${body}`);
    return JSON.parse(body) as RouteReport;
  }

  /** Closes the link; the gateway goes on. */
  close(): void {
    this.#watch.destroy();
  }

  #schedulePing(): void {
    this.#timer = this.#clock.after(pingEveryMs, () => void this.#ping());
  }

  async #ping(): Promise<void> {
    try {
      await this.#call("GET", "/health", null, pingWithinMs);
      this.#missedPings = 0;
    } catch {
      // Whether it ended is for the watching socket to say; here it only counts as silence.
      this.#missedPings += 1;
    }
    if (this.#watch.destroyed) return;
    if (this.#missedPings >= missedPingsMax) this.#onSilence();
    else this.#schedulePing();
  }

  async #call(
    method: string,
    path: string,
    body: string | null,
    withinMs: number,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const late = new AbortController();
    const timer = this.#clock.after(withinMs, () => late.abort());
    const sent = Promise.withResolvers<IncomingMessage>();
    const outgoing = request(
      { socketPath: this.#socketPath, agent: this.#agent, method, path, signal: late.signal },
      sent.resolve,
    );
    outgoing.on("error", sent.reject);
    outgoing.end(body ?? undefined);
    try {
      const response = await sent.promise;
      return { status: response.statusCode ?? 0, body: await text(response) };
    } catch (error) {
      throw new GatewayGone(`the gateway did not answer ${method} ${path}`, { cause: error });
    } finally {
      timer.cancel();
    }
  }
}
