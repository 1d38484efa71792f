import type { Arena } from "../arena.ts";
import { placeOf } from "../arena.ts";
import { type ClusterShard, shardsOf, wholeCluster } from "../cluster.ts";
import { Writers, type WriterOptions } from "../writers.ts";
import { type Round, writesFor } from "./rounds.ts";

/** The cluster that rounds are about. */
export const clusterId = "shop";

/** What one fault in a shard did to it, and to the others. */
export interface ClusterRound extends Round {
  /** The longest time without a write to any one of the other shards; 0 where there is none. */
  readonly othersGapMs: number;
  /** What the writers of the other shards met. */
  readonly othersErrors: readonly string[];
}

/** A fault, and what has to be done before the cluster can be whole again. */
interface Fault {
  /** Resolves once the fault is in place. */
  readonly fault: () => Promise<unknown>;
  readonly mend?: () => Promise<unknown>;
}

/** How long writers go on before a fault and after it, which shows late losses too. */
const writingMs = 400;
/** Enough to notice a gap in a shard that is none of the fault's business. */
const otherWriters = { count: 2, everyMs: 2 };

/**
 * Writes to every shard of the cluster, puts a fault in one, waits until its writes go on, and counts
 * what was lost, there and in the others.
 */
export async function clusterRound(
  arena: Arena,
  name: string,
  victim: ClusterShard,
  { fault, mend }: Fault,
): Promise<ClusterRound> {
  const shards = await shardsOf(arena, clusterId);
  const all = shards.map((shard) => {
    const options = shard.id === victim.id ? {} : otherWriters;
    return { id: shard.id, writers: startWriters(shard, name, options) };
  });
  const own = all.find(({ id }) => id === victim.id)?.writers;
  if (own === undefined) throw new Error(`shard ${victim.id} is not there any more`);
  const others = all.map(({ writers }) => writers).filter((one) => one !== own);
  await Promise.all(all.map(({ writers }) => writesFor(writers, writingMs)));
  for (const { writers } of all) writers.mark();
  const startedMs = performance.now();
  await fault();
  await writesFor(own, writingMs);
  const gapMs = await own.stop();
  await mend?.();
  await wholeCluster(arena, clusterId);
  const wholeMs = performance.now() - startedMs;
  const othersErrors = others.flatMap(({ errors }) => [...errors.keys()]);
  const othersGaps = await Promise.all(others.map((one) => one.stop()));
  const after = await shardsOf(arena, clusterId);
  const verdicts = await Promise.all(
    all.map(({ id, writers }) =>
      writers.verify(placeOf(after.find((one) => one.id === id)?.primary.address)),
    ),
  );
  return {
    ...{ gapMs, wholeMs, othersErrors, othersGapMs: Math.max(0, ...othersGaps) },
    overlaps: all.flatMap(({ writers }) => writers.overlaps()),
    acked: verdicts.reduce((sum, one) => sum + one.acked, 0),
    lost: verdicts.reduce((sum, one) => sum + one.lost, 0),
  };
}

/** The shard that a round's fault is for: each in its turn. */
export async function victimOf(arena: Arena, round: number): Promise<ClusterShard> {
  const shards = await shardsOf(arena, clusterId);
  const victim = shards[round % shards.length];
  if (victim === undefined) throw new Error("the cluster has no shards");
  return victim;
}

function startWriters(shard: ClusterShard, name: string, options: Partial<WriterOptions>): Writers {
  return new Writers(shard.places, { ...options, prefix: `${name}-{${shard.tag}}` }).start();
}
