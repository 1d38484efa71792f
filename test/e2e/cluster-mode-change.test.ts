import {
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
  type ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addressOf, createGroup, messagesOf } from "./support/caches.ts";
import { ioredisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const changedWithinMs = 60_000;
/** Beside other suites on two cores; alone it is some 100 ms and the client's own waiting. */
const goesOnWithinMs = 15_000;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

function ask(id: string, ClusterMode: "disabled" | "compatible" | "enabled") {
  const wish = { ReplicationGroupId: id, ClusterMode, ApplyImmediately: true };
  return client.send(new ModifyReplicationGroupCommand(wish));
}

async function change(id: string, mode: "disabled" | "compatible" | "enabled") {
  const { ReplicationGroup: asked } = await ask(id, mode);
  expect(asked).toMatchObject({
    Status: "modifying",
    PendingModifiedValues: { ClusterMode: mode },
  });
  const changed = await waitForGroup(client, id, "available", changedWithinMs);
  expect(changed).toMatchObject({ ClusterMode: mode, PendingModifiedValues: {} });
  return changed;
}

/** Reads and writes through a client of clusters, from the configuration endpoint on. */
async function useAsCluster(group: ReplicationGroup, key: string): Promise<string | null> {
  const cluster = new Cluster([addressOf(group.ConfigurationEndpoint)]);
  try {
    await cluster.set("written by a cluster client", "1");
    return await cluster.get(key);
  } finally {
    cluster.disconnect();
  }
}

describe.each(enginesInstalled().filter((one) => one !== "memcached"))("%s", (engine) => {
  test("a group goes into cluster mode, and back, with its clients and its data", async () => {
    const id = `mode-${engine}`;
    const group = await createGroup(client, id, { Engine: engine, NumCacheClusters: 2 });
    await using writer = new Writer("ioredis", ioredisWriter(group.primary));
    await writer.writes(20, goesOnWithinMs);

    const compatible = await change(id, "compatible");
    await writer.writes(20, goesOnWithinMs);
    expect(await useAsCluster(compatible, "ioredis:0")).toBe("ioredis:0");
    // Clients that know of no cluster go on as before, at the reader endpoint too.
    const reader = new Redis(group.reader);
    expect(await reader.get("ioredis:0")).toBe("ioredis:0");
    reader.disconnect();
    const other = new IncreaseReplicaCountCommand({
      ...{ ReplicationGroupId: id, NewReplicaCount: 2, ApplyImmediately: true },
    });
    await expect(client.send(other)).rejects.toThrow(/while its cluster mode is compatible/);

    const back = await change(id, "disabled");
    expect(back.ConfigurationEndpoint).toBeUndefined();
    expect(back.ClusterEnabled).toBe(false);
    await writer.writes(20, goesOnWithinMs);
    expect(await writer.lostAt(group.primary)).toEqual([]);
  });

  test("from compatible on to enabled, for good", async () => {
    const id = `on-${engine}`;
    const group = await createGroup(client, id, { Engine: engine, NumCacheClusters: 2 });
    const redis = new Redis(group.primary);
    await redis.set("k", "v");
    redis.disconnect();
    await change(id, "compatible");
    const enabled = await change(id, "enabled");
    expect(enabled.ClusterEnabled).toBe(true);
    const [shard] = enabled.NodeGroups ?? [];
    expect(shard).toMatchObject({ NodeGroupId: "0001", Slots: "0-16383" });
    expect(shard?.PrimaryEndpoint).toBeUndefined();
    expect(await useAsCluster(enabled, "k")).toBe("v");
    await expect(ask(id, "compatible")).rejects.toThrow(/from enabled to nothing else/);
  });
});

test("a group with keys beside database 0 stays out of cluster mode, and says why", async () => {
  const group = await createGroup(client, "several", { NumCacheClusters: 2 });
  const redis = new Redis({ ...group.primary, db: 3 });
  await redis.set("k", "v");
  await ask("several", "compatible");
  const after = await waitForGroup(client, "several", "available", changedWithinMs);
  expect(after).toMatchObject({ ClusterMode: "disabled", PendingModifiedValues: {} });
  expect(await redis.get("k")).toBe("v");
  redis.disconnect();
  const messages = await messagesOf(client, "replication-group", "several");
  expect(messages.at(-1)).toMatch(/Failed to change the cluster mode .* keys in database 3/);
  const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: "several" });
  const { ReplicationGroups } = await client.send(command);
  expect(ReplicationGroups?.[0]?.ConfigurationEndpoint).toBeUndefined();
});
