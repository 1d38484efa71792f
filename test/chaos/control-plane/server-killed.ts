import { until } from "@larder/testkit/until.ts";
import { setTimeout as pause } from "node:timers/promises";
import { Arena } from "../arena.ts";
import { writesFor } from "../failover/rounds.ts";
import { type Result, target } from "../report.ts";
import { say } from "../suite.ts";
import { Writers } from "../writers.ts";
import { countsText, outcome } from "./outcome.ts";

/** `larder up` starts a server that died again within a second; here the harness does. */
const restartAfterMs = 200;

interface Kill {
  readonly errors: number;
  readonly errorText: string;
  readonly adoptedMs: number;
  /** From the kill of server and primary to the next acknowledged write; null if only the server. */
  readonly gapMs: number | null;
  readonly lost: number;
  readonly acked: number;
}

/** R9: the server is killed under writers; every other time, the primary in the same instant. */
export async function serverKilled(rounds: number): Promise<Result> {
  await using arena = await Arena.open();
  await arena.createGroup("shop", "redis");
  const kills: Kill[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const kill = await killServer(arena, `r9-${round}`, round % 2 === 0);
    kills.push(kill);
    const gap = kill.gapMs === null ? "" : `, gap ${Math.round(kill.gapMs)} ms`;
    say(`R9 ${round}: adopted ${Math.round(kill.adoptedMs)} ms${gap}, errors ${kill.errors}`);
  }
  const alone = kills.filter((one) => one.gapMs === null);
  const errors = alone.reduce((sum, one) => sum + one.errors, 0);
  const adoptedMs = Math.max(...kills.map((one) => one.adoptedMs));
  const gapMs = Math.max(0, ...kills.map((one) => one.gapMs ?? 0));
  return await outcome(arena, {
    ...{ id: "R9", title: "kill -9 of the server, half the time with the primary", n: rounds },
    timesMs: kills.map((one) => one.adoptedMs),
    acked: kills.reduce((sum, one) => sum + one.acked, 0),
    lost: kills.reduce((sum, one) => sum + one.lost, 0),
    targets: [
      target(
        "no data-plane error while only the server is gone",
        errors === 0,
        alone.map((one) => one.errorText).join(),
      ),
      target("adopting within 2 s of its start", adoptedMs <= 2_000, `${Math.round(adoptedMs)} ms`),
      target(
        "a primary killed in the same instant is failed over ≤ 3 s",
        gapMs <= 3_000,
        `${Math.round(gapMs)} ms`,
      ),
    ],
    notes: ["the times are from the server's start until it had every node's figures"],
  });
}

async function killServer(arena: Arena, name: string, withPrimary: boolean): Promise<Kill> {
  const { pid } = await arena.primary("shop");
  const place = await arena.endpoint("shop", "primary");
  const writers = new Writers(place, { prefix: name, count: 10 }).start();
  await writesFor(writers, 100);
  writers.mark();
  const gone = arena.server.kill();
  if (withPrimary) arena.signal(pid);
  await gone;
  await pause(restartAfterMs);
  const startedMs = performance.now();
  await arena.server.restart();
  await until("every node was adopted", () => adopted(arena, withPrimary ? pid : null), {
    withinMs: 20_000,
  });
  const adoptedMs = performance.now() - startedMs;
  await writesFor(writers, 200);
  const errors = writers.errorCount;
  const errorText = countsText(writers.errors);
  const gapMs = await writers.stop();
  await arena.whole("shop");
  return {
    errors,
    errorText,
    adoptedMs,
    gapMs: withPrimary ? gapMs : null,
    ...(await writers.verify()),
  };
}

/** Whether the server has figures of every node but the one that was killed. */
async function adopted(arena: Arena, killed: number | null): Promise<true | string> {
  const nodes = await arena.nodes("shop");
  const missing = nodes.filter((one) => one.pid !== killed && one.usedMemoryBytes === null);
  if (killed === null) return missing.length === 0 || missing.map((one) => one.id).join();
  // The killed one starts anew meanwhile: the others are what was there to adopt.
  return nodes.filter((one) => one.usedMemoryBytes !== null).length >= 2 || "fewer than two";
}
