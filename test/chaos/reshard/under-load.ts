import {
  DescribeReplicationGroupsCommand,
  ModifyReplicationGroupShardConfigurationCommand,
} from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster, Redis } from "ioredis";
import { Arena, type Place, placeOf } from "../arena.ts";
import { createCluster } from "../cluster.ts";
import { type Result, target } from "../report.ts";
import { ClusterLoad } from "./cluster-load.ts";
import { fillCluster, fillHuge, findAll, hugeKey } from "./data-set.ts";

/** What the test is run with. */
export interface ReshardOptions {
  readonly engine: string;
  readonly keys: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const group = "shop";
const endWithinMs = 900_000;
/** Then no slot may be on its way any more (R20). */
const closedWithinMs = 30_000;

/** A fault, and how far the slots have moved when it strikes. */
interface Fault {
  readonly atPercent: number;
  readonly hit: "server" | "giver" | "taker";
}

/** The server is killed five times, and once a primary that gives, and one that takes. */
const faultsOut: readonly Fault[] = [
  { atPercent: 10, hit: "server" },
  { atPercent: 30, hit: "giver" },
  { atPercent: 50, hit: "server" },
  { atPercent: 80, hit: "server" },
];
const faultsIn: readonly Fault[] = [
  { atPercent: 15, hit: "server" },
  { atPercent: 40, hit: "taker" },
  { atPercent: 70, hit: "server" },
];

/** R20: 3 to 6 to 2 shards under readers and writers, while things are killed. */
export async function reshardUnderLoad(options: ReshardOptions): Promise<Result> {
  await using arena = await Arena.open();
  await createCluster(arena, group, { engine: options.engine, shards: 3, replicas: 1 });
  const place = await arena.endpoint(group, "configuration");
  options.say(`filling ${options.keys} keys`);
  const filler = new Cluster([place]);
  await fillCluster(filler, options.keys);
  await fillHuge(filler);
  filler.disconnect();
  const load = new ClusterLoad(place, options.keys, options.seed);
  const outMs = await reshard(arena, options, { NodeGroupCount: 6 }, faultsOut);
  const inMs = await reshard(
    arena,
    options,
    { NodeGroupCount: 2, NodeGroupsToRemove: ["0001", "0002", "0003", "0004"] },
    faultsIn,
  );
  await load.stop();
  await closed(arena);
  const primaries = await primariesOf(arena);
  const found = await findAll(primaries, options.keys);
  const huge = await hugeElement(place);
  const lostWrites = await load.lostWrites();
  load.close();
  for (const one of primaries) one.disconnect();
  const errors = [...load.errors].map(([text, count]) => `${count} × ${text}`).join("; ");
  const strangers = found.keys - options.keys - load.keys - 1;
  return {
    ...{ id: "R20", engine: options.engine, n: faultsOut.length + faultsIn.length },
    title: `3 → 6 → 2 shards under 4 writers and 4 readers, ${options.keys} keys, 7 kills`,
    ...{ timesMs: [outMs, inMs], acked: load.writes, lost: lostWrites },
    leftovers: (await arena.leftovers()).length,
    targets: [
      target("no client sees an error", load.errors.size === 0, errors),
      target("every read tells what the key holds", load.wrongReads === 0, load.wrongReads),
      target("no acknowledged write is lost", lostWrites === 0, lostWrites),
      target("every key is there, with its value", found.lost === 0, found.lost),
      target("no key is on two primaries", found.doubled === 0, found.doubled),
      target("no key is there that nobody wrote", strangers === 0, strangers),
      target("the element of 100 MB has moved whole", huge === 104_857_600, huge),
    ],
    notes: [
      `out ${seconds(outMs)}, in ${seconds(inMs)}; ${load.reads} reads, ${load.writes} writes; ` +
        `the longest answer took ${Math.round(load.longestMs)} ms`,
    ],
  };
}

/** Changes the shards, puts the faults in, and resolves with how long it took. */
async function reshard(
  arena: Arena,
  { say }: ReshardOptions,
  change: { readonly NodeGroupCount: number; readonly NodeGroupsToRemove?: string[] },
  faults: readonly Fault[],
): Promise<number> {
  const startedMs = performance.now();
  const asked = { ReplicationGroupId: group, ApplyImmediately: true, ...change };
  await arena.client.send(new ModifyReplicationGroupShardConfigurationCommand(asked));
  for (const fault of faults) {
    await until(
      `${fault.atPercent} % of the slots have moved`,
      async () => {
        const percent = await progress(arena);
        return percent >= fault.atPercent || `${percent} %`;
      },
      { withinMs: endWithinMs },
    );
    say(`${fault.atPercent} %: the ${fault.hit} is killed`);
    await strike(arena, fault.hit);
  }
  await waitForGroup(arena.client, group, "available", endWithinMs);
  return performance.now() - startedMs;
}

/** How far the slots have moved; 100 once the group is available again. */
async function progress(arena: Arena): Promise<number> {
  const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: group });
  const { ReplicationGroups = [] } = await arena.client.send(command);
  const [described] = ReplicationGroups;
  if (described?.Status === "available") return 100;
  return described?.PendingModifiedValues?.Resharding?.SlotMigration?.ProgressPercentage ?? 0;
}

async function strike(arena: Arena, hit: Fault["hit"]): Promise<void> {
  if (hit === "server") {
    await arena.server.kill();
    await arena.server.restart();
    return;
  }
  const sign = hit === "giver" ? "->-" : "-<-";
  let pid: number | null = null;
  await until(
    `some primary is a ${hit}`,
    async () => {
      for (const node of await arena.nodes(group)) {
        if (node.role !== "primary" || node.address === null) continue;
        if (!(await clusterNodes(placeOf(node.address))).includes(sign)) continue;
        pid = node.pid;
        return true;
      }
      return "no slot is on its way";
    },
    { withinMs: 60_000 },
  );
  arena.signal(pid);
}

async function clusterNodes({ host, port }: Place): Promise<string> {
  const redis = new Redis({ host, port, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on("error", () => {}); // told by the command that fails
  try {
    return String(await redis.call("CLUSTER", "NODES"));
  } finally {
    redis.disconnect();
  }
}

/** Every slot has an owner, and none is on its way. */
async function closed(arena: Arena): Promise<void> {
  await until(
    "all slots are covered and none is open",
    async () => {
      for (const node of await arena.nodes(group)) {
        const view = await clusterNodes(placeOf(node.address));
        if (view.includes("[")) return `${node.id} has open slots`;
        const covered = coverage(view);
        if (covered !== 16_384) return `${node.id} knows owners of ${covered} slots`;
      }
      return true;
    },
    { withinMs: closedWithinMs },
  );
}

/** How many slots have an owner, as a node sees it. */
function coverage(view: string): number {
  return view
    .trim()
    .split("\n")
    .flatMap((line) => line.split(" ").slice(8))
    .map((range) => range.split("-").map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}

async function primariesOf(arena: Arena): Promise<readonly Redis[]> {
  const nodes = await arena.nodes(group);
  return nodes
    .filter((node) => node.role === "primary")
    .map((node) => {
      const { host, port } = placeOf(node.address);
      return new Redis({ host, port });
    });
}

async function hugeElement(place: Place): Promise<number> {
  const client = new Cluster([place]);
  const length = await client.hstrlen(hugeKey, "element");
  client.disconnect();
  return length;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
