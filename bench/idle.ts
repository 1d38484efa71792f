import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  type ElastiCacheClient,
  paginateDescribeCacheClusters,
  paginateDescribeReplicationGroups,
} from "@aws-sdk/client-elasticache";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { percentile } from "@larder/testkit/statistics.ts";
import { textTable } from "@larder/testkit/text-table.ts";
import { until } from "@larder/testkit/until.ts";
import { setTimeout as pause } from "node:timers/promises";
import { memoryMbOf, processorSecondsOf } from "./process-figures.ts";

/** What a server with this many nodes costs while nobody asks it for anything. */
interface Stage {
  readonly nodes: number;
  /** Until all caches of this stage were available. */
  readonly createdS: number;
  readonly processorPercent: number;
  readonly memoryMb: number;
  readonly describeP99Ms: number;
  readonly oneMoreMs: number;
}

/** So many of each make 100 nodes. */
const groupsEach = 20;
const nodesPerGroup = 3;
const singlesEach = 20;
const stages = [1, 2];
const createdWithinMs = 600_000;
const settlesMs = 5_000;
const idleForMs = 30_000;
const describeCalls = 200;
const pollEveryMs = 100;

const processorMax = 20;
const memoryMaxMb = 300;
const growthMax = 1.5;

/** Measures a server with 100 and with 200 nodes; whether every target was met. */
export async function benchIdle(): Promise<boolean> {
  await using server = await startServer({ logLevel: "warn" });
  const client = server.client();
  const seen: Stage[] = [];
  for (const stage of stages) seen.push(await measure(server, client, stage));
  return report(seen);
}

async function measure(
  server: TestServer,
  client: ElastiCacheClient,
  stage: number,
): Promise<Stage> {
  const startedMs = performance.now();
  await createCaches(client, stage);
  await allAvailable(client);
  const createdS = (performance.now() - startedMs) / 1_000;
  const { pid } = server;
  if (pid === null) throw new Error("the server does not run");
  await pause(settlesMs);
  const before = processorSecondsOf(pid);
  await pause(idleForMs);
  const processorPercent = ((processorSecondsOf(pid) - before) / (idleForMs / 1_000)) * 100;
  const times: number[] = [];
  for (let call = 0; call < describeCalls; call += 1) {
    const calledMs = performance.now();
    await client.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }));
    times.push(performance.now() - calledMs);
  }
  const nodes = stage * (groupsEach * nodesPerGroup + 2 * singlesEach);
  const memoryMb = memoryMbOf(pid);
  const askedMs = performance.now();
  await createSingle(client, `more-${stage}`, "redis");
  await allAvailable(client);
  const oneMoreMs = performance.now() - askedMs;
  const describeP99Ms = percentile(times, 0.99);
  return { nodes, createdS, processorPercent, memoryMb, describeP99Ms, oneMoreMs };
}

async function createCaches(client: ElastiCacheClient, stage: number): Promise<void> {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  await Promise.all([
    ...numbers(groupsEach).map((index) => createGroup(client, `group-${stage}-${index}`)),
    ...numbers(singlesEach).map((index) => createSingle(client, `r-${stage}-${index}`, "redis")),
    ...numbers(singlesEach).map((index) =>
      createSingle(client, `m-${stage}-${index}`, "memcached"),
    ),
  ]);
}

async function createGroup(client: ElastiCacheClient, id: string): Promise<void> {
  await client.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: id, ReplicationGroupDescription: "bench", Engine: "redis" },
      ...{ CacheNodeType: "cache.t4g.micro", NumCacheClusters: nodesPerGroup },
      AutomaticFailoverEnabled: true,
    }),
  );
}

async function createSingle(client: ElastiCacheClient, id: string, engine: string): Promise<void> {
  await client.send(
    new CreateCacheClusterCommand({
      ...{ CacheClusterId: id, Engine: engine, CacheNodeType: "cache.t4g.micro", NumCacheNodes: 1 },
    }),
  );
}

async function allAvailable(client: ElastiCacheClient): Promise<void> {
  await until(
    "every cache is available",
    async () => {
      const waiting: string[] = [];
      for await (const page of paginateDescribeReplicationGroups({ client }, {})) {
        for (const one of page.ReplicationGroups ?? []) {
          if (one.Status !== "available") waiting.push(one.ReplicationGroupId ?? "");
        }
      }
      for await (const page of paginateDescribeCacheClusters({ client }, {})) {
        for (const one of page.CacheClusters ?? []) {
          if (one.CacheClusterStatus !== "available") waiting.push(one.CacheClusterId ?? "");
        }
      }
      if (waiting.length === 0) return true;
      await pause(pollEveryMs);
      return `${waiting.length} are not, such as ${waiting[0]}`;
    },
    { withinMs: createdWithinMs },
  );
}

function report(seen: readonly Stage[]): boolean {
  const body = seen.map((stage) => [
    ...[String(stage.nodes), `${stage.createdS.toFixed(1)} s`],
    ...[`${stage.processorPercent.toFixed(1)} %`, `${stage.memoryMb.toFixed(0)} MB`],
    ...[`${stage.describeP99Ms.toFixed(0)} ms`, `${stage.oneMoreMs.toFixed(0)} ms`],
  ]);
  const heading = [
    ...["nodes", "all available", "idle, of a core", "memory"],
    ...["page of clusters p99", "one more cache"],
  ];
  process.stdout.write(`${textTable([heading, ...body])}\n`);
  const [few, many] = seen;
  if (few === undefined || many === undefined) return false;
  const growth = many.processorPercent / many.nodes / (few.processorPercent / few.nodes);
  const targets: readonly (readonly [string, number, number])[] = [
    [`idle with ${many.nodes} nodes, % of a core`, many.processorPercent, processorMax],
    [`memory with ${many.nodes} nodes, MB`, many.memoryMb, memoryMaxMb],
    ["processor time a node, many to few", growth, growthMax],
  ];
  const lines = targets.map(([what, value, max]) => [
    ...[what, value.toFixed(1), String(max), value <= max ? "PASS" : "FAIL"],
  ]);
  process.stdout.write(`\n${textTable([["what", "seen", "at most", "result"], ...lines])}\n`);
  return targets.every(([, value, max]) => value <= max);
}
