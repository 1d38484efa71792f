import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { Arena, placeOf } from "../arena.ts";
import { type Result, target, within } from "../report.ts";
import { Writers } from "../writers.ts";
import {
  fewLost,
  type FailoverOptions,
  gapsOf,
  type Round,
  summarize,
  writesFor,
  writeThrough,
} from "./rounds.ts";

/** R1: the primary is killed under 20 writers. */
export async function primaryKilled(options: FailoverOptions): Promise<Result> {
  const { rounds, leftovers } = await killRounds(options, false);
  return summarize(
    { id: "R1", title: "kill -9 of the primary under 20 writers", engine: options.engine },
    rounds,
    leftovers,
    [...within(gapsOf(rounds), { p50: 100, p99: 1_000, max: 2_000 }), ...fewLost(rounds)],
  );
}

/** R2: R1, with every write confirmed by `WAIT 1 1000`. */
export async function primaryKilledWithWait(options: FailoverOptions): Promise<Result> {
  const { rounds, leftovers } = await killRounds(options, true);
  const lost = rounds.reduce((sum, one) => sum + one.lost, 0);
  return summarize(
    { id: "R2", title: "R1 with WAIT 1 1000", engine: options.engine },
    rounds,
    leftovers,
    [target("no confirmed write lost", lost === 0, lost)],
  );
}

/** R3: the primary hangs (SIGSTOP), and is woken once another was promoted. */
export async function primaryStopped(
  options: FailoverOptions,
  failureTimeoutMs: number,
): Promise<Result> {
  await using arena = await Arena.open({ failureTimeoutMs });
  await arena.createGroup("shop", options.engine);
  const rounds: Round[] = [];
  let acksOfWoken = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const woken = await stopRound(arena, `r3-${round}`);
    rounds.push(woken.round);
    acksOfWoken += woken.acks;
    options.say(`R3 ${options.engine} ${round}: gap ${Math.round(woken.round.gapMs)} ms`);
  }
  return summarize(
    { id: "R3", title: "SIGSTOP of the primary, SIGCONT after promotion", engine: options.engine },
    rounds,
    await arena.leftovers(),
    [
      ...within(gapsOf(rounds), { p50: 2_500, p99: 4_000 }),
      target("the woken old primary acknowledges no write", acksOfWoken === 0, acksOfWoken),
    ],
    [`LARDER_FAILURE_TIMEOUT_MS is ${failureTimeoutMs}`],
  );
}

async function killRounds(options: FailoverOptions, wait: boolean) {
  await using arena = await Arena.open();
  await arena.createGroup("shop", options.engine);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const { pid } = await arena.primary("shop");
    const fault = () => arena.kill(pid);
    const seen = await writeThrough(arena, "shop", `kill-${round}`, { wait, fault });
    rounds.push(seen);
    const { gapMs, acked, lost, wholeMs } = seen;
    const figures = `gap ${Math.round(gapMs)} ms, acked ${acked}, lost ${lost}`;
    const id = wait ? "R2" : "R1";
    options.say(`${id} ${options.engine} ${round}: ${figures}, whole ${Math.round(wholeMs)} ms`);
  }
  return { rounds, leftovers: await arena.leftovers() };
}

/**
 * One round of R3. Connections to the node's own address are opened before it hangs and used while
 * it does: their writes lie in its sockets, and are answered if it ever wakes as a primary.
 */
async function stopRound(
  arena: Arena,
  name: string,
): Promise<{ readonly round: Round; readonly acks: number }> {
  const old = await arena.primary("shop");
  const { host, port } = placeOf(old.address);
  await using direct = new AsyncDisposableStack();
  const connections = await Promise.all([1, 2, 3].map(() => RespConnection.open(host, port)));
  direct.defer(async () => connections.forEach((one) => one[Symbol.dispose]()));
  let acks = 0;
  const round = await writeThrough(arena, "shop", name, {
    async fault() {
      arena.signal(old.pid, "SIGSTOP");
      for (const one of connections) {
        one.send("SET", `${name}:direct`, "1").then(
          (reply) => (acks += reply === "OK" ? 1 : 0),
          () => {}, // cut off, which is what fencing does
        );
      }
      await until(
        "another node is primary",
        async () => (await arena.primary("shop")).id !== old.id || "still the one that hangs",
        { withinMs: 20_000 },
      );
      arena.wake(old.pid);
    },
  });
  return { round, acks };
}

/** R6: the new primary is killed too, within a second of its promotion. */
export async function newPrimaryKilled(options: FailoverOptions): Promise<Result> {
  await using arena = await Arena.open();
  await arena.createGroup("shop", options.engine);
  const rounds: Round[] = [];
  const sinceSecondMs: number[] = [];
  let settledLost = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const seen = await doubleKill(arena, `r6-${round}`);
    sinceSecondMs.push(seen.gapMs);
    rounds.push(seen);
    if (seen.oldestLostMs > settledMs) settledLost += 1;
    const figures = `gap ${Math.round(seen.gapMs)} ms, lost ${seen.lost}`;
    const age = seen.lost === 0 ? "" : `, the oldest ${Math.round(seen.oldestLostMs)} ms before`;
    options.say(`R6 ${options.engine} ${round}: ${figures}${age}`);
  }
  return summarize(
    {
      id: "R6",
      title: "kill -9 of the new primary within 1 s of promotion",
      engine: options.engine,
    },
    rounds,
    await arena.leftovers(),
    [
      ...within(sinceSecondMs, { max: 2_000 }),
      target(
        `no write is lost that was acknowledged ${settledMs} ms before the first kill`,
        settledLost === 0,
        `in ${settledLost} of ${rounds.length} rounds`,
      ),
    ],
    ["replicas were ready and had those writes; later ones may be on their way when a node dies"],
  );
}

/** How long before the first kill ready replicas have had a write for certain. */
const settledMs = 100;

/** A round of R6, with how long before the first kill the oldest lost write was acknowledged. */
async function doubleKill(
  arena: Arena,
  name: string,
): Promise<Round & { readonly oldestLostMs: number }> {
  const first = await arena.primary("shop");
  const place = await arena.endpoint("shop", "primary");
  const writers = new Writers(place, { prefix: name }).start();
  await writesFor(writers, 300);
  const startedMs = performance.now();
  arena.signal(first.pid);
  await writesFor(writers, 0);
  await until(
    "another node is primary",
    async () => (await arena.primary("shop")).id !== first.id || "still the first",
    { withinMs: 20_000 },
  );
  const second = await arena.primary("shop");
  writers.mark();
  arena.signal(second.pid);
  await writesFor(writers, 300);
  const gapMs = await writers.stop();
  await arena.whole("shop");
  const wholeMs = performance.now() - startedMs;
  const verdict = await writers.verify();
  const oldestLostMs = startedMs - (verdict.oldestLostAtMs ?? startedMs);
  return { gapMs, wholeMs, oldestLostMs, overlaps: writers.overlaps(), ...verdict };
}
