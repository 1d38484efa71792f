import { CreateReplicationGroupCommand } from "@aws-sdk/client-elasticache";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Arena } from "../arena.ts";
import { writesFor } from "../failover/rounds.ts";
import { type Result, target } from "../report.ts";
import { Writers } from "../writers.ts";
import { RetryingClient } from "./retrying-client.ts";

/** What every test of planned changes is run with. */
export interface ScaleOptions {
  readonly engine: string;
  readonly replicas: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** What one change did to clients of the primary endpoint. */
export interface Round {
  readonly gapMs: number;
  readonly acked: number;
  readonly lost: number;
  readonly overlaps: readonly string[];
  /** What a client that tries again could not hide. */
  readonly errors: readonly string[];
  readonly calls: number;
  /** The longest gap at the same time of a node that nobody touched: what the machine adds. */
  readonly untouchedGapMs: number;
  /** From the request until the group was available again. */
  readonly changedMs: number;
}

const writerCount = 6;
/** How long writers go on before a change and after it, which shows late losses too. */
const writingMs = 400;
export const changedWithinMs = 60_000;

/** The group that is written to beside the one that changes, and never changes. */
const untouched = "untouched";

/** Makes a group with that many replicas, and waits until it is there. */
export async function createGroup(
  arena: Arena,
  id: string,
  { engine, replicas }: Pick<ScaleOptions, "engine" | "replicas">,
  settings: { readonly EngineVersion?: string; readonly CacheParameterGroupName?: string } = {},
): Promise<void> {
  await arena.client.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: id, ReplicationGroupDescription: "chaos", Engine: engine },
      ...{ CacheNodeType: "cache.t4g.small", NumCacheClusters: replicas + 1, ...settings },
      AutomaticFailoverEnabled: replicas > 0,
    }),
  );
  await waitForGroup(arena.client, id, "available", changedWithinMs);
}

/** Writes while the group is changed, and counts what its clients noticed of it. */
export async function changeUnderWrites(
  arena: Arena,
  group: string,
  name: string,
  replicas: number,
  change: () => Promise<unknown>,
): Promise<Round> {
  const place = await arena.endpoint(group, "primary");
  const writers = new Writers(place, { prefix: name, count: writerCount, everyMs: 1 }).start();
  const beside = new Writers(await arena.endpoint(untouched, "primary"), {
    ...{ prefix: name, count: writerCount, everyMs: 1 },
  }).start();
  const client = new RetryingClient(place);
  await writesFor(writers, writingMs);
  writers.mark();
  beside.mark();
  const startedMs = performance.now();
  await change();
  await arena.whole(group, replicas + 1, changedWithinMs);
  const changedMs = performance.now() - startedMs;
  await writesFor(writers, writingMs);
  const gapMs = await writers.stop();
  const untouchedGapMs = await beside.stop();
  const { calls, errors } = await client.stop();
  const overlaps = writers.overlaps();
  const verdict = await writers.verify();
  return { gapMs, untouchedGapMs, changedMs, calls, errors, overlaps, ...verdict };
}

/** An arena with a node that is never changed. */
export async function openArena(engine: string): Promise<Arena> {
  const arena = await Arena.open();
  await createGroup(arena, untouched, { engine, replicas: 0 });
  return arena;
}

/** Adds up rounds, with what every planned change promises. */
export function summarize(
  about: Pick<Result, "id" | "title" | "engine">,
  rounds: readonly Round[],
  leftovers: readonly string[],
  targets: Result["targets"],
): Result {
  const lost = rounds.reduce((sum, one) => sum + one.lost, 0);
  const errors = rounds.flatMap((one) => one.errors);
  const overlaps = rounds.flatMap((one) => one.overlaps);
  const calls = rounds.reduce((sum, one) => sum + one.calls, 0);
  const untouchedMs = Math.max(...rounds.map((one) => one.untouchedGapMs));
  const slowestMs = Math.max(...rounds.map((one) => one.changedMs));
  return {
    ...about,
    n: rounds.length,
    timesMs: rounds.map((one) => one.gapMs),
    acked: rounds.reduce((sum, one) => sum + one.acked, 0),
    lost,
    leftovers: leftovers.length,
    targets: [
      ...targets,
      target("no acknowledged write lost", lost === 0, lost),
      target("no error that a client which tries again shows", errors.length === 0, errors[0]),
      target("never two nodes take writes at once", overlaps.length === 0, overlaps[0]),
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: [
      `writers of an untouched node had gaps of up to ${Math.round(untouchedMs)} ms meanwhile`,
      `available again within ${Math.round(slowestMs)} ms at most; ${calls} calls of that client`,
    ],
  };
}

/** A line of progress. */
export function lineOf({ gapMs, untouchedGapMs, acked, lost, changedMs, errors }: Round): string {
  const gaps = `gap ${Math.round(gapMs)} ms, untouched ${Math.round(untouchedGapMs)} ms`;
  const figures = `${gaps}, acked ${acked}, lost ${lost}`;
  return `${figures}, errors ${errors.length}, changed in ${Math.round(changedMs)} ms`;
}
