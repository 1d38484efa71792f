import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { percentile } from "@larder/testkit/statistics.ts";
import { textTable } from "@larder/testkit/text-table.ts";
import { setTimeout as pause } from "node:timers/promises";
import { processorSecondsOf } from "./process-figures.ts";

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly seen: number;
  readonly max: number;
  readonly unit: "ms" | "s" | "%";
}

const pollEveryMs = 20;
const giveUpMs = 120_000;
const groupsAtOnce = 50;
const idleForMs = 20_000;
const describeCalls = 500;

/** Measures creations and the idle server; whether every target was met. */
export async function benchCreate(rounds: number): Promise<boolean> {
  await using server = await startServer({ logLevel: "warn" });
  const client = server.client();
  const rows: Row[] = [
    await p50Of("memcached, 1 node: available (p50)", 500, rounds, (id) =>
      timeCluster(client, id, "memcached"),
    ),
    await p50Of("redis, 1 node: available (p50)", 1_000, rounds, (id) =>
      timeCluster(client, id, "redis"),
    ),
    await p50Of("group of 1 + 2: available (p50)", 2_000, rounds, (id) => timeGroup(client, id, 3)),
    await manyGroups(client),
    await idleServer(server),
    await describing(client),
  ];
  const body = rows.map(({ what, seen, max, unit }) => [
    ...[what, `${seen.toFixed(unit === "ms" ? 0 : 1)} ${unit}`, `${max} ${unit}`],
    seen <= max ? "PASS" : "FAIL",
  ]);
  process.stdout.write(`${textTable([["what", "seen", "at most", "result"], ...body])}\n`);
  return rows.every(({ seen, max }) => seen <= max);
}

async function p50Of(
  what: string,
  max: number,
  rounds: number,
  time: (id: string) => Promise<number>,
): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await time(`bench-${round}`));
  return { what, seen: percentile(times, 0.5), max, unit: "ms" };
}

async function timeCluster(client: ElastiCacheClient, id: string, engine: string): Promise<number> {
  const startedMs = performance.now();
  await client.send(
    new CreateCacheClusterCommand({
      ...{ CacheClusterId: id, Engine: engine, CacheNodeType: "cache.t4g.micro", NumCacheNodes: 1 },
    }),
  );
  const describe = async () => {
    const found = await client.send(new DescribeCacheClustersCommand({ CacheClusterId: id }));
    return found.CacheClusters?.[0]?.CacheClusterStatus;
  };
  await reach(describe, "available");
  const tookMs = performance.now() - startedMs;
  await client.send(new DeleteCacheClusterCommand({ CacheClusterId: id }));
  await gone(describe);
  return tookMs;
}

async function timeGroup(client: ElastiCacheClient, id: string, nodes: number): Promise<number> {
  const startedMs = performance.now();
  await createGroup(client, id, nodes);
  const describe = () => groupStatus(client, id);
  await reach(describe, "available");
  const tookMs = performance.now() - startedMs;
  await client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }));
  await gone(describe);
  return tookMs;
}

async function manyGroups(client: ElastiCacheClient): Promise<Row> {
  const startedMs = performance.now();
  const ids = Array.from({ length: groupsAtOnce }, (_, index) => `many-${index}`);
  await Promise.all(ids.map((id) => createGroup(client, id, 2)));
  const allAvailable = async () => {
    const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({}));
    const available = ReplicationGroups?.filter((one) => one.Status === "available") ?? [];
    return available.length === groupsAtOnce ? "available" : "creating";
  };
  await reach(allAvailable, "available");
  const seen = (performance.now() - startedMs) / 1_000;
  return { what: "50 groups of 2 nodes at once: all available", seen, max: 60, unit: "s" };
}

async function idleServer(server: TestServer): Promise<Row> {
  const { pid } = server;
  if (pid === null) throw new Error("the server does not run");
  const before = processorSecondsOf(pid);
  await pause(idleForMs);
  const seconds = processorSecondsOf(pid) - before;
  const seen = (seconds / (idleForMs / 1_000)) * 100;
  return { what: "idle server with 100 nodes: of a core", seen, max: 10, unit: "%" };
}

async function describing(client: ElastiCacheClient): Promise<Row> {
  const times: number[] = [];
  for (let call = 0; call < describeCalls; call += 1) {
    const startedMs = performance.now();
    await client.send(new DescribeReplicationGroupsCommand({}));
    times.push(performance.now() - startedMs);
  }
  const seen = percentile(times, 0.99);
  return { what: "DescribeReplicationGroups of 50 groups (p99)", seen, max: 50, unit: "ms" };
}

async function createGroup(client: ElastiCacheClient, id: string, nodes: number): Promise<void> {
  await client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: "bench",
      Engine: "redis",
      CacheNodeType: "cache.t4g.micro",
      NumCacheClusters: nodes,
      AutomaticFailoverEnabled: true,
    }),
  );
}

async function groupStatus(client: ElastiCacheClient, id: string): Promise<string | undefined> {
  const found = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }));
  return found.ReplicationGroups?.[0]?.Status;
}

async function reach(status: () => Promise<string | undefined>, wanted: string): Promise<void> {
  const deadlineMs = performance.now() + giveUpMs;
  while ((await status()) !== wanted) {
    if (performance.now() > deadlineMs) throw new Error(`not ${wanted} within ${giveUpMs} ms`);
    await pause(pollEveryMs);
  }
}

async function gone(status: () => Promise<string | undefined>): Promise<void> {
  const deadlineMs = performance.now() + giveUpMs;
  while (performance.now() < deadlineMs) {
    try {
      await status();
    } catch {
      return; // described no more: that is what is waited for
    }
    await pause(pollEveryMs);
  }
  throw new Error(`still described after ${giveUpMs} ms`);
}
