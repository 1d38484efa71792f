import {
  CreateGlobalReplicationGroupCommand,
  CreateReplicationGroupCommand,
  DecreaseNodeGroupsInGlobalReplicationGroupCommand,
  DisassociateGlobalReplicationGroupCommand,
  type ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
  IncreaseNodeGroupsInGlobalReplicationGroupCommand,
} from "@aws-sdk/client-elasticache";
import type { NodeReport, ShardReport } from "@larder/server/resources/status-report.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { describeReply, type Reply, RespConnection } from "@larder/testkit/resp-connection.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { statusOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addressOf, createClusterGroup, createdWithinMs, messagesOf } from "./support/caches.ts";
import { untilGlobal } from "./support/globals.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const withinMs = 60_000;
const [here, there] = ["us-east-1", "eu-west-1"] as const;
const keyCount = 1_000;
let server: TestServer;
let near: ElastiCacheClient;
let far: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer({ failureTimeoutMs: 1_000 });
  near = server.client(here);
  far = server.client(there);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A datastore in cluster mode, of two node groups, with a secondary there. */
async function datastore(name: string, ReplicasPerNodeGroup: number, Engine: string) {
  const nearId = `${name}-near`;
  const farId = `${name}-far`;
  const primary = await createClusterGroup(near, nearId, {
    ...{ Engine, CacheNodeType: "cache.m6g.large", NumNodeGroups: 2, ReplicasPerNodeGroup },
  });
  const created = await near.send(
    new CreateGlobalReplicationGroupCommand({
      ...{ GlobalReplicationGroupIdSuffix: name, PrimaryReplicationGroupId: nearId },
    }),
  );
  const id = created.GlobalReplicationGroup!.GlobalReplicationGroupId!;
  await untilGlobal(far, id, "primary-only");
  await far.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: farId, ReplicationGroupDescription: "follows" },
      ...{ GlobalReplicationGroupId: id, ReplicasPerNodeGroup },
    }),
  );
  const secondary = await waitForGroup(far, farId, "available", createdWithinMs);
  return { id, nearId, farId, primary, secondary, global: await untilGlobal(far, id, "available") };
}

function clientOf(group: { readonly ConfigurationEndpoint?: object | undefined }): Cluster {
  const cache = new Cluster([addressOf(group.ConfigurationEndpoint)], {
    clusterRetryStrategy: () => 50,
    // A region that takes writes no more refuses them until its nodes follow the next one.
    retryDelayOnClusterDown: 50,
  });
  cache.on("error", () => {}); // told by the command that fails
  return cache;
}

async function shardsOf(id: string): Promise<readonly ShardReport[]> {
  const { caches } = await statusOf(server);
  return caches.find((one) => one.id === id)?.shards ?? [];
}

async function nodesOf(id: string): Promise<readonly NodeReport[]> {
  return (await shardsOf(id)).flatMap(({ nodes }) => nodes);
}

async function ask(
  node: NodeReport,
  ...commands: readonly (readonly string[])[]
): Promise<readonly Reply[]> {
  const [host = "", port = ""] = node.address?.split(":") ?? [];
  using connection = await RespConnection.open(host, Number(port));
  const answers: Reply[] = [];
  for (const command of commands) answers.push(await connection.send(...command));
  return answers;
}

const nameOf = (key: number) => `key-${key}`;

async function write(cache: Cluster, value: string): Promise<void> {
  for (let from = 0; from < keyCount; from += 100) {
    const keys = Array.from({ length: 100 }, (_, index) => nameOf(from + index));
    await Promise.all(keys.map((key) => cache.set(key, value)));
  }
}

/** Waits until the nodes of a group, read by themselves, hold the value in every key. */
async function untilRead(groupId: string, value: string): Promise<void> {
  await until(
    `every key is ${value} on the nodes of ${groupId}`,
    async () => {
      for (const { nodes } of await shardsOf(groupId)) {
        const own = await Promise.all(nodes.map((node) => valuesOn(node)));
        const wrong = own.find((values) => values.length === 0 || values.some((v) => v !== value));
        if (wrong !== undefined) return JSON.stringify(wrong.slice(0, 5));
      }
      const held = await Promise.all(
        (await shardsOf(groupId)).map(async ({ nodes: [node] }) => (await valuesOn(node!)).length),
      );
      const total = held.reduce((sum, count) => sum + count, 0);
      return total === keyCount || `${total} keys`;
    },
    { withinMs },
  );
}

