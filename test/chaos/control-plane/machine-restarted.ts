import {
  CreateCacheParameterGroupCommand,
  ModifyCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import { endProcessesBelow } from "@larder/testkit/processes.ts";
import { Arena } from "../arena.ts";
import { type Result, target, within } from "../report.ts";
import { say } from "../suite.ts";
import { Writers } from "../writers.ts";
import { writesFor } from "../failover/rounds.ts";
import { outcome } from "./outcome.ts";

const fsyncs = ["always", "everysec"] as const;
const groups = [...fsyncs, "memory"] as const;

/** R12: everything of the data directory is killed at once, and the server is started again. */
export async function machineRestarted(rounds: number): Promise<Result> {
  await using arena = await Arena.open();
  for (const fsync of fsyncs) await createAppendOnlyGroup(arena, fsync);
  await arena.createGroup("memory", "redis");
  const timesMs: number[] = [];
  const lost = { always: 0, everysec: 0, memory: 0 };
  let acked = 0;
  let lateMs = 0;
  let untold = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const seen = await restart(arena, round);
    timesMs.push(seen.backMs);
    for (const id of groups) lost[id] += seen.lost[id];
    lateMs = Math.max(lateMs, seen.oldestLostMs);
    acked += seen.acked;
    if (seen.lost.memory > 0 && !seen.told) untold += 1;
    const figures = groups.map((id) => `${id} ${seen.lost[id]}`).join(", ");
    say(`R12 ${round}: back after ${Math.round(seen.backMs)} ms; lost ${figures}`);
  }
  return await outcome(arena, {
    ...{ id: "R12", title: "everything killed and started again", n: rounds, timesMs, acked },
    lost: lost.always + lost.everysec,
    targets: [
      ...within(timesMs, { max: 10_000 }),
      target("appendfsync always: nothing lost", lost.always === 0, lost.always),
      target(
        "appendfsync everysec: at most the last second lost",
        lateMs <= 1_000,
        `${Math.round(lateMs)} ms`,
      ),
      target(
        "in memory only: an event says that the data is lost",
        untold === 0,
        `${untold} times none`,
      ),
    ],
    notes: [
      `the group in memory lost ${lost.memory} writes, which lost does not count`,
      "killed processes leave what they wrote to the kernel: only a power cut tests fsync itself",
    ],
  });
}

async function createAppendOnlyGroup(arena: Arena, fsync: (typeof fsyncs)[number]): Promise<void> {
  const CacheParameterGroupName = `aof-${fsync}`;
  await arena.client.send(
    new CreateCacheParameterGroupCommand({
      ...{ CacheParameterGroupName, CacheParameterGroupFamily: "redis7", Description: "chaos" },
    }),
  );
  await arena.client.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName,
      ParameterNameValues: [
        { ParameterName: "appendonly", ParameterValue: "yes" },
        { ParameterName: "appendfsync", ParameterValue: fsync },
      ],
    }),
  );
  await arena.createGroup(fsync, "redis", CacheParameterGroupName);
}

async function restart(arena: Arena, round: number) {
  const eventsBefore = (await arena.events()).filter((one) => one.includes("is lost")).length;
  const writers = await Promise.all(
    groups.map(async (id) => {
      const place = await arena.endpoint(id, "primary");
      return new Writers(place, { prefix: `r12-${round}`, count: 3, everyMs: 1 }).start();
    }),
  );
  await Promise.all(writers.map((one) => writesFor(one, 1_500)));
  const killedMs = performance.now();
  await arena.server.kill();
  await endProcessesBelow(arena.server.dataDir);
  await Promise.all(writers.map((one) => one.stop()));
  const startedMs = performance.now();
  await arena.server.restart();
  await Promise.all(groups.map((id) => arena.whole(id)));
  const backMs = performance.now() - startedMs;
  const verified = await Promise.all(writers.map((one) => one.verify()));
  const lost = Object.fromEntries(groups.map((id, index) => [id, verified[index]?.lost ?? 0]));
  const eventsAfter = (await arena.events()).filter((one) => one.includes("is lost")).length;
  const oldest = verified[groups.indexOf("everysec")]?.oldestLostAtMs ?? null;
  return {
    backMs,
    lost: lost as Record<(typeof groups)[number], number>,
    acked: verified.reduce((sum, one) => sum + one.acked, 0),
    oldestLostMs: oldest === null ? 0 : killedMs - oldest,
    told: eventsAfter > eventsBefore,
  };
}
