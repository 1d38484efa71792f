import {
  DescribeReplicationGroupsCommand,
  ModifyReplicationGroupShardConfigurationCommand,
} from "@aws-sdk/client-elasticache";
import type { TestEngine } from "@larder/testkit/engines.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster } from "ioredis";
import { Arena, type Place, placeOf } from "../arena.ts";
import { createCluster } from "../cluster.ts";
import { type Result, target } from "../report.ts";
import { ask, startBareCluster } from "./bare-cluster.ts";
import { fillCluster } from "./data-set.ts";

const group = "shop";
/** A fourth of all slots goes to the fourth shard. */
const slots = 4_096;
const lookEveryMs = 10;

/** How fast slots moved, and the data in them. */
interface Pace {
  readonly slotsPerSecond: number;
  readonly megabytesPerSecond: number;
}

/** PACE: 3 to 4 shards, as the engine's own tool does it and as Larder does, on the same data. */
export async function pace(
  engine: TestEngine,
  keys: number,
  say: (line: string) => void,
): Promise<Result> {
  const results: Record<string, readonly [Pace, Pace]> = {};
  for (const [what, count] of [
    ["empty", 0],
    ["filled", keys],
  ] as const) {
    const theirs = await paceOfTool(engine, count);
    const ours = await paceOfLarder(engine, count);
    results[what] = [theirs, ours];
    say(`${what}: ${describe(theirs)} by ${engine}-cli, ${describe(ours)} by Larder`);
  }
  const times = (what: string) => {
    const [theirs, ours] = results[what] ?? [];
    return (ours?.slotsPerSecond ?? 0) / (theirs?.slotsPerSecond ?? Number.NaN);
  };
  return {
    ...{ id: "PACE", engine, n: 2, timesMs: [], acked: null, lost: null, leftovers: 0 },
    title: `3 → 4 shards beside ${engine}-cli --cluster rebalance, ${keys} keys`,
    targets: ["empty", "filled"].map((what) =>
      target(`${what} slots move at the tool's pace at least`, times(what) >= 1, times(what)),
    ),
    notes: Object.entries(results).map(
      ([what, [theirs, ours]]) =>
        `${what}: ${describe(ours)}, the tool ${describe(theirs)}: ${times(what).toFixed(1)} times`,
    ),
  };
}

async function paceOfTool(engine: TestEngine, keys: number): Promise<Pace> {
  await using cluster = await startBareCluster(engine, 3);
  await fill(cluster.place, keys);
  const added = await cluster.grow();
  const before = await usedBytes(added);
  const startedMs = performance.now();
  await cluster.rebalance();
  const ms = performance.now() - startedMs;
  return paceOf(slots, (await usedBytes(added)) - before, ms);
}

async function paceOfLarder(engine: string, keys: number): Promise<Pace> {
  await using arena = await Arena.open();
  await createCluster(arena, group, { engine, shards: 3, replicas: 0 });
  await fill(await arena.endpoint(group, "configuration"), keys);
  const asked = { ReplicationGroupId: group, ApplyImmediately: true, NodeGroupCount: 4 };
  await arena.client.send(new ModifyReplicationGroupShardConfigurationCommand(asked));
  // The new shard is made first: the pace counts from its first slot on.
  const from = await progressBeyond(arena, 0);
  const added = (await arena.nodes(group)).find((node) => node.id.includes("-0004-"));
  const place = placeOf(added?.address);
  const before = await usedBytes(place);
  const to = await progressBeyond(arena, 99);
  const moved = ((to.percent - from.percent) / 100) * slots;
  const bytes = (await usedBytes(place)) - before;
  await waitForGroup(arena.client, group, "available", 60_000);
  return paceOf(moved, bytes, to.atMs - from.atMs);
}

function paceOf(moved: number, bytes: number, ms: number): Pace {
  return {
    slotsPerSecond: (moved / ms) * 1_000,
    megabytesPerSecond: (Math.max(0, bytes) / 1_048_576 / ms) * 1_000,
  };
}

async function fill(place: Place, keys: number): Promise<void> {
  if (keys === 0) return;
  const client = new Cluster([place]);
  await fillCluster(client, keys);
  client.disconnect();
}

async function usedBytes(place: Place): Promise<number> {
  const info = await ask(place, "INFO", "memory");
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

/** The first reading beyond so many percent. */
async function progressBeyond(
  arena: Arena,
  bound: number,
): Promise<{ readonly percent: number; readonly atMs: number }> {
  for (;;) {
    const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: group });
    const { ReplicationGroups: [described] = [] } = await arena.client.send(command);
    const moving = described?.PendingModifiedValues?.Resharding?.SlotMigration;
    const percent = described?.Status === "available" ? 100 : (moving?.ProgressPercentage ?? 0);
    if (percent > bound) return { percent, atMs: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function describe({ slotsPerSecond, megabytesPerSecond }: Pace): string {
  return `${Math.round(slotsPerSecond)} slots/s, ${megabytesPerSecond.toFixed(1)} MB/s`;
}
