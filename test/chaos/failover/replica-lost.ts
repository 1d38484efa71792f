import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { setTimeout as pause } from "node:timers/promises";
import { Arena, type Place } from "../arena.ts";
import { type Result, target, within } from "../report.ts";
import { Writers } from "../writers.ts";
import { type FailoverOptions, summarize, type Round, writesFor } from "./rounds.ts";

/** R7: a replica is killed under writers, while others read through the reader endpoint. */
export async function replicaKilled(options: FailoverOptions): Promise<Result> {
  await using arena = await Arena.open();
  await arena.createGroup("shop", options.engine);
  const rounds: Round[] = [];
  const outOfReaderMs: number[] = [];
  let writeErrors = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const seen = await replicaRound(arena, `r7-${round}`);
    rounds.push(seen.round);
    outOfReaderMs.push(seen.outOfReaderMs);
    writeErrors += seen.writeErrors;
    const figures = `${Math.round(seen.outOfReaderMs)} ms, online ${Math.round(seen.round.wholeMs)} ms`;
    options.say(`R7 ${options.engine} ${round}: out of the reader endpoint ${figures}`);
  }
  const backMs = rounds.map((one) => one.wholeMs);
  return {
    ...summarize(
      { id: "R7", title: "kill -9 of a replica", engine: options.engine },
      rounds,
      await arena.leftovers(),
      [
        target("no write error", writeErrors === 0, writeErrors),
        target(
          "gone from the reader endpoint ≤ 1 s",
          Math.max(...outOfReaderMs) <= 1_000,
          `${Math.round(Math.max(...outOfReaderMs))} ms`,
        ),
        target(
          "back and online ≤ 10 s",
          Math.max(...backMs) <= 10_000,
          `${Math.round(Math.max(...backMs))} ms`,
        ),
      ],
      [
        `the times are those until the reader endpoint failed nobody any more; ` +
          `longest write gap ${Math.round(Math.max(...rounds.map((one) => one.gapMs)))} ms`,
      ],
    ),
    timesMs: outOfReaderMs,
  };
}

async function replicaRound(
  arena: Arena,
  name: string,
): Promise<{
  readonly round: Round;
  readonly outOfReaderMs: number;
  readonly writeErrors: number;
}> {
  const [victim] = (await arena.nodes("shop")).filter((one) => one.role === "replica");
  const writers = new Writers(await arena.endpoint("shop", "primary"), { prefix: name }).start();
  const readers = new Readers(await arena.endpoint("shop", "reader")).start();
  await writesFor(writers, 200);
  writers.mark();
  const startedMs = performance.now();
  arena.signal(victim?.pid ?? null);
  await pause(1_500); // as long as the bound and half of it: a late failure is seen
  const lastFailureMs = await readers.stop();
  const writeErrors = writers.errorCount;
  const gapMs = await writers.stop();
  await arena.whole("shop");
  const wholeMs = performance.now() - startedMs;
  const round = { gapMs, wholeMs, overlaps: writers.overlaps(), ...(await writers.verify()) };
  return { round, writeErrors, outOfReaderMs: Math.max(0, lastFailureMs - startedMs) };
}

/** Clients that connect through the reader endpoint again and again, and note when that failed. */
class Readers {
  readonly #place: Place;
  #lastFailureMs = 0;
  #stopped = false;
  #run: Promise<unknown> = Promise.resolve();

  constructor(place: Place) {
    this.#place = place;
  }

  start(): this {
    this.#run = Promise.all([this.#read(), this.#read(), this.#read()]);
    return this;
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#run;
    return this.#lastFailureMs;
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      try {
        using connection = await RespConnection.open(this.#place.host, this.#place.port, 500);
        const info = await connection.text("INFO", "replication");
        if (!info.includes("role:slave")) throw new Error("not a replica");
      } catch {
        this.#lastFailureMs = performance.now(); // the moment is what is measured
      }
      await pause(10);
    }
  }
}

const groupsInZone = ["north", "south", "east"] as const;

/** R8: every process of one zone is killed at once, with several groups in it. */
export async function zoneKilled(options: FailoverOptions): Promise<Result> {
  await using arena = await Arena.open();
  for (const id of groupsInZone) await arena.createGroup(id, options.engine);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const seen = await zoneRound(arena, `r8-${round}`);
    rounds.push(...seen);
    const gaps = seen.map((one) => `${Math.round(one.gapMs)} ms`).join(", ");
    const wholeMs = Math.max(...seen.map((one) => one.wholeMs));
    options.say(`R8 ${options.engine} ${round}: gaps ${gaps}, whole ${Math.round(wholeMs)} ms`);
  }
  const title = `kill -9 of every process of a primary's zone, ${groupsInZone.length} groups`;
  return summarize(
    { id: "R8", title, engine: options.engine },
    rounds,
    await arena.leftovers(),
    within(
      rounds.map((one) => one.gapMs),
      { max: 3_000 },
    ),
    ["n counts the groups of all rounds"],
  );
}

async function zoneRound(arena: Arena, name: string): Promise<readonly Round[]> {
  const nodes = (await Promise.all(groupsInZone.map((id) => arena.nodes(id)))).flat();
  const zone = nodes.find((one) => one.role === "primary")?.zone;
  const writers = await Promise.all(
    groupsInZone.map(async (id) => {
      const place = await arena.endpoint(id, "primary");
      return new Writers(place, { prefix: name, count: 7 }).start();
    }),
  );
  await Promise.all(writers.map((one) => writesFor(one, 300)));
  for (const one of writers) one.mark();
  const startedMs = performance.now();
  for (const one of nodes) if (one.zone === zone) arena.signal(one.pid);
  await Promise.all(writers.map((one) => writesFor(one, 300)));
  const gaps = await Promise.all(writers.map((one) => one.stop()));
  await Promise.all(groupsInZone.map((id) => arena.whole(id)));
  const wholeMs = performance.now() - startedMs;
  return Promise.all(
    writers.map(async (one, index) => ({
      ...{ gapMs: gaps[index] ?? Number.NaN, wholeMs, overlaps: one.overlaps() },
      ...(await one.verify()),
    })),
  );
}