/** The values of a node's keys, which it serves to whoever asks for no more than reads. */
async function valuesOn(node: NodeReport): Promise<readonly unknown[]> {
  const [, keys] = await ask(node, ["READONLY"], ["KEYS", "key-*"]);
  const names = Array.isArray(keys) ? keys.map(String) : [];
  const [, ...values] = await ask(node, ["READONLY"], ...names.map((name) => ["GET", name]));
  return values;
}

/** Counts up all the time; what is acknowledged must never be less again. */
class Counter {
  acknowledged = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(cache: Cluster) {
    this.#done = this.#run(cache);
  }

  async #run(cache: Cluster): Promise<void> {
    for (let value = 1; !this.#stop.signal.aborted; value += 1) {
      try {
        await cache.set("counter", value);
        this.acknowledged = value;
      } catch {
        // Refused while the role moves: whoever writes tries again, as long as there is a client.
        if (cache.status === "end") return;
      }
    }
  }

  async stop(): Promise<number> {
    this.#stop.abort();
    await this.#done;
    return this.acknowledged;
  }
}

function failover(id: string, region: string, group: string) {
  return new FailoverGlobalReplicationGroupCommand({
    ...{ GlobalReplicationGroupId: id, PrimaryRegion: region, PrimaryReplicationGroupId: group },
  });
}

