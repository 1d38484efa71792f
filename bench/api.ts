import {
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  paginateDescribeReplicationGroups,
} from "@aws-sdk/client-elasticache";
import { systemClock } from "@larder/server/base/clock.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import { percentile } from "@larder/testkit/statistics.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { textTable } from "@larder/testkit/text-table.ts";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { account, clientOf } from "../test/contract/support/server.ts";
import { settle } from "../test/contract/support/settle.ts";
import { backend, startApiServer } from "./api-server.ts";
import { memoryMbOf, processorSecondsOf } from "./process-figures.ts";

/** Times of one call, as the client saw them. */
interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What was seen of the server while the store held this many groups. */
interface Stage {
  readonly groups: number;
  readonly create: Times;
  readonly pageOfGroups: Times;
  readonly pageOfClusters: Times;
  readonly oneGroup: Times;
  /** The server's processor time for every page of every group, by the SDK's paginator. */
  readonly listAllMs: number;
  /** Of the server's process once it has read the store, and after all calls. */
  readonly startedMb: number;
  readonly usedMb: number;
}

const stages = [250, 500, 1_000];
const nodesPerGroup = 2;
const calls = 500;
const warmUpCalls = 100;
const warmUpListings = 5;
const listings = 20;
const describePageMaxMs = 50;
const createMaxMs = 100;
const memoryMaxMb = 300;
/** How much more a group may cost among many groups than among few: noise, not growth. */
const growthMax = 1.5;

const method = `The server has a process of its own, with the real service, store and HTTP; the client is the AWS
SDK. What reconcilers would write is written while it is down, since no machine runs thousands of
engines. Each stage starts it twice: for the groups that are created, then for what is asked of all.
The first ${warmUpCalls} calls of each kind warm it up and are not counted; then ${calls} are, and all
creations. Processor time and memory are the server's own, as /proc has them; memory is that of a
server that has just read its store, and after all calls.
`;

/** Measures API calls over a store of many groups; whether every target was met. */
export async function benchApi(): Promise<boolean> {
  process.stdout.write(`${method}${loadOfMachine()}\n`);
  await using directory = await temporaryDirectory();
  const database = join(directory.path, "state.db");
  const seen: Stage[] = [];
  for (const groups of stages) {
    const create = await creating(database, seen.at(-1)?.groups ?? 0, groups);
    settleStore(database);
    seen.push({ groups, create, ...(await describing(database, groups)) });
  }
  return report(seen);
}

/** What else the machine does, without which times cannot be judged. */
function loadOfMachine(): string {
  const [load = 0] = loadavg();
  const processors = availableParallelism();
  const about = `The machine's load is ${load.toFixed(1)} on ${processors} processors`;
  return load < processors / 2
    ? `${about}.\n`
    : `${about}: times are longer than on an idle one, processor time is not.\n`;
}

async function creating(database: string, from: number, to: number): Promise<Times> {
  await using server = await startApiServer(database);
  const client = clientOf(server.url);
  const create = (at: number) => createGroup(client, `group-${at}`);
  for (let at = from; at < from + warmUpCalls; at += 1) await create(at);
  const first = from + warmUpCalls;
  const times = await timesOf(to - first, (at) => create(first + at));
  client.destroy();
  return times;
}

/** Plays the reconcilers: every cache of the store is available afterwards. */
function settleStore(database: string): void {
  const store = openStore(database, systemClock);
  settle({
    ...{ ...backend, store, requestId: "r", account, region: "us-east-1" },
    now: systemClock.now(),
    principal: { arn: "", userId: "", accessKeyId: "" },
  });
  store.close();
}

async function describing(
  database: string,
  groups: number,
): Promise<Omit<Stage, "groups" | "create">> {
  await using server = await startApiServer(database);
  const startedMb = memoryMbOf(server.pid);
  const client = clientOf(server.url);
  const warmTimesOf = async (call: (at: number) => Promise<unknown>) => {
    for (let at = 0; at < warmUpCalls; at += 1) await call(at);
    return timesOf(calls, call);
  };
  const id = (at: number) => `group-${(at * 7) % groups}`;
  const seen = {
    pageOfGroups: await warmTimesOf(() => client.send(new DescribeReplicationGroupsCommand({}))),
    pageOfClusters: await warmTimesOf(() =>
      client.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true })),
    ),
    oneGroup: await warmTimesOf((at) =>
      client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id(at) })),
    ),
  };
  for (let at = 0; at < warmUpListings; at += 1) await listAll(client, groups);
  const beforeS = processorSecondsOf(server.pid);
  for (let at = 0; at < listings; at += 1) await listAll(client, groups);
  const listAllMs = ((processorSecondsOf(server.pid) - beforeS) * 1_000) / listings;
  client.destroy();
  return { ...seen, listAllMs, startedMb, usedMb: memoryMbOf(server.pid) };
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

async function timesOf(count: number, work: (at: number) => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedMs = performance.now();
    await work(at);
    times.push(performance.now() - startedMs);
  }
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}

function report(seen: readonly Stage[]): boolean {
  const both = ({ p50Ms, p99Ms }: Times) => `${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)}`;
  const body = seen.map((stage) => [
    ...[String(stage.groups), both(stage.create), both(stage.pageOfGroups)],
    ...[both(stage.pageOfClusters), both(stage.oneGroup)],
    ...[stage.listAllMs.toFixed(0), `${stage.startedMb.toFixed(1)} / ${stage.usedMb.toFixed(1)}`],
  ]);
  const heading = [
    ...["groups", "create p50 / p99 ms", "page of groups p50 / p99 ms"],
    ...["page of clusters p50 / p99 ms", "one group p50 / p99 ms", "all pages CPU ms"],
    "memory started / used MB",
  ];
  process.stdout.write(`${textTable([heading, ...body])}\n`);
  const [few, some, many] = seen;
  if (few === undefined || some === undefined || many === undefined) return false;
  const timeGrowth = many.listAllMs / many.groups / (few.listAllMs / few.groups);
  // From one stage to the next, since the process holds much beside the store.
  const memoryOfGroup = (less: Stage, more: Stage) =>
    (more.startedMb - less.startedMb) / (more.groups - less.groups);
  const targets: readonly (readonly [string, number, number])[] = [
    ["page of groups p99, ms", many.pageOfGroups.p99Ms, describePageMaxMs],
    ["create p99, ms", many.create.p99Ms, createMaxMs],
    ["CPU time a listed group, most to fewest", timeGrowth, growthMax],
    ["memory a further group", memoryOfGroup(some, many) / memoryOfGroup(few, some), growthMax],
    ["memory after all calls, MB", many.usedMb, memoryMaxMb],
  ];
  const lines = targets.map(([what, value, max]) => [
    ...[what, value.toFixed(2), String(max), value <= max ? "PASS" : "FAIL"],
  ]);
  process.stdout.write(`\n${textTable([["what", "seen", "at most", "result"], ...lines])}\n`);
  return targets.every(([, value, max]) => value <= max);
}
