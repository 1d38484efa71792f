import {
  DecreaseReplicaCountCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  type ReplicationGroup,
  TestFailoverCommand,
} from "@aws-sdk/client-elasticache";
import type { NodeReport } from "@larder/server/resources/status-report.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { askDown, statusOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { Cluster, Redis } from "ioredis";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { strays } from "../chaos/records.ts";
import { addressOf, createClusterGroup, createdWithinMs, messagesOf } from "./support/caches.ts";
import { keyOfEachSlot } from "./support/slots.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const endsWithinMs = 20_000;
const goesOnWithinMs = 30_000;
const keys = keyOfEachSlot();
/** A key in each of 64 slots, all over the cluster. */
const someKeys = keys.filter((_, slot) => slot % 256 === 0);

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

type Shards = ReadonlyMap<string, readonly NodeReport[]>;

async function shardsOf(at: TestServer, id: string): Promise<Shards> {
  const cache = (await statusOf(at)).caches.find((one) => one.id === id);
  return new Map((cache?.shards ?? []).map((shard) => [shard.id, shard.nodes]));
}

/** The node that is primary of a shard, with its process. */
async function primaryOf(at: TestServer, id: string, shard: string) {
  const nodes = (await shardsOf(at, id)).get(shard) ?? [];
  const primary = nodes.find(({ role }) => role === "primary");
  if (primary === undefined || primary.pid === null) throw new Error(`${shard} has no primary`);
  return { ...primary, pid: primary.pid };
}

async function pidsOf(at: TestServer, id: string): Promise<readonly (number | null)[]> {
  return [...(await shardsOf(at, id)).values()].flat().map(({ pid }) => pid);
}

/** How many nodes each shard has, as described. */
function sizesOf({ NodeGroups = [] }: ReplicationGroup): readonly (readonly [string, number])[] {
  return NodeGroups.map((one) => [one.NodeGroupId ?? "", one.NodeGroupMembers?.length ?? 0]);
}

/** Runs `work` with a client that asks the configuration endpoint, and then the nodes. */
async function withCluster<T>(
  group: ReplicationGroup,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = new Cluster([addressOf(group.ConfigurationEndpoint)]);
  cluster.on("error", () => {}); // it connects again by itself
  try {
    return await work(cluster);
  } finally {
    cluster.disconnect();
  }
}

async function write(group: ReplicationGroup, value: string): Promise<void> {
  await withCluster(group, (cluster) =>
    Promise.all(
      someKeys.map((key) =>
        until(
          `${key} is written`,
          () => cluster.set(key, value).then(() => true as const, String),
          { withinMs: goesOnWithinMs },
        ),
      ),
    ),
  );
}

async function valuesIn(group: ReplicationGroup): Promise<readonly (string | null)[]> {
  return withCluster(group, (cluster) => Promise.all(someKeys.map((key) => read(cluster, key))));
}

/** The client gives a command up after a second or two of a busy machine: it is asked again. */
async function read(cluster: Cluster, key: string): Promise<string | null> {
  const values: (string | null)[] = [];
  await until(
    `${key} is read`,
    () => cluster.get(key).then((value) => values.push(value) > 0 || "nothing", String),
    { withinMs: goesOnWithinMs },
  );
  return values[0] ?? null;
}

const everywhere = (value: string) => someKeys.map(() => value);

/** Waits until another node than `before` is the shard's primary, and all is well again. */
async function replaced(id: string, shard: string, before: NodeReport): Promise<ReplicationGroup> {
  await until(
    `${shard} has another primary`,
    async () => (await primaryOf(server, id, shard)).id !== before.id || "still the old",
    { withinMs: goesOnWithinMs },
  );
  return waitForGroup(client, id, "available", createdWithinMs);
}

