import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Route, RouteReport } from "@larder/gateway/protocol.ts";
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { DeadlineError, withDeadline } from "../base/deadline.ts";
import type { Log } from "../base/log.ts";
import { GatewayGone, GatewayLink } from "./gateway-link.ts";
import type { Gateway } from "./gateway.ts";
import { reachableSocketPath } from "./socket-path.ts";

/** The gateway's own end when another one serves its directory. */
const exitLocked = 75;
const startWithinMs = 5_000;
const connectAgainAfterMs = 10;
/** After SIGTERM; the gateway has nothing to save. */
const endWithinMs = 1_000;
const logTailBytes = 2_000;
const socketName = "gateway.sock";

/** Where a gateway lives, and what it is told the time and reports by. */
export interface GatewayPlace {
  /** The gateway's files and its process live in the folder "gateway" below it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The gateway as a process of its own, which a later server with the same folder adopts. */
export class GatewayProcess implements Gateway {
  readonly #directory: string;
  readonly #socketPath: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners: (() => void)[] = [];
  #link: GatewayLink | null = null;
  #released = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ dataDir, clock, log }: GatewayPlace) {
    this.#directory = join(dataDir, "gateway");
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#socketPath = reachableSocketPath(this.#directory, socketName);
    this.#clock = clock;
    this.#log = log;
  }

  apply(routes: readonly Route[]): Promise<RouteReport> {
    return this.#inTurn(async () => {
      if (routes.length === 0) {
        await this.#end();
        return { failed: [] };
      }
      const link = await this.#linkToRunning();
      try {
        return await link.put({ routes });
      } catch (error) {
        if (!(error instanceof GatewayGone)) throw error;
        this.#log.warn({ err: error }, "gateway does not answer and is replaced");
        await this.#end();
        return (await this.#linkToRunning()).put({ routes });
      }
    });
  }

  warm(): void {
    this.#inTurn(() => this.#linkToRunning()).catch((error: unknown) => {
      // Whoever applies routes tries again, and is told why it fails.
      this.#log.warn({ err: error }, "gateway could not be started ahead");
    });
  }

  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#end());
  }

  release(): void {
    this.#released = true;
    this.#dropLink();
  }

  /** One call at a time, in the order of the calls. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      assert(!this.#released, "a released gateway is not used");
      return work();
    });
    // Only the order matters to the next one; this one's failure is told to whoever asked.
    this.#last = done.catch(() => {});
    return done;
  }

  async #linkToRunning(): Promise<GatewayLink> {
    return this.#link ?? (await this.#adopt()) ?? (await this.#start());
  }

  /** A link to the gateway that already runs; null if none does. */
  async #adopt(): Promise<GatewayLink | null> {
    let link: GatewayLink;
    try {
      link = await GatewayLink.open(this.#socketPath, this.#clock, () => {
        this.#log.warn({}, "gateway stopped answering and is ended");
        this.#signal("SIGKILL");
      });
    } catch (error) {
      if (error instanceof GatewayGone) return null;
      throw error;
    }
    if (this.#released) {
      link.close();
      throw new Error("the gateway was released meanwhile");
    }
    this.#link = link;
    void link.closed.then(() => {
      if (this.#link !== link) return;
      this.#link = null;
      this.#log.warn({}, "gateway ended");
      for (const listener of this.#listeners) listener();
    });
    return link;
  }

  /** Starts a gateway and waits until it answers, or another server's gateway does. */
  async #start(): Promise<GatewayLink> {
    const deadlineMs = this.#clock.monotonicMs() + startWithinMs;
    let child = this.#spawn();
    while (this.#clock.monotonicMs() < deadlineMs) {
      const link = await this.#adopt();
      if (link !== null) {
        child.unref(); // It outlives this process; until now, this process waited for it.
        this.#log.info({ pid: this.#pid() }, "gateway started");
        return link;
      }
      if (child.exitCode !== null || child.signalCode !== null) {
        if (child.exitCode !== exitLocked) throw this.#startFailure(child);
        child = this.#spawn(); // The one that held the lock is on its way out.
      }
      const pause = Promise.withResolvers<void>();
      this.#clock.after(connectAgainAfterMs, pause.resolve);
      await pause.promise;
    }
    child.kill("SIGKILL");
    throw new Error(`the gateway was not up within ${startWithinMs} ms: ${this.#logTail()}`);
  }

  #spawn(): ChildProcess {
    const output = openSync(this.#logPath(), "a", 0o600);
    try {
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", mainPath, socketName],
        { cwd: this.#directory, detached: true, stdio: ["ignore", output, output], env: {} },
      );
      child.on("error", (error) => this.#log.error({ err: error }, "gateway could not be started"));
      return child;
    } finally {
      closeSync(output);
    }
  }

  /** Ends the gateway that runs, whoever started it. */
  async #end(): Promise<void> {
    const link = this.#link ?? (await this.#adopt());
    if (link === null) return;
    this.#link = null; // Its end is no loss.
    this.#signal("SIGTERM");
    try {
      await withDeadline(this.#clock, "the end of the gateway", endWithinMs, link.closed);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      this.#signal("SIGKILL");
      await withDeadline(this.#clock, "the end of the gateway", endWithinMs, link.closed);
    }
  }

  #dropLink(): void {
    const link = this.#link;
    this.#link = null;
    link?.close();
  }

  /** Only called while a link is open: then the file holds the pid of who serves the socket. */
  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      process.kill(this.#pid(), signal);
    } catch (error) {
      const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
      if (!gone) throw error;
    }
  }

  #pid(): number {
    const pid = Number(readFileSync(join(this.#directory, "gateway.pid"), "utf8"));
    assert(
      Number.isInteger(pid) && pid > 1,
      "a gateway that serves its socket has written its pid",
    );
    return pid;
  }

  #startFailure(child: ChildProcess): Error {
    const how = child.signalCode ?? `status ${child.exitCode}`;
    return new Error(`the gateway ended with ${how} at its start: ${this.#logTail()}`);
  }

  #logTail(): string {
    return readFileSync(this.#logPath(), "utf8").slice(-logTailBytes).trim();
  }

  #logPath(): string {
    return join(this.#directory, "gateway.log");
  }
}

const mainPath = createRequire(import.meta.url).resolve("@larder/gateway/main.ts");
