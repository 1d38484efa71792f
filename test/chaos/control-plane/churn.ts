import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteCacheClusterCommand,
  ElastiCacheServiceException,
} from "@aws-sdk/client-elasticache";
import { waitForCluster, waitForNoCluster } from "@larder/testkit/wait-for.ts";
import { readdirSync, readFileSync } from "node:fs";
import { Arena } from "../arena.ts";
import { type Result, target } from "../report.ts";
import { say } from "../suite.ts";
import { countsText, outcome } from "./outcome.ts";

const batch = 10;
const createsAtOnce = 50;
const rivals = 10;
/** Churn before memory is compared: caches fill, code is compiled. */
const warmUpShare = 0.5;
const growthMax = 1.1;
const fdsSlack = 3;

/** R19: caches come and go, 50 at once; and one name is asked for by many. */
export async function churn(times: number): Promise<Result> {
  await using arena = await Arena.open({ logLevel: "warn" });
  const warm = Math.max(batch, Math.round((times * warmUpShare) / batch) * batch);
  await createAndDelete(arena, warm, "warm");
  const before = footprint(arena.server.pid);
  const timesMs = await createAndDelete(arena, Math.max(batch, times - warm), "churn");
  const after = footprint(arena.server.pid);
  say(`R19 memory ${megabytes(before.bytes)} → ${megabytes(after.bytes)} MB`);
  const togetherMs = await createTogether(arena);
  say(`R19 ${createsAtOnce} at once within ${Math.round(togetherMs)} ms`);
  const race = await sameName(arena);
  return await outcome(arena, {
    ...{
      id: "R19",
      title: `${times} caches created and deleted, ${createsAtOnce} at once`,
      n: times,
    },
    timesMs,
    targets: [
      target(
        "the server's memory grows by at most 10 % after warm-up",
        after.bytes <= before.bytes * growthMax,
        `${megabytes(before.bytes)} → ${megabytes(after.bytes)} MB`,
      ),
      target(
        "its open files stay as many",
        after.files <= before.files + fdsSlack,
        `${before.files} → ${after.files}`,
      ),
      target(
        "of those who ask for one name at once, one wins and the others are told AlreadyExists",
        race.every((one) => one.won === 1 && one.told === rivals - 1),
        race.map((one) => `${one.won} won, ${countsText(one.answers)}`).join("; "),
      ),
    ],
    notes: [
      "the times are from a request to create until the cache was gone again, ten at once",
      `${createsAtOnce} creates at once were all available after ${Math.round(togetherMs)} ms`,
      `memory ${megabytes(before.bytes)} → ${megabytes(after.bytes)} MB, ` +
        `open files ${before.files} → ${after.files}`,
    ],
  });
}

async function createAndDelete(
  arena: Arena,
  times: number,
  name: string,
): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (let from = 0; from < times; from += batch) {
    await Promise.all(
      Array.from({ length: batch }, async (_, index) => {
        const id = `${name}-${index}`;
        const startedMs = performance.now();
        await create(arena, id, index % 2 === 0 ? "memcached" : "redis");
        await waitForCluster(arena.client, id, "available", 30_000);
        await arena.client.send(new DeleteCacheClusterCommand({ CacheClusterId: id }));
        await waitForNoCluster(arena.client, id, 30_000);
        timesMs.push(performance.now() - startedMs);
      }),
    );
    if (from % 50 === 0) say(`R19 ${name} ${from + batch}`);
  }
  return timesMs;
}

async function createTogether(arena: Arena): Promise<number> {
  const ids = Array.from({ length: createsAtOnce }, (_, index) => `many-${index}`);
  const startedMs = performance.now();
  await Promise.all(
    ids.map((id, index) => create(arena, id, index % 2 === 0 ? "memcached" : "redis")),
  );
  for (const id of ids) await waitForCluster(arena.client, id, "available", 60_000);
  const togetherMs = performance.now() - startedMs;
  for (const id of ids)
    await arena.client.send(new DeleteCacheClusterCommand({ CacheClusterId: id }));
  for (const id of ids) await waitForNoCluster(arena.client, id, 60_000);
  return togetherMs;
}

async function create(arena: Arena, CacheClusterId: string, Engine: string): Promise<void> {
  const size = { CacheNodeType: "cache.t4g.micro", NumCacheNodes: 1 };
  await arena.client.send(new CreateCacheClusterCommand({ CacheClusterId, Engine, ...size }));
}

/** Asks for one cluster, and then for one group, many times at once. */
async function sameName(arena: Arena) {
  const asks = [
    () => create(arena, "wanted", "memcached"),
    () =>
      arena.client.send(
        new CreateReplicationGroupCommand({
          ...{ ReplicationGroupId: "wished", ReplicationGroupDescription: "race" },
          ...{ Engine: "redis", CacheNodeType: "cache.t4g.micro" },
        }),
      ),
  ];
  return Promise.all(
    asks.map(async (ask) => {
      const settled = await Promise.allSettled(Array.from({ length: rivals }, () => ask()));
      const answers = new Map<string, number>();
      for (const one of settled) {
        if (one.status === "fulfilled") continue;
        const reason: unknown = one.reason;
        const name = reason instanceof ElastiCacheServiceException ? reason.name : String(reason);
        answers.set(name, (answers.get(name) ?? 0) + 1);
      }
      const won = settled.filter((one) => one.status === "fulfilled").length;
      const told = [...answers].filter(([name]) => /AlreadyExists/.test(name));
      return { won, told: told.reduce((sum, [, times]) => sum + times, 0), answers };
    }),
  );
}

function footprint(pid: number | null) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return { bytes: kilobytes * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}
