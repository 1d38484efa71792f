import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { Arena, placeOf } from "../arena.ts";
import { type ClusterShard, createCluster } from "../cluster.ts";
import { type Result, target, within } from "../report.ts";
import { type ClusterRound, clusterId, clusterRound, victimOf } from "./cluster-rounds.ts";
import { fewLost, type FailoverOptions, gapsOf, summarize } from "./rounds.ts";

/** A test of clusters with so many shards of one primary and one replica. */
export interface ClusterOptions extends FailoverOptions {
  readonly shards: number;
}

/** Other shards share the machine's cores with what happens in one, and nothing else. */
const othersGapMaxMs = 1_000;
/** The engines' own elections take seconds each: fewer show what they take. */
const electionsMax = 10;

/** R5: the primary of one shard of a cluster is killed under writers. */
export async function shardPrimaryKilled(options: ClusterOptions): Promise<Result> {
  await using arena = await Arena.open();
  const rounds = await clusterRounds(arena, options, "R5", async (victim, name) =>
    clusterRound(arena, name, victim, { fault: () => arena.kill(victim.primary.pid) }),
  );
  return resultOf(options, rounds, await arena.leftovers(), {
    title: `kill -9 of a shard's primary, cluster of ${options.shards}×(1+1)`,
    targets: [...within(gapsOf(rounds), { p99: 1_000 }), ...fewLost(rounds)],
  });
}

/**
 * R5 without Larder: its server is ended before the primary is, so that the engines have to vote;
 * then the server is started again, and takes up what they decided.
 */
export async function shardPrimaryElected(options: ClusterOptions): Promise<Result> {
  await using arena = await Arena.open();
  const few = { ...options, rounds: Math.min(options.rounds, electionsMax) };
  let notTakenUp = 0;
  const rounds = await clusterRounds(arena, few, "R5 vote", async (victim, name) => {
    const round = await clusterRound(arena, name, victim, {
      async fault() {
        await arena.server.kill();
        await arena.kill(victim.primary.pid);
      },
      mend: () => arena.server.restart(),
    });
    if (await isPrimaryOf(arena, victim)) notTakenUp += 1;
    return round;
  });
  return resultOf(few, rounds, await arena.leftovers(), {
    title: `the same without a server: the engines of ${options.shards}×(1+1) vote`,
    targets: [
      ...within(gapsOf(rounds), { max: 15_000 }),
      target("the next server takes up who was elected", notTakenUp === 0, notTakenUp),
      ...fewLost(rounds),
    ],
    notes: ["the times are the engines' own, with a cluster-node-timeout of 5 s"],
  });
}

/** R5 with a primary that hangs (SIGSTOP), and is woken once another has taken over. */
export async function shardPrimaryStopped(
  options: ClusterOptions,
  failureTimeoutMs: number,
): Promise<Result> {
  await using arena = await Arena.open({ failureTimeoutMs });
  let acksOfWoken = 0;
  const rounds = await clusterRounds(arena, options, "R5 stop", async (victim, name) => {
    const { acks, round } = await stopRound(arena, victim, name);
    acksOfWoken += acks;
    return round;
  });
  return resultOf(options, rounds, await arena.leftovers(), {
    title: `SIGSTOP of a shard's primary, SIGCONT after promotion, ${options.shards}×(1+1)`,
    targets: [
      ...within(gapsOf(rounds), { p50: 2_500, p99: 4_000 }),
      target("the woken old primary acknowledges no write", acksOfWoken === 0, acksOfWoken),
    ],
    notes: [`LARDER_FAILURE_TIMEOUT_MS is ${failureTimeoutMs}`],
  });
}

/**
 * Connections to the node's own address are opened before it hangs and used while it does: their
 * writes lie in its sockets, and are answered if it ever wakes as a primary.
 */
async function stopRound(
  arena: Arena,
  victim: ClusterShard,
  name: string,
): Promise<{ readonly round: ClusterRound; readonly acks: number }> {
  const { host, port } = placeOf(victim.primary.address);
  await using direct = new AsyncDisposableStack();
  const connections = await Promise.all([1, 2, 3].map(() => RespConnection.open(host, port)));
  direct.defer(async () => connections.forEach((one) => one[Symbol.dispose]()));
  let acks = 0;
  const round = await clusterRound(arena, name, victim, {
    async fault() {
      arena.signal(victim.primary.pid, "SIGSTOP");
      for (const one of connections) {
        one.send("SET", `${name}:direct-{${victim.tag}}`, "1").then(
          (reply) => (acks += reply === "OK" ? 1 : 0),
          () => {}, // cut off, which is what fencing does
        );
      }
      await until(
        "another node is primary",
        async () => !(await isPrimaryOf(arena, victim)) || "still the one that hangs",
        { withinMs: 20_000 },
      );
      arena.wake(victim.primary.pid);
    },
  });
  return { round, acks };
}

async function isPrimaryOf(arena: Arena, { id, primary }: ClusterShard): Promise<boolean> {
  const { shards } = await arena.cache(clusterId);
  const nodes = shards.find((shard) => shard.id === id)?.nodes ?? [];
  return nodes.some((node) => node.role === "primary" && node.id === primary.id);
}

/** Makes the cluster, and carries a round out again and again, each for another shard. */
async function clusterRounds(
  arena: Arena,
  options: ClusterOptions,
  label: string,
  carryOut: (victim: ClusterShard, name: string) => Promise<ClusterRound>,
): Promise<readonly ClusterRound[]> {
  await createCluster(arena, clusterId, { ...options, replicas: 1 });
  const rounds: ClusterRound[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round = await carryOut(await victimOf(arena, number), `r5-${number}`);
    rounds.push(round);
    const { gapMs, acked, lost, wholeMs, othersGapMs } = round;
    options.say(
      `${label} ${options.engine}×${options.shards} ${number}: gap ${Math.round(gapMs)} ms, ` +
        `acked ${acked}, lost ${lost}, others' gap ${Math.round(othersGapMs)} ms, ` +
        `whole ${Math.round(wholeMs)} ms`,
    );
  }
  return rounds;
}

function resultOf(
  { engine, shards }: ClusterOptions,
  rounds: readonly ClusterRound[],
  leftovers: readonly string[],
  about: Pick<Result, "title" | "targets"> & { readonly notes?: readonly string[] },
): Result {
  const errors = rounds.flatMap((one) => one.othersErrors);
  const gapMs = Math.max(...rounds.map((one) => one.othersGapMs));
  const others = [
    target("the other shards' clients meet no error", errors.length === 0, errors.join("; ")),
    target(
      `the other shards take writes all the time: no gap > ${othersGapMaxMs} ms`,
      gapMs <= othersGapMaxMs,
      `${Math.round(gapMs)} ms`,
    ),
  ];
  return summarize(
    { id: "R5", title: about.title, engine: `${engine} ${shards}×2` },
    rounds,
    leftovers,
    [...about.targets, ...(shards > 1 ? others : [])],
    [
      ...(about.notes ?? []),
      ...(shards > 1 ? [`longest gap of another shard ${Math.round(gapMs)} ms`] : []),
    ],
  );
}
