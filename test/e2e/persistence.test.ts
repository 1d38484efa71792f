import {
  DescribeCacheClustersCommand,
  type ElastiCacheClient,
  ModifyReplicationGroupCommand,
  RebootCacheClusterCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  createCluster,
  createdWithinMs,
  createGroup,
  messagesOf,
  nodeAddresses,
} from "./support/caches.ts";
import { setConfigOf } from "./support/engine-readings.ts";
import { parameterGroup, setParameters, untilParameters } from "./support/parameter-groups.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const backWithinMs = 10_000;
const failureTimeoutMs = 3_000;
let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer({ failureTimeoutMs });
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Kills the process of a cache of one node, and waits until another has its place. */
async function killOnly(id: string): Promise<void> {
  const [node] = await nodesOf(server, id);
  process.kill(node!.pid!, "SIGKILL");
  await until(
    `${id} has another process`,
    async () => {
      const [now] = await nodesOf(server, id);
      return (now?.state === "running" && now.pid !== node!.pid) || `it is ${now?.state}`;
    },
    { withinMs: backWithinMs },
  );
}

async function on<T>(at: Address, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(at);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

const policyAt = (at: Address) =>
  on(at, async (redis) => /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1]);

async function described(id: string) {
  const { CacheClusters } = await client.send(
    new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true }),
  );
  return CacheClusters![0]!;
}

describe.concurrent.each(engines)("%s", (Engine) => {
  test("a node with an append-only file has its data again after kill -9", async () => {
    const id = `aof-${Engine}`;
    const CacheParameterGroupName = await parameterGroup(client, id, Engine, {
      appendonly: "yes",
      appendfsync: "always",
    });
    const cluster = await createCluster(client, id, { Engine, CacheParameterGroupName });
    const at = nodeAddresses(cluster)[0]!;
    const written = await on(at, (redis) => redis.set("k", "v"));
    expect(written).toBe("OK");
    await killOnly(id);
    expect(await on(at, (redis) => redis.get("k"))).toBe("v");
    await waitForCluster(client, id, "available", createdWithinMs);
    expect((await messagesOf(client, "cache-cluster", id)).slice(-2)).toEqual([
      "Recovering cache nodes 0001",
      "Finished recovery for cache nodes 0001",
    ]);
  });

  test("so has a group of one node", async () => {
    const id = `aof-group-${Engine}`;
    const settings = {
      Engine,
      CacheParameterGroupName: await parameterGroup(client, id, Engine, { appendonly: "yes" }),
      ...{ NumCacheClusters: 1, AutomaticFailoverEnabled: false },
    };
    const group = await createGroup(client, id, settings);
    await on(group.primary, (redis) => redis.set("k", "v"));
    await killOnly(id);
    await waitForGroup(client, id, "available", createdWithinMs);
    expect(await on(group.primary, (redis) => redis.get("k"))).toBe("v");
  });

  test("a node that holds its data in memory only comes back empty, and says so", async () => {
    const id = `memory-${Engine}`;
    const at = nodeAddresses(await createCluster(client, id, { Engine }))[0]!;
    await on(at, (redis) => redis.set("k", "v"));
    await killOnly(id);
    expect(await on(at, (redis) => redis.get("k"))).toBeNull();
    expect(await messagesOf(client, "cache-cluster", id)).toContain(
      `Node ${id} restarts empty: its data was held in memory only and is lost`,
    );
  });

  test("a reboot keeps the data, and the parameters that changed before it", async () => {
    const id = `rebooted-${Engine}`;
    const CacheParameterGroupName = await parameterGroup(client, id, Engine, {
      "maxmemory-policy": "allkeys-lru",
    });
    const cluster = await createCluster(client, id, { Engine, CacheParameterGroupName });
    const at = nodeAddresses(cluster)[0]!;
    expect(await policyAt(at)).toBe("allkeys-lru");
    await on(at, (redis) => redis.set("k", "v"));
    const [before] = await nodesOf(server, id);

    await setParameters(client, id, { "maxmemory-policy": "noeviction" });
    await untilParameters(client, id, "in-sync", createdWithinMs);
    expect(await policyAt(at)).toBe("noeviction");
    expect((await nodesOf(server, id))[0]!.pid).toBe(before!.pid);
    const asked = await client.send(
      new RebootCacheClusterCommand({ CacheClusterId: id, CacheNodeIdsToReboot: ["0001"] }),
    );
    expect(asked.CacheCluster?.CacheClusterStatus).toBe("rebooting cluster nodes");
    const after = await waitForCluster(client, id, "available", createdWithinMs);
    expect(after.CacheParameterGroup).toMatchObject({
      ...{ ParameterApplyStatus: "in-sync", CacheNodeIdsToReboot: [] },
    });
    expect(await policyAt(at)).toBe("noeviction");
    expect((await nodesOf(server, id))[0]!.pid).not.toBe(before!.pid);
    expect(await on(at, (redis) => redis.get("k"))).toBe("v");
  });

  test("a reboot that saves for longer than a node may be silent is no failure", async () => {
    const id = `slow-${Engine}`;
    const group = await createGroup(client, id, { Engine, NumCacheClusters: 2 });
    await on(group.primary, (redis) => redis.mset("a", "1", "b", "2", "c", "3"));
    const [, before] = await nodesOf(server, id);
    const at = nodeAddresses(await described(`${id}-002`))[0]!;
    const eachKeyUs = (2 * failureTimeoutMs * 1_000) / 3;
    await setConfigOf(server, `replication-group/${id}`, at, "rdb-key-save-delay", `${eachKeyUs}`);
    const asked = { CacheClusterId: `${id}-002`, CacheNodeIdsToReboot: ["0001"] };
    await client.send(new RebootCacheClusterCommand(asked));
    await waitForGroup(client, id, "available", createdWithinMs);
    expect((await nodesOf(server, id))[1]!.pid).not.toBe(before!.pid);
    const messages = await messagesOf(client, "cache-cluster", `${id}-002`);
    expect(messages.join()).not.toMatch(/Recover/);
    expect(await on(at, (redis) => redis.get("a"))).toBe("1");
  });
});

test.concurrent("a group takes another parameter group on every node at once", async () => {
  const id = "reparametered";
  const group = await createGroup(client, id, { NumCacheClusters: 2 });
  await on(group.primary, (redis) => redis.set("k", "v"));
  const name = await parameterGroup(client, id, "redis", { "maxmemory-policy": "allkeys-lfu" });
  await client.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: id, CacheParameterGroupName: name }),
  );
  await waitForGroup(client, id, "available", createdWithinMs);
  for (const member of [`${id}-001`, `${id}-002`]) {
    expect((await described(member)).CacheParameterGroup).toEqual({
      ...{ CacheParameterGroupName: name, ParameterApplyStatus: "in-sync" },
      CacheNodeIdsToReboot: [],
    });
  }
  expect(await policyAt(group.primary)).toBe("allkeys-lfu");
  expect(await policyAt(group.reader)).toBe("allkeys-lfu");
  expect((await primaryOf(server, id)).id).toBe(`${id}-001`);
  expect(await on(group.primary, (redis) => redis.get("k"))).toBe("v");
});
