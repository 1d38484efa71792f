import type { Arena } from "../arena.ts";
import { type Result, target } from "../report.ts";
import { Writers } from "../writers.ts";

/** What every failover test is run with. */
export interface FailoverOptions {
  readonly engine: string;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** What one fault did to writers. */
export interface Round {
  readonly gapMs: number;
  readonly acked: number;
  readonly lost: number;
  readonly overlaps: readonly string[];
  /** How long until the group was whole again. */
  readonly wholeMs: number;
}

/** How long writers go on before a fault and after it, which shows late losses too. */
const writingMs = 400;
const recoverWithinMs = 20_000;

/**
 * Writes, puts a fault in, waits until writes go on, and counts what was lost.
 * @param fault resolves once the fault is in place
 */
export async function writeThrough(
  arena: Arena,
  group: string,
  name: string,
  { wait = false, fault }: { readonly wait?: boolean; readonly fault: () => Promise<unknown> },
): Promise<Round> {
  const place = await arena.endpoint(group, "primary");
  const writers = new Writers(place, { prefix: name, wait }).start();
  await writesFor(writers, writingMs);
  writers.mark();
  const startedMs = performance.now();
  await fault();
  await writesFor(writers, writingMs);
  const gapMs = await writers.stop();
  await arena.whole(group);
  const wholeMs = performance.now() - startedMs;
  return { gapMs, wholeMs, overlaps: writers.overlaps(), ...(await writers.verify()) };
}

/**
 * Resolves when writes have been acknowledged again and again for `forMs`. One for each writer may
 * come from a node that is gone, as the last of what it sent.
 */
export async function writesFor(writers: Writers, forMs: number): Promise<void> {
  const deadline = performance.now() + recoverWithinMs;
  const before = writers.okCount;
  while (writers.okCount <= before + writers.count) {
    if (performance.now() > deadline) {
      const errors = [...writers.errors].map(([text, count]) => `${count} × ${text}`).join("; ");
      throw new Error(`no write was acknowledged for ${recoverWithinMs} ms: ${errors}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, forMs));
}

/** A kill may take this many acknowledged writes with it: one on its way for each writer. */
const inFlightMax = 20;

/** What is promised of acknowledged writes when a primary is killed and no write waits. */
export function fewLost(rounds: readonly Round[]): Result["targets"] {
  const losses = rounds.map((one) => one.lost);
  const lossless = losses.filter((one) => one === 0).length;
  return [
    target(
      `at most ${inFlightMax} acknowledged writes lost in any kill`,
      Math.max(...losses) <= inFlightMax,
      Math.max(...losses),
    ),
    target(
      "none lost in at least 95 % of kills",
      lossless >= 0.95 * rounds.length,
      `${lossless} of ${rounds.length}`,
    ),
  ];
}

/** How long writes stood still in each round. */
export function gapsOf(rounds: readonly Round[]): readonly number[] {
  return rounds.map((one) => one.gapMs);
}

/** Adds up rounds, and the promises that hold for each test with writers. */
export function summarize(
  about: Pick<Result, "id" | "title" | "engine">,
  rounds: readonly Round[],
  leftovers: readonly string[],
  targets: Result["targets"],
  notes: readonly string[] = [],
): Result {
  const overlaps = rounds.flatMap((one) => one.overlaps);
  const slowestMs = Math.max(...rounds.map((one) => one.wholeMs));
  return {
    ...about,
    n: rounds.length,
    timesMs: rounds.map((one) => one.gapMs),
    acked: rounds.reduce((sum, one) => sum + one.acked, 0),
    lost: rounds.reduce((sum, one) => sum + one.lost, 0),
    leftovers: leftovers.length,
    targets: [
      ...targets,
      target("never two nodes take the same writes", overlaps.length === 0, overlaps[0]),
      target(
        "all nodes there, replicas online and status available again ≤ 60 s after each fault",
        slowestMs <= 60_000,
        `${Math.round(slowestMs)} ms`,
      ),
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: [`whole again within ${Math.round(slowestMs)} ms at most`, ...notes],
  };
}
