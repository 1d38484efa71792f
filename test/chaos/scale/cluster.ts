import { until } from "@larder/testkit/until.ts";
import { Cluster, Redis } from "ioredis";
import { Arena, placeOf } from "../arena.ts";
import { createCluster, wholeCluster } from "../cluster.ts";
import { type Result, target, within } from "../report.ts";
import { ClusterLoad } from "../reshard/cluster-load.ts";
import { fillCluster, findAll } from "../reshard/data-set.ts";
import { modify } from "./changes.ts";
import { changedWithinMs, type ScaleOptions } from "./rounds.ts";

const group = "shop";
const shards = 3;
const dataKeys = 5_000;
/** Each client has seen the cluster as it is before a change, and as it is after it. */
const writesAround = 2_000;
const writingWithinMs = 60_000;
/** A client that learns of a new primary from the old one tries again after some tenths of a second. */
const answerMaxMs = 1_000;

/** What one change did to clients that know clusters. */
interface Round {
  /** The longest that any of them waited for one answer. */
  readonly longestMs: number;
  readonly changedMs: number;
  readonly writes: number;
  readonly lost: number;
  readonly wrongReads: number;
  readonly errors: readonly string[];
}

/** The node type of a cluster goes up and down again under readers and writers. */
export async function clusterNodeTypeChanged(
  options: Omit<ScaleOptions, "replicas">,
): Promise<Result> {
  const { engine, say } = options;
  await using arena = await Arena.open();
  await createCluster(arena, group, { engine, shards, replicas: 1 });
  const filler = new Cluster([await arena.endpoint(group, "configuration")]);
  await fillCluster(filler, dataKeys);
  filler.disconnect();
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const CacheNodeType = round % 2 === 1 ? "cache.t4g.medium" : "cache.t4g.small";
    const seen = await changeUnderLoad(arena, round, () => modify(arena, group, { CacheNodeType }));
    rounds.push(seen);
    say(`node type of a cluster, ${engine} ${round}: ${lineOf(seen)}`);
  }
  return summarize(engine, rounds, await found(arena), await arena.leftovers());
}

async function changeUnderLoad(
  arena: Arena,
  round: number,
  change: () => Promise<void>,
): Promise<Round> {
  const load = new ClusterLoad(await arena.endpoint(group, "configuration"), dataKeys, round);
  await goesOn(load);
  const startedMs = performance.now();
  await change();
  await wholeCluster(arena, group, changedWithinMs);
  const changedMs = performance.now() - startedMs;
  await goesOn(load);
  await load.stop();
  const lost = await load.lostWrites();
  load.close();
  const { longestMs, writes, wrongReads } = load;
  const errors = [...load.errors].map(([text, count]) => `${count} × ${text}`);
  return { longestMs, changedMs, writes, lost, wrongReads, errors };
}

/** Waits until the writers have come some way from here. */
async function goesOn(load: ClusterLoad): Promise<void> {
  const from = load.writes;
  await until(
    "clients go on",
    () => load.writes - from >= writesAround || `${load.writes - from} writes`,
    { withinMs: writingWithinMs },
  );
}

/** What the primaries hold of the data that nobody changed. */
async function found(arena: Arena) {
  const nodes = await arena.nodes(group);
  const primaries = nodes
    .filter(({ role }) => role === "primary")
    .map(({ address }) => new Redis(placeOf(address)));
  try {
    return await findAll(primaries, dataKeys);
  } finally {
    for (const one of primaries) one.disconnect();
  }
}

function summarize(
  engine: string,
  rounds: readonly Round[],
  { lost: missing, doubled }: Awaited<ReturnType<typeof found>>,
  leftovers: readonly string[],
): Result {
  const sum = (figure: (one: Round) => number) => rounds.reduce((all, one) => all + figure(one), 0);
  const lost = sum((one) => one.lost);
  const wrongReads = sum((one) => one.wrongReads);
  const errors = rounds.flatMap((one) => one.errors);
  const timesMs = rounds.map((one) => one.longestMs);
  const slowestMs = Math.max(...rounds.map((one) => one.changedMs));
  return {
    ...{ id: "TYPE-CLUSTER", title: `node type changed, cluster of ${shards}×(1+1)`, engine },
    ...{ n: rounds.length, timesMs, acked: sum((one) => one.writes), lost },
    leftovers: leftovers.length,
    targets: [
      ...within(timesMs, { max: answerMaxMs }),
      target("no acknowledged write lost", lost === 0, lost),
      target("no error that a client which tries again shows", errors.length === 0, errors[0]),
      target("every read tells what the key holds", wrongReads === 0, wrongReads),
      target("every key is there, with its value", missing === 0, missing),
      target("no key is on two primaries", doubled === 0, doubled),
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: [
      "the times are the longest that any of 4 writers and 4 readers waited for one answer",
      `available again within ${Math.round(slowestMs)} ms at most`,
    ],
  };
}

function lineOf({ longestMs, changedMs, writes, lost, errors }: Round): string {
  const figures = `longest answer ${Math.round(longestMs)} ms, writes ${writes}, lost ${lost}`;
  return `${figures}, errors ${errors.length}, changed in ${Math.round(changedMs)} ms`;
}