describe.concurrent("a cluster", () => {
  test.each(engines)("%s: has the shards, slots and zones that were asked for", async (Engine) => {
    const id = `asked-${Engine}`;
    const group = await createClusterGroup(client, id, {
      Engine,
      NodeGroupConfiguration: [
        {
          ...{ NodeGroupId: "7", Slots: "0-99,8192-16383" },
          ...{ PrimaryAvailabilityZone: "us-east-1b", ReplicaAvailabilityZones: ["us-east-1a"] },
        },
        { NodeGroupId: "0002", Slots: "100-8191", ReplicaCount: 0 },
      ],
    });
    expect(group).toMatchObject({
      ...{ ClusterEnabled: true, ClusterMode: "enabled", AutomaticFailover: "enabled" },
      ...{ MultiAZ: "disabled", ConfigurationEndpoint: { Port: 6379 } },
      MemberClusters: [`${id}-0007-001`, `${id}-0007-002`, `${id}-0002-001`],
    });
    expect(group.SnapshottingClusterId).toBeUndefined();
    const member = (name: string, zone: string) => ({
      ...{ CacheClusterId: `${id}-${name}`, CacheNodeId: "0001" },
      PreferredAvailabilityZone: zone,
    });
    // In cluster mode clients learn roles and addresses from the cluster: AWS describes neither.
    expect(group.NodeGroups).toEqual([
      {
        ...{ NodeGroupId: "0007", Status: "available", Slots: "0-99,8192-16383" },
        NodeGroupMembers: [member("0007-001", "us-east-1b"), member("0007-002", "us-east-1a")],
      },
      {
        ...{ NodeGroupId: "0002", Status: "available", Slots: "100-8191" },
        NodeGroupMembers: [member("0002-001", expect.stringMatching(/^us-east-1/) as string)],
      },
    ]);
    const described = new DescribeCacheClustersCommand({
      ...{ CacheClusterId: `${id}-0007-002`, ShowCacheNodeInfo: true },
    });
    const { CacheClusters: [node] = [] } = await client.send(described);
    expect(node).toMatchObject({ ReplicationGroupId: id, NumCacheNodes: 1, Engine });
    const redis = new Redis({ ...addressOf(node?.CacheNodes?.[0]?.Endpoint) });
    expect(await redis.cluster("INFO")).toMatch(/cluster_state:ok[^]*cluster_size:2/);
    redis.disconnect();

    await write(group, "first");
    expect(await valuesIn(group)).toEqual(everywhere("first"));
    // Two shards are no majority without one of them: the engines alone could not vote.
    const before = await primaryOf(server, id, "0007");
    process.kill(before.pid, "SIGKILL");
    await replaced(id, "0007", before);
    expect(await valuesIn(group)).toEqual(everywhere("first"));

    const alone = await primaryOf(server, id, "0002");
    process.kill(alone.pid, "SIGKILL");
    await until(
      "the shard without replicas has its node again",
      async () => (await primaryOf(server, id, "0002")).pid !== alone.pid || "not yet",
      { withinMs: goesOnWithinMs },
    );
    await waitForGroup(client, id, "available", createdWithinMs);
    const left = await valuesIn(group);
    // Its data went with its process; that of the other shard is there.
    const isLost = (slot: number) => slot >= 100 && slot < 8_192;
    expect(left).toEqual(someKeys.map((_, at) => (isLost(at * 256) ? null : "first")));
    await write(group, "second");
    expect(await valuesIn(group)).toEqual(everywhere("second"));

    await client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }));
    await waitForNoGroup(client, id, endsWithinMs);
  });

  test("of one shard fails over, whatever a majority is", async () => {
    const id = "single";
    const group = await createClusterGroup(client, id, {
      ...{ Engine: "redis", NumNodeGroups: 1, ReplicasPerNodeGroup: 1, MultiAZEnabled: true },
    });
    expect(group.NodeGroups?.map(({ Slots }) => Slots)).toEqual(["0-16383"]);
    await write(group, "kept");
    const before = await primaryOf(server, id, "0001");
    process.kill(before.pid, "SIGKILL");
    await replaced(id, "0001", before);
    expect(await valuesIn(group)).toEqual(everywhere("kept"));
    const after = await primaryOf(server, id, "0001");
    const name = ({ id: node }: NodeReport) => node.replace(/\.\d+$/, "");
    expect(await messagesOf(client, "replication-group", id)).toContain(
      `Failover from primary node ${name(before)} to replica node ${name(after)} completed`,
    );
  });
});

