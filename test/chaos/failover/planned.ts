import { TestFailoverCommand } from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import { Cluster } from "ioredis";
import { Arena, type Place } from "../arena.ts";
import { createCluster, shardsOf, wholeCluster } from "../cluster.ts";
import { type Result, target, within } from "../report.ts";
import { clusterId } from "./cluster-rounds.ts";
import type { FailoverOptions } from "./rounds.ts";

/** AWS admits so many TestFailover calls in 24 hours; then a new server begins a new day. */
const failoversPerDay = 15;
const shards = 3;
const clientCount = 4;
const writingMs = 400;
const aimMs = 100;

/** What one planned change did to clients that try again by themselves. */
interface PlannedRound {
  readonly pauseMs: number;
  readonly errors: readonly string[];
  readonly acked: number;
  readonly lost: number;
}

/** R4: TestFailover of one shard after the other, under clients as they come. */
export async function plannedInCluster(options: FailoverOptions): Promise<Result> {
  const rounds: PlannedRound[] = [];
  const leftovers: string[] = [];
  while (rounds.length < options.rounds) {
    await using arena = await Arena.open();
    await createCluster(arena, clusterId, { engine: options.engine, shards, replicas: 1 });
    for (let left = failoversPerDay; left > 0 && rounds.length < options.rounds; left -= 1) {
      const round = await testFailoverRound(arena, rounds.length);
      rounds.push(round);
      const figures = `pause ${Math.round(round.pauseMs)} ms, acked ${round.acked}`;
      options.say(`R4 ${options.engine} ${rounds.length}: ${figures}, lost ${round.lost}`);
    }
    leftovers.push(...(await arena.leftovers()));
  }
  const errors = rounds.flatMap((one) => one.errors);
  const lost = rounds.reduce((sum, one) => sum + one.lost, 0);
  const pausesMs = rounds.map((one) => one.pauseMs);
  const short = pausesMs.filter((one) => one <= aimMs).length;
  return {
    ...{ id: "R4", title: `TestFailover of a shard of ${shards}×(1+1)`, engine: options.engine },
    ...{ n: rounds.length, timesMs: pausesMs, lost, leftovers: leftovers.length },
    acked: rounds.reduce((sum, one) => sum + one.acked, 0),
    targets: [
      ...within(pausesMs, { p99: 500 }),
      target("no error reaches a client that tries again", errors.length === 0, errors.join("; ")),
      target("no acknowledged write lost", lost === 0, lost),
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: [
      `${short} of ${rounds.length} pauses within the aim of ${aimMs} ms`,
      `${clientCount} clients of ioredis, one write after the other each`,
    ],
  };
}

async function testFailoverRound(arena: Arena, number: number): Promise<PlannedRound> {
  const victim = (await shardsOf(arena, clusterId))[number % shards];
  if (victim === undefined) throw new Error("the cluster has no shards");
  const at = await arena.endpoint(clusterId, "configuration");
  await using clients = new AsyncDisposableStack();
  const writers = Array.from({ length: clientCount }, (_, index) =>
    clients.use(new ClusterWriter(at, `r4-${number}-${index}-{${victim.tag}}`)),
  );
  await Promise.all(writers.map((one) => one.writes()));
  for (const one of writers) one.mark();
  await arena.client.send(
    new TestFailoverCommand({ ReplicationGroupId: clusterId, NodeGroupId: victim.id }),
  );
  await until(
    "another node is primary",
    async () => {
      const shard = (await shardsOf(arena, clusterId)).find(({ id }) => id === victim.id);
      return shard?.primary.id !== victim.primary.id || "still the first";
    },
    { withinMs: 20_000 },
  );
  await Promise.all(writers.map((one) => one.writes()));
  const pauseMs = Math.max(...writers.map((one) => one.pauseMs));
  await wholeCluster(arena, clusterId);
  const lost = await Promise.all(writers.map((one) => one.lost()));
  return {
    pauseMs,
    errors: writers.flatMap((one) => one.errors),
    acked: writers.reduce((sum, one) => sum + one.acked, 0),
    lost: lost.reduce((sum, one) => sum + one, 0),
  };
}

/** A client of the cluster that sets one key after the other, as its library comes. */
class ClusterWriter implements AsyncDisposable {
  readonly errors: string[] = [];
  readonly #cluster: Cluster;
  readonly #prefix: string;
  readonly #done: Promise<void>;
  #acked: readonly number[] = [];
  #stopped = false;
  #lastMs = performance.now();
  #pauseMs = 0;

  constructor({ host, port }: Place, prefix: string) {
    this.#cluster = new Cluster([{ host, port }]);
    this.#cluster.on("error", () => {}); // it connects again; a write that it gives up rejects
    this.#prefix = prefix;
    this.#done = this.#run();
  }

  get acked(): number {
    return this.#acked.length;
  }

  /** The longest time without an acknowledged write since `mark`. */
  get pauseMs(): number {
    return Math.max(this.#pauseMs, performance.now() - this.#lastMs);
  }

  mark(): void {
    this.#pauseMs = 0;
  }

  /** Resolves once it has been writing for a while from now on. */
  async writes(): Promise<void> {
    const before = this.acked;
    const begunMs = performance.now();
    await until(
      "writes go on",
      () => (this.acked > before + 1 && performance.now() - begunMs > writingMs) || "not yet",
      { withinMs: 20_000 },
    );
  }

  /** Ends it, and counts the acknowledged writes that are not there. */
  async lost(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    const values = await Promise.all(
      this.#acked.map((number) => this.#cluster.getdel(this.#key(number))),
    );
    return values.filter((value, index) => value !== String(this.#acked[index])).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cluster.disconnect();
    await this.#done;
  }

  async #run(): Promise<void> {
    const acked: number[] = [];
    this.#acked = acked;
    for (let number = 0; !this.#stopped; number += 1) {
      try {
        await this.#cluster.set(this.#key(number), String(number));
      } catch (error) {
        if (!this.#stopped) this.errors.push(String(error));
        continue;
      }
      const nowMs = performance.now();
      this.#pauseMs = Math.max(this.#pauseMs, nowMs - this.#lastMs);
      this.#lastMs = nowMs;
      acked.push(number);
    }
  }

  #key(number: number): string {
    return `${this.#prefix}:${number}`;
  }
}
