import {
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  paginateDescribeReplicationGroups,
} from "@aws-sdk/client-elasticache";
import { systemClock } from "@larder/server/base/clock.ts";
import { createElastiCacheService } from "@larder/server/services/elasticache/service.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import { percentile } from "@larder/testkit/statistics.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { textTable } from "@larder/testkit/text-table.ts";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { account, clientOf, startHttp } from "../test/contract/support/server.ts";
import { settle } from "../test/contract/support/settle.ts";
import { installed } from "../test/contract/support/world.ts";

/** What was seen while the store held this many groups. */
interface Stage {
  readonly groups: number;
  readonly createP99Ms: number;
  readonly describePageP99Ms: number;
  readonly describeClustersP99Ms: number;
  readonly describeOneP99Ms: number;
  /** Processor time of every page of every group, by the SDK's paginator. */
  readonly listAllMs: number;
  readonly heapMb: number;
}

const stages = [250, 500, 1_000];
const nodesPerGroup = 2;
const calls = 200;
const describePageMaxMs = 50;
const createMaxMs = 100;
/** How much more a group may cost among many groups than among few: noise, not growth. */
const growthMax = 1.5;
const listings = 10;

/**
 * Measures API calls over a store of many groups: the real service, store and SDK, over HTTP, with
 * the reconcilers' work written by hand, since no machine runs thousands of engines. Whether every
 * target was met.
 */
export async function benchApi(): Promise<boolean> {
  await using directory = await temporaryDirectory();
  const store = openStore(join(directory.path, "state.db"), systemClock);
  // AWS's default is for an account that has not asked for more.
  const nodesPerRegion = Number.MAX_SAFE_INTEGER;
  const backend = { store, installed, vpc: { cidr: "127.31.0.0/16" }, nodesPerRegion };
  await using http = await startHttp([createElastiCacheService(backend)]);
  const client = clientOf(http.url);
  const seen: Stage[] = [];
  for (const groups of stages) {
    const from = seen.at(-1)?.groups ?? 0;
    const created = await timesOf(groups - from, (at) => createGroup(client, `group-${from + at}`));
    settle({
      ...{ ...backend, requestId: "r", account, region: "us-east-1", now: systemClock.now() },
      principal: { arn: "", userId: "", accessKeyId: "" },
    });
    seen.push({ ...(await describing(client, groups)), createP99Ms: percentile(created, 0.99) });
  }
  client.destroy();
  store.close();
  return report(seen);
}

async function describing(
  client: ElastiCacheClient,
  groups: number,
): Promise<Omit<Stage, "createP99Ms">> {
  const p99Of = async (call: (at: number) => Promise<unknown>) =>
    percentile(await timesOf(calls, call), 0.99);
  const id = (at: number) => `group-${(at * 7) % groups}`;
  return {
    groups,
    describePageP99Ms: await p99Of(() => client.send(new DescribeReplicationGroupsCommand({}))),
    describeClustersP99Ms: await p99Of(() =>
      client.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true })),
    ),
    describeOneP99Ms: await p99Of((at) =>
      client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id(at) })),
    ),
    listAllMs: await processorMsOf(listings, () => listAll(client, groups)),
    heapMb: heapMb(),
  };
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

async function listAll(client: ElastiCacheClient, groups: number): Promise<void> {
  let listed = 0;
  for await (const page of paginateDescribeReplicationGroups({ client }, {})) {
    listed += page.ReplicationGroups?.length ?? 0;
  }
  if (listed !== groups) throw new Error(`${listed} groups were listed, of ${groups}`);
}

async function timesOf(
  count: number,
  work: (at: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedMs = performance.now();
    await work(at);
    times.push(performance.now() - startedMs);
  }
  return times;
}

/** The processor time of one of several runs: a busy machine makes nothing slower by it. */
async function processorMsOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < count; at += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}

/** What is in use once all garbage is gone. */
function heapMb(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

function report(seen: readonly Stage[]): boolean {
  const body = seen.map((stage) => [
    ...[String(stage.groups), stage.createP99Ms.toFixed(1), stage.describePageP99Ms.toFixed(1)],
    ...[stage.describeClustersP99Ms.toFixed(1), stage.describeOneP99Ms.toFixed(1)],
    ...[stage.listAllMs.toFixed(0), stage.heapMb.toFixed(1)],
  ]);
  const heading = [
    ...["groups", "create p99 ms", "page of groups p99 ms", "page of clusters p99 ms"],
    ...["one group p99 ms", "all pages CPU ms", "heap MB"],
  ];
  process.stdout.write(`${textTable([heading, ...body])}\n`);
  const [few, some, many] = seen;
  if (few === undefined || some === undefined || many === undefined) return false;
  const timeGrowth = many.listAllMs / many.groups / (few.listAllMs / few.groups);
  // From one stage to the next, since the heap holds much beside the store.
  const heapOfGroup = (less: Stage, more: Stage) =>
    (more.heapMb - less.heapMb) / (more.groups - less.groups);
  const targets: readonly (readonly [string, number, number])[] = [
    ["page of groups p99, ms", many.describePageP99Ms, describePageMaxMs],
    ["create p99, ms", many.createP99Ms, createMaxMs],
    ["CPU time a listed group, most to fewest", timeGrowth, growthMax],
    ["heap a further group", heapOfGroup(some, many) / heapOfGroup(few, some), growthMax],
  ];
  const lines = targets.map(([what, value, max]) => [
    ...[what, value.toFixed(2), String(max), value <= max ? "PASS" : "FAIL"],
  ]);
  process.stdout.write(`\n${textTable([["what", "seen", "at most", "result"], ...lines])}\n`);
  return targets.every(([, value, max]) => value <= max);
}