describe("a cluster of 2 shards with a replica each", () => {
  const id = "changing";
  let group: ReplicationGroup;

  beforeAll(async () => {
    group = await createClusterGroup(client, id, {
      ...{ Engine: engines.at(-1) ?? "redis", NumNodeGroups: 2, ReplicasPerNodeGroup: 1 },
    });
    await write(group, "kept");
  });

  test("tests the failover of the node group that is named, and of no other", async () => {
    const [first, second] = await Promise.all(
      ["0001", "0002"].map((shard) => primaryOf(server, id, shard)),
    );
    await client.send(new TestFailoverCommand({ ReplicationGroupId: id, NodeGroupId: "0002" }));
    await replaced(id, "0002", second!);
    expect((await primaryOf(server, id, "0001")).id).toBe(first!.id);
    expect(await valuesIn(group)).toEqual(everywhere("kept"));
    expect(await messagesOf(client, "replication-group", id)).toContain(
      "Test Failover API called for node group 0002",
    );
  });

  test("is taken up by the next server, and nobody notices", async () => {
    const before = await pidsOf(server, id);
    await server.kill();
    expect(await valuesIn(group), "the configuration endpoint goes on").toEqual(everywhere("kept"));
    await server.restart();
    const states = new Set<string>();
    await until(
      "every node is connected to again",
      async () => {
        const cache = (await statusOf(server)).caches.find((one) => one.id === id);
        states.add(cache?.state ?? "missing");
        const nodes = cache?.shards.flatMap((shard) => shard.nodes) ?? [];
        return nodes.every(({ usedMemoryBytes }) => usedMemoryBytes !== null) || "not yet";
      },
      { withinMs: goesOnWithinMs },
    );
    expect([...states]).toEqual(["available"]);
    expect(await pidsOf(server, id)).toEqual(before);
    await write(group, "kept");
  });

  test("gets replicas in one shard, and loses them in all", async () => {
    await client.send(
      new IncreaseReplicaCountCommand({
        ...{ ReplicationGroupId: id, ApplyImmediately: true },
        ReplicaConfiguration: [{ NodeGroupId: "0001", NewReplicaCount: 2 }],
      }),
    );
    const grown = await waitForGroup(client, id, "available", createdWithinMs);
    expect(sizesOf(grown)).toEqual([
      ["0001", 3],
      ["0002", 2],
    ]);
    await client.send(
      new DecreaseReplicaCountCommand({
        ...{ ReplicationGroupId: id, ApplyImmediately: true, NewReplicaCount: 0 },
      }),
    );
    const shrunk = await waitForGroup(client, id, "available", createdWithinMs);
    expect(sizesOf(shrunk)).toEqual([
      ["0001", 1],
      ["0002", 1],
    ]);
    const { host, port } = addressOf(group.ConfigurationEndpoint);
    const redis = new Redis({ host, port });
    expect(await redis.cluster("INFO")).toMatch(/known_nodes:2/);
    redis.disconnect();
    await client.send(
      new IncreaseReplicaCountCommand({
        ...{ ReplicationGroupId: id, ApplyImmediately: true, NewReplicaCount: 1 },
      }),
    );
    const again = await waitForGroup(client, id, "available", createdWithinMs);
    expect(sizesOf(again).map(([, size]) => size)).toEqual([2, 2]);
    expect(await valuesIn(group)).toEqual(everywhere("kept"));
  });

  test("is saved by down; the next start brings back its data, slots and endpoint", async () => {
    const slots = group.NodeGroups?.map((one) => one.Slots);
    await askDown(server);
    await until(
      "every process has ended",
      () => {
        const left = processesBelow(server.dataDir);
        return left.length === 0 || `${left.length} are left`;
      },
      { withinMs: endsWithinMs },
    );
    await server.restart();
    const back = await waitForGroup(client, id, "available", createdWithinMs);
    expect(back.NodeGroups?.map((one) => one.Slots)).toEqual(slots);
    expect(back.ConfigurationEndpoint).toEqual(group.ConfigurationEndpoint);
    expect(await valuesIn(group)).toEqual(everywhere("kept"));
  });

  test("leaves nothing when it is deleted", async () => {
    for (const name of [id, "single"]) {
      await waitForGroup(client, name, "available", createdWithinMs);
      await client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: name }));
    }
    for (const name of [id, "single"]) await waitForNoGroup(client, name, endsWithinMs);
    const prefix = server.cidr.replace(/0\.0\/16$/, "");
    await until("nothing is left", () => strays(server.dataDir, prefix).join("; ") || true, {
      withinMs: endsWithinMs,
    });
    await expect(
      reaches(addressOf(group.ConfigurationEndpoint)),
      "nobody is at the configuration endpoint",
    ).resolves.toBe(false);
  });
});

test("a cluster on one address has a port and a bus port for each node", async () => {
  await using ports = await startServer({ network: "ports" });
  const asked = ports.client();
  const id = "ports";
  const group = await createClusterGroup(asked, id, {
    ...{ Engine: "redis", NumNodeGroups: 2, ReplicasPerNodeGroup: 1 },
  });
  const { hostname: host } = new URL(ports.endpoint);
  const redis = new Redis(addressOf(group.ConfigurationEndpoint));
  const announced = String(await redis.cluster("NODES"))
    .trim()
    .split("\n")
    .map((line) => /^\S+ (\S+):(\d+)@(\d+)/.exec(line));
  redis.disconnect();
  expect(announced).toHaveLength(4);
  const taken = announced.flatMap((one) => [Number(one?.[2]), Number(one?.[3])]);
  expect(new Set(taken).size, "each port once").toBe(8);
  for (const one of announced) {
    expect(one?.[1]).toBe(host);
    for (const port of [Number(one?.[2]), Number(one?.[3])]) {
      expect(await reaches({ host, port }), `${host}:${port}`).toBe(true);
    }
  }
  await write(group, "kept");
  const before = await primaryOf(ports, id, "0001");
  process.kill(before.pid, "SIGKILL");
  await until(
    "another node is primary",
    async () => (await primaryOf(ports, id, "0001")).id !== before.id || "still the old",
    { withinMs: goesOnWithinMs },
  );
  await waitForGroup(asked, id, "available", createdWithinMs);
  expect(await valuesIn(group)).toEqual(everywhere("kept"));
  await write(group, "more");
});

/** Whether anybody listens at an address. */
function reaches({ host, port }: { readonly host: string; readonly port: number }) {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
