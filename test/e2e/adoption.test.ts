import type { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { askDown, nodesOf, primaryOf, statusOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Client } from "../network/fixtures.ts";
import {
  addressOf,
  createCluster,
  createdWithinMs,
  createGroup,
  type Group,
  messagesOf,
  nodeAddresses,
} from "./support/caches.ts";
import { answererAt } from "./support/reads.ts";
import { ioredisWriter, nodeRedisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const goesOnWithinMs = 10_000;
const endsWithinMs = 10_000;
let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Every node's process, by cache and node. */
async function processes(): Promise<Readonly<Record<string, number | null>>> {
  const { caches } = await statusOf(server);
  const nodes = caches.flatMap(({ id, shards }) =>
    shards.flatMap((shard) => shard.nodes.map((node) => [`${id} ${node.id}`, node.pid] as const)),
  );
  return Object.fromEntries(nodes);
}

async function valueAt(group: Pick<Group, "primary">, key: string): Promise<string | null> {
  const redis = new Redis(group.primary);
  try {
    return await redis.get(key);
  } finally {
    redis.disconnect();
  }
}

test("a server that was killed takes up every cache, and its clients notice nothing", async () => {
  const [group, cluster] = await Promise.all([
    createGroup(client, "kept", { NumCacheClusters: 3 }),
    createCluster(client, "items", { Engine: "memcached", NumCacheNodes: 2 }),
  ]);
  const configuration = addressOf(cluster.ConfigurationEndpoint);
  await using ioredis = new Writer("ioredis", ioredisWriter(group.primary));
  await using nodeRedis = new Writer("node-redis", await nodeRedisWriter(group.primary));
  using discovering = new Client(configuration);
  const discovered = await discovering.ask("config get cluster\r\n", "END\r\n");
  const before = await processes();
  const others = () => processesBelow(server.dataDir).filter((pid) => pid !== server.pid);
  const all = others();
  await ioredis.writes(20, goesOnWithinMs);

  await server.kill();
  await Promise.all([ioredis, nodeRedis].map((writer) => writer.writes(100, goesOnWithinMs)));
  const replicas = new Set([before["kept kept-002"], before["kept kept-003"]]);
  expect(replicas, "the gateway goes on").toContain(await answererAt(group.reader));
  expect(await discovering.ask("config get cluster\r\n", "END\r\n")).toBe(discovered);

  await server.restart();
  await waitForGroup(client, "kept", "available", createdWithinMs);
  await waitForCluster(client, "items", "available", createdWithinMs);
  expect(await processes()).toEqual(before);
  expect(others(), "engines and gateway").toEqual(all);
  await Promise.all([ioredis, nodeRedis].map((writer) => writer.writes(100, goesOnWithinMs)));
  expect([...ioredis.errors, ...nodeRedis.errors]).toEqual([]);
  expect(await ioredis.lostAt(group.primary)).toEqual([]);
  expect(discovering.closed).toBe(false);
});

test("a primary that was lost while no server ran is failed over by the next", async () => {
  const group = await createGroup(client, "orphaned", { NumCacheClusters: 3 });
  await using writer = new Writer("ioredis", ioredisWriter(group.primary));
  await writer.writes(50, goesOnWithinMs);
  const before = await primaryOf(server, "orphaned");
  await server.kill();
  process.kill(before.pid, "SIGKILL");
  await server.restart();
  await writer.writes(50, goesOnWithinMs);
  expect(await writer.lostAt(group.primary)).toEqual([]);
  await waitForGroup(client, "orphaned", "available", createdWithinMs);
  const after = await primaryOf(server, "orphaned");
  expect(after.id).not.toBe(before.id);
  expect(await nodesOf(server, "orphaned")).toHaveLength(3);
  expect(await messagesOf(client, "replication-group", "orphaned")).toContain(
    `Failover from primary node ${before.id} to replica node ${after.id} completed`,
  );
});

test("down saves what there is and ends everything; the next start brings it back", async () => {
  const groups = await Promise.all(
    engines.map((Engine) =>
      createGroup(client, `saved-${Engine}`, { Engine, NumCacheClusters: 3 }),
    ),
  );
  const alone = await createCluster(client, "saved-alone", { Engine: "redis" });
  const places = [...groups, { primary: nodeAddresses(alone)[0]! }];
  for (const { primary } of places) {
    const redis = new Redis(primary);
    const keys = Array.from({ length: 500 }, (_, n) => [`key-${n}`, "x".repeat(100)]);
    await redis.mset(...keys.flat());
    redis.disconnect();
  }
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
  for (const { id } of groups) await waitForGroup(client, id, "available", createdWithinMs);
  await waitForCluster(client, "saved-alone", "available", createdWithinMs);
  await waitForCluster(client, "items", "available", createdWithinMs);
  for (const place of places) expect(await valueAt(place, "key-499")).toBe("x".repeat(100));
  for (const { reader, id } of groups) {
    expect((await nodesOf(server, id)).map((node) => node.state)).toEqual(
      Array.from({ length: 3 }, () => "running"),
    );
    expect(await valueAt({ primary: reader }, "key-499")).toBe("x".repeat(100));
  }
});
