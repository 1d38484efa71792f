/** One life of the server's process, as its parent saw it. */
export interface ServerExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** When it ended, in milliseconds of a clock that never goes back. */
  readonly endedAtMs: number;
  readonly livedMs: number;
}

/** What the parent does next. */
export type Verdict =
  | { readonly kind: "restart"; readonly afterMs: number }
  | { readonly kind: "stop"; readonly because: "asked" | "bad configuration" | "keeps failing" };

/** The server's exit code for a configuration that it refuses (EX_CONFIG of sysexits.h). */
export const badConfigurationExitCode = 78;

const firstDelayMs = 100;
const delayMaxMs = 5_000;
/** A life this long proves that the server works; the next restart is quick again. */
const settledAfterMs = 10_000;
const failuresMax = 5;
const failuresWithinMs = 10_000;

/**
 * Decides what follows the last of `exits` (the latest lives, oldest first). A server that was
 * healthy once is started again for ever: its caches need it. One that never was and fails at once,
 * again and again, will not get better by itself.
 */
export function decideRestart(exits: readonly ServerExit[], everHealthy: boolean): Verdict {
  const last = exits.at(-1);
  if (last === undefined) return { kind: "restart", afterMs: 0 };
  if (last.code === 0) return { kind: "stop", because: "asked" };
  if (last.code === badConfigurationExitCode) return { kind: "stop", because: "bad configuration" };
  const recent = exits.filter((one) => last.endedAtMs - one.endedAtMs <= failuresWithinMs);
  if (!everHealthy && recent.length >= failuresMax) {
    return { kind: "stop", because: "keeps failing" };
  }
  const lastSettled = exits.findLastIndex((one) => one.livedMs >= settledAfterMs);
  const shortLives = exits.length - 1 - lastSettled;
  return {
    kind: "restart",
    afterMs: Math.min(delayMaxMs, firstDelayMs * 2 ** Math.max(0, shortLives - 1)),
  };
}

/** How many lives the decision can depend on; older ones need not be kept. */
export const exitsRememberedMax = 10;
