import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@larder/server/base/clock.ts";
import { decideRestart, exitsRememberedMax } from "../restart-policy.ts";
import type { ServerExit, Verdict } from "../restart-policy.ts";
import { startServer } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";

/** What happens to the server, told to whoever shows it. */
export interface ParentEvents {
  /** Every line that the server writes. */
  line(text: string): void;
  /** The server of process `pid` answers; `again` from the second time on. */
  ready(pid: number, again: boolean): void;
  /** It ended unasked, and will be started again in `afterMs`. */
  died(how: string, standardError: string, afterMs: number): void;
}

/** How the parent's work ended. */
export interface ParentEnd {
  /** "told" when `stop` was called, else the verdict's reason. */
  readonly because: "told" | Extract<Verdict, { kind: "stop" }>["because"];
  /** The end of what the server last wrote on standard error. */
  readonly standardError: string;
}

/** The server's parent. */
export interface Parent {
  /** Ends the server (SIGTERM; SIGKILL ten seconds later, or at the second call) and the parent. */
  stop(): void;
  /** Resolves when there is no server and will be none. */
  readonly ended: Promise<ParentEnd>;
}

/** What a parent is made of. */
export interface ParentOptions {
  readonly clock: Clock;
  /** Arguments of node that start the server. */
  readonly program: readonly string[];
  /** Whether the server of process `pid` answers. Never rejects. */
  readonly isHealthy: (pid: number) => Promise<boolean>;
  readonly events: ParentEvents;
}

const healthPollMs = 50;
const stopGraceMs = 10_000;

/** Starts the server, and starts it again whenever it dies: caches are failed over by it. */
export function startParent(options: ParentOptions): Parent {
  const stopping = new AbortController();
  let server: ServerProcess | null = null;
  return {
    stop() {
      server?.kill(stopping.signal.aborted ? "SIGKILL" : "SIGTERM");
      if (stopping.signal.aborted) return;
      stopping.abort();
      options.clock.after(stopGraceMs, () => server?.kill("SIGKILL"));
    },
    ended: keepRunning(options, stopping.signal, (started) => {
      server = started;
    }),
  };
}

async function keepRunning(
  { clock, program, isHealthy, events }: ParentOptions,
  stopping: AbortSignal,
  onStart: (server: ServerProcess) => void,
): Promise<ParentEnd> {
  const exits: ServerExit[] = [];
  let readyTimes = 0;
  for (;;) {
    const startedAtMs = clock.monotonicMs();
    const server = startServer(program, (line) => events.line(line));
    onStart(server);
    const living = new AbortController();
    void announceReady(server, living.signal, isHealthy, (pid) => {
      readyTimes += 1;
      events.ready(pid, readyTimes > 1);
    });
    const { code, signal, standardError } = await server.ended;
    living.abort();
    if (stopping.aborted) return { because: "told", standardError };

    const endedAtMs = clock.monotonicMs();
    exits.push({ code, endedAtMs, livedMs: endedAtMs - startedAtMs });
    if (exits.length > exitsRememberedMax) exits.shift();
    const verdict = decideRestart(exits, readyTimes > 0);
    if (verdict.kind === "stop") return { because: verdict.because, standardError };
    events.died(signal ?? `exit code ${code ?? "unknown"}`, standardError, verdict.afterMs);
    await pause(verdict.afterMs, stopping);
    if (stopping.aborted) return { because: "told", standardError };
  }
}

/** Calls `onReady` once, unless the life ends first. */
async function announceReady(
  { pid }: ServerProcess,
  living: AbortSignal,
  isHealthy: (pid: number) => Promise<boolean>,
  onReady: (pid: number) => void,
): Promise<void> {
  if (pid === undefined) return;
  while (!living.aborted) {
    const healthy = await isHealthy(pid);
    if (living.aborted) return;
    if (healthy) return onReady(pid);
    await pause(healthPollMs, living);
  }
}

/** Waits, or less when `signal` aborts. */
async function pause(forMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(forMs, undefined, { signal });
  } catch (error) {
    // An abort is the other way to end the wait, and the caller looks at the signal.
    if (!signal.aborted) throw error;
  }
}