describe.concurrent.each(engines)("a global datastore of %s in cluster mode", (engine) => {
  test("is written in one region, read in both, and its primary moves", async () => {
    const { id, nearId, farId, primary, secondary, global } = await datastore(engine, 1, engine);
    expect(global).toMatchObject({
      ClusterEnabled: true,
      GlobalNodeGroups: [
        { GlobalNodeGroupId: `${id}-0001`, Slots: "0-8191" },
        { GlobalNodeGroupId: `${id}-0002`, Slots: "8192-16383" },
      ],
    });
    expect(secondary.NodeGroups?.map(({ Slots }) => Slots)).toEqual(["0-8191", "8192-16383"]);
    using cleanup = new DisposableStack();
    const cache = cleanup.adopt(clientOf(primary), (one) => one.disconnect());
    await write(cache, "1");
    await untilRead(farId, "1");
    // Nobody writes there: whoever tries is sent to where that can be done.
    const [node] = await nodesOf(farId);
    const [refused] = await ask(node!, ["SET", nameOf(0), "2"]);
    expect(describeReply(refused!)).toMatch(/^MOVED \d+ 127\./);

    const counter = new Counter(cache);
    await until("writes are acknowledged", () => counter.acknowledged > 1_000 || "few", {
      withinMs,
    });
    const before = counter.acknowledged;
    await near.send(failover(id, there, farId));
    await untilGlobal(far, id, "available");
    await until("writes go on", () => counter.acknowledged > before + 2_000 || "few", { withinMs });
    const acknowledged = await counter.stop();
    const next = cleanup.adopt(clientOf(secondary), (one) => one.disconnect());
    // Whoever wrote near was sent on to where that can be done now.
    expect(Number(await next.get("counter"))).toBeGreaterThanOrEqual(acknowledged);
    await write(next, "3");
    await untilRead(nearId, "3");
    await untilRead(farId, "3");
    // Their nodes started anew to follow: nothing had to be recovered.
    for (const [client, groupId] of [
      [near, nearId],
      [far, farId],
    ] as const) {
      const messages = await messagesOf(client, "replication-group", groupId);
      expect(messages.filter((one) => one.includes("Recovering"))).toEqual([]);
    }
    // What was a primary followed without copying everything again.
    const stats = await Promise.all(
      (await nodesOf(farId)).map((one) => ask(one, ["INFO", "stats"])),
    );
    const copies = stats.map(([text]) => /sync_full:(\d+)/.exec(describeReply(text!))?.[1]);
    expect(copies.every((count) => Number(count) <= 1)).toBe(true);
    await near.send(failover(id, here, nearId));
    await untilGlobal(far, id, "available");
    await write(cache, "4");
    await untilRead(farId, "4");
  });

  test("goes on when nodes are lost, and in another region when all are", async () => {
    const { id, nearId, farId, primary, secondary } = await datastore(`lost-${engine}`, 1, engine);
    using cleanup = new DisposableStack();
    const cache = cleanup.adopt(clientOf(primary), (one) => one.disconnect());
    await write(cache, "1");
    for (const [groupId, client] of [
      [nearId, near],
      [farId, far],
    ] as const) {
      for (const { nodes } of await shardsOf(groupId)) {
        process.kill(nodes.find(({ role }) => role === "primary")!.pid!, "SIGKILL");
      }
      await until(
        "the loss was noticed",
        async () => (await nodesOf(groupId)).some(({ state }) => state !== "running") || "no",
        { withinMs },
      );
      await waitForGroup(client, groupId, "available", withinMs);
    }
    await write(cache, "2");
    await untilRead(farId, "2");
    await near.send(failover(id, there, farId));
    for (const { pid } of await nodesOf(nearId)) if (pid !== null) process.kill(pid, "SIGKILL");
    await untilGlobal(far, id, "available");
    const next = cleanup.adopt(clientOf(secondary), (one) => one.disconnect());
    await write(next, "3");
    await untilRead(nearId, "3");
  });

  test("gives a shard that lost everything its data back, and loses nothing of the others", async () => {
    const { id, nearId, farId, primary } = await datastore(`back-${engine}`, 0, engine);
    using cleanup = new DisposableStack();
    const cache = cleanup.adopt(clientOf(primary), (one) => one.disconnect());
    await write(cache, "1");
    await untilRead(farId, "1");
    const counter = new Counter(cache);
    await until("writes are acknowledged", () => counter.acknowledged > 1_000 || "few", {
      withinMs,
    });
    // The slot of "counter", 6680, is the other one's.
    const { nodes: lost } = (await shardsOf(nearId))[1]!;
    for (const { pid } of lost) process.kill(pid!, "SIGKILL");
    // For some tenths of a second, which only the events are sure to tell of.
    await until(
      "the secondary stood in",
      async () => {
        const messages = await messagesOf(far, "replication-group", farId);
        return messages.some((one) => one.includes("stands in")) || JSON.stringify(messages);
      },
      { withinMs },
    );
    const global = await untilGlobal(far, id, "available");
    const acknowledged = await counter.stop();
    expect(global.Members?.map(({ Role }) => Role)).toEqual(["PRIMARY", "SECONDARY"]);
    expect(Number(await cache.get("counter"))).toBeGreaterThanOrEqual(acknowledged);
    await untilRead(nearId, "1");
    await write(cache, "2");
    await untilRead(farId, "2");
  });

  test("has node groups added and removed, and lets a secondary go", async () => {
    const { id, nearId, farId, primary, secondary } = await datastore(`more-${engine}`, 0, engine);
    using cleanup = new DisposableStack();
    const cache = cleanup.adopt(clientOf(primary), (one) => one.disconnect());
    await write(cache, "1");
    const change = { GlobalReplicationGroupId: id, ApplyImmediately: true };
    await near.send(
      new IncreaseNodeGroupsInGlobalReplicationGroupCommand({ ...change, NodeGroupCount: 3 }),
    );
    const grown = await untilGlobal(far, id, "available");
    expect(grown.GlobalNodeGroups).toHaveLength(3);
    expect(await nodesOf(farId)).toHaveLength(3);
    await write(cache, "2");
    await untilRead(farId, "2");
    await near.send(
      new DecreaseNodeGroupsInGlobalReplicationGroupCommand({
        ...{ ...change, NodeGroupCount: 1, GlobalNodeGroupsToRetain: [`${id}-0003`] },
      }),
    );
    const shrunk = await untilGlobal(far, id, "available");
    expect(shrunk.GlobalNodeGroups).toEqual([
      { GlobalNodeGroupId: `${id}-0003`, Slots: "0-16383" },
    ]);
    expect(await nodesOf(nearId)).toHaveLength(1);
    await write(cache, "3");
    await untilRead(farId, "3");
    await near.send(
      new DisassociateGlobalReplicationGroupCommand({
        ...{ GlobalReplicationGroupId: id, ReplicationGroupId: farId },
        ReplicationGroupRegion: there,
      }),
    );
    await untilGlobal(far, id, "primary-only");
    await waitForGroup(far, farId, "available", withinMs);
    const own = cleanup.adopt(clientOf(secondary), (one) => one.disconnect());
    await write(own, "4");
    await untilRead(farId, "4");
    await untilRead(nearId, "3");
  });
});
