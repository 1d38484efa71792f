import {
  type CacheCluster,
  CreateCacheParameterGroupCommand,
  type ElastiCacheClient,
  ModifyCacheClusterCommand,
  ModifyCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import { type Address, formatAddress } from "@larder/server/resources/address.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster } from "@larder/testkit/wait-for.ts";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client } from "../network/fixtures.ts";
import {
  addressOf,
  createCluster,
  createdWithinMs,
  messagesOf,
  nodeAddresses,
} from "./support/caches.ts";
import {
  discoveringClient,
  type MemjsClient,
  memjsClient,
  settled,
} from "./support/memcached-clients.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const megabyte = 1024 ** 2;
const memcached = { Engine: "memcached" } as const;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What a memcached at an address answers to one request. */
async function ask(at: Address, request: string, ending = "END\r\n"): Promise<string> {
  using raw = new Client(at);
  return await raw.ask(request, ending);
}

/** The answer to auto discovery with this version and these nodes. */
function discovery(version: number, nodes: readonly Address[], verb = "CONFIG cluster"): string {
  const listed = nodes.map(({ host, port }) => `${host}|${host}|${port}`).toSorted();
  const payload = `${version}\n${listed.join(" ")}\n`;
  return `${verb} 0 ${payload.length}\r\n${payload}\r\nEND\r\n`;
}

/** The length of the largest value that a client can store, between two lengths. */
async function largestStored(memjs: MemjsClient, low: number, high: number): Promise<number> {
  let [stored, refused] = [low, high];
  while (refused - stored > 1) {
    const middle = Math.floor((stored + refused) / 2);
    const done = await memjs.set("edge", Buffer.alloc(middle), { expires: 0 }).catch(() => false);
    if (done) stored = middle;
    else refused = middle;
  }
  return stored;
}

describe.concurrent("items", () => {
  test("of up to 1 MB, with their key and header, are stored, and none larger", async () => {
    const cluster = await createCluster(client, "items", { ...memcached, NumCacheNodes: 2 });
    const memjs = memjsClient(nodeAddresses(cluster).map(formatAddress).join(","));
    const value = randomBytes(1_000_000);
    expect(await memjs.set("large", value, { expires: 60 })).toBe(true);
    expect((await memjs.get("large")).value?.equals(value)).toBe(true);
    const edge = await largestStored(memjs, 1_000_000, megabyte + 1);
    expect(edge, "the item's header counts").toBeGreaterThan(megabyte - 200);
    expect(edge).toBeLessThan(megabyte);
    await expect(memjs.set("edge", Buffer.alloc(edge + 1), { expires: 0 })).rejects.toThrow(
      /too large/i,
    );
    expect((await memjs.get("large")).value?.equals(value), "a refusal harms nothing").toBe(true);
    expect(await memjs.increment("n", 2, { initial: 40, expires: 0 })).toMatchObject({ value: 40 });
    expect(await memjs.increment("n", 2, { initial: 40, expires: 0 })).toMatchObject({ value: 42 });
    expect(await memjs.delete("large")).toBe(true);
    expect((await memjs.get("large")).value).toBeNull();
    memjs.close();
  });

  test("may be larger when the parameter group says so", async () => {
    const CacheParameterGroupName = "large-items";
    await client.send(
      new CreateCacheParameterGroupCommand({
        CacheParameterGroupName,
        CacheParameterGroupFamily: "memcached1.6",
        Description: "for items of up to 8 MB",
      }),
    );
    const ParameterNameValues = [
      { ParameterName: "max_item_size", ParameterValue: String(8 * megabyte) },
    ];
    await client.send(
      new ModifyCacheParameterGroupCommand({ CacheParameterGroupName, ParameterNameValues }),
    );
    const cluster = await createCluster(client, "large", { ...memcached, CacheParameterGroupName });
    const memjs = memjsClient(nodeAddresses(cluster).map(formatAddress).join(","));
    const value = randomBytes(5 * megabyte);
    expect(await memjs.set("large", value, { expires: 60 })).toBe(true);
    expect((await memjs.get("large")).value?.equals(value)).toBe(true);
    await expect(memjs.set("huge", Buffer.alloc(9 * megabyte), { expires: 0 })).rejects.toThrow(
      /too large/i,
    );
    memjs.close();
  });
});

describe.concurrent("nodes", () => {
  test("are spread over zones, have several threads and an address each", async () => {
    const settings = { ...memcached, NumCacheNodes: 4, AZMode: "cross-az" } as const;
    const cluster = await createCluster(client, "spread", settings);
    expect(cluster.PreferredAvailabilityZone).toBe("Multiple");
    const zones = cluster.CacheNodes?.map((node) => node.CustomerAvailabilityZone);
    expect(new Set(zones)).toEqual(new Set(["us-east-1a", "us-east-1b", "us-east-1c"]));
    const addresses = nodeAddresses(cluster);
    expect(new Set(addresses.map(formatAddress)).size).toBe(4);
    for (const at of addresses) {
      const threads = /STAT threads (\d+)/.exec(await ask(at, "stats\r\n"))?.[1];
      expect(Number(threads)).toBeGreaterThanOrEqual(2);
    }
  });

  test("come back at their address when killed, and discovery does not change", async () => {
    const cluster = await createCluster(client, "killed", { ...memcached, NumCacheNodes: 2 });
    const [first] = await nodesOf(server, "killed");
    const at = nodeAddresses(cluster)[0]!;
    process.kill(first!.pid!, "SIGKILL");
    await until(
      "another process has its place",
      async () => {
        const [now] = await nodesOf(server, "killed");
        return (now?.state === "running" && now.pid !== first!.pid) || `it is ${now?.state}`;
      },
      { withinMs: 10_000 },
    );
    expect(await ask(at, "mn\r\n", "\r\n")).toBe("MN\r\n");
    const configuration = addressOf(cluster.ConfigurationEndpoint);
    expect(await ask(configuration, "config get cluster\r\n")).toBe(
      discovery(1, nodeAddresses(cluster)),
    );
    await until(
      "its events tell of it",
      async () => {
        const messages = await messagesOf(client, "cache-cluster", "killed");
        return messages.at(-1) === "Finished recovery for cache nodes 0001" || messages.join("; ");
      },
      { withinMs: 5_000 },
    );
    await waitForCluster(client, "killed", "available", createdWithinMs);
  });
});

/** Asks for a number of nodes at once, and waits until they are there. */
async function resize(count: number, remove: readonly string[] = []): Promise<CacheCluster> {
  await client.send(
    new ModifyCacheClusterCommand({
      CacheClusterId: "discovered",
      NumCacheNodes: count,
      ...(remove.length > 0 ? { CacheNodeIdsToRemove: [...remove] } : {}),
      ApplyImmediately: true,
    }),
  );
  return waitForCluster(client, "discovered", "available", createdWithinMs);
}

describe.concurrent("auto discovery", () => {
  test("tells of every node, and of each that comes and goes, with the next version", async () => {
    const made = await createCluster(client, "discovered", { ...memcached, NumCacheNodes: 2 });
    const configuration = addressOf(made.ConfigurationEndpoint);
    expect(await ask(configuration, "config get cluster\r\n")).toBe(
      discovery(1, nodeAddresses(made)),
    );
    const item = "VALUE AmazonElastiCache:cluster";
    const everywhere = async (version: number, cluster: CacheCluster) => {
      const nodes = nodeAddresses(cluster);
      expect(await ask(configuration, "config get cluster\r\n")).toBe(discovery(version, nodes));
      for (const at of [configuration, ...nodes]) {
        expect(await ask(at, "get AmazonElastiCache:cluster\r\n"), formatAddress(at)).toBe(
          discovery(version, nodes, item),
        );
      }
    };
    await everywhere(1, made);
    const grown = await resize(3);
    expect(grown.NumCacheNodes).toBe(3);
    await everywhere(2, grown);
    const shrunk = await resize(2, ["0001"]);
    expect(shrunk.CacheNodes?.map((node) => node.CacheNodeId)).toEqual(["0002", "0003"]);
    await everywhere(3, shrunk);
    expect(await nodesOf(server, "discovered")).toHaveLength(2);
  });

  test("is followed by a client that knows only the configuration endpoint", async () => {
    const made = await createCluster(client, "followed", { ...memcached, NumCacheNodes: 2 });
    const configuration = formatAddress(addressOf(made.ConfigurationEndpoint));
    const discovering = discoveringClient(configuration, 200);
    let known: readonly string[] = [];
    discovering.on("autoDiscover", (nodes) => (known = nodes));
    const knows = (nodes: readonly Address[]) =>
      until(
        "the client knows every node",
        () => {
          const all = nodes.map(formatAddress).toSorted();
          return known.join() === all.join() || `it knows ${known.join()}`;
        },
        { withinMs: 5_000 },
      );
    await knows(nodeAddresses(made));
    const keys = Array.from({ length: 40 }, (_, n) => `key-${n}`);
    for (const key of keys) await settled((done) => discovering.set(key, `at ${key}`, 60, done));
    expect(await settled((done) => discovering.getMulti(keys, done))).toEqual(
      Object.fromEntries(keys.map((key) => [key, `at ${key}`])),
    );
    for (const at of nodeAddresses(made)) {
      const items = /STAT curr_items (\d+)/.exec(await ask(at, "stats\r\n"))?.[1];
      expect(Number(items), "keys are spread over the nodes").toBeGreaterThan(1);
    }
    const change = { CacheClusterId: "followed", NumCacheNodes: 3, ApplyImmediately: true };
    await client.send(new ModifyCacheClusterCommand(change));
    const grown = await waitForCluster(client, "followed", "available", createdWithinMs);
    await knows(nodeAddresses(grown));
    discovering.end();
  });

  test("is repaired within 15 s where an application overwrote it", async () => {
    const made = await createCluster(client, "overwritten", { ...memcached, NumCacheNodes: 2 });
    const nodes = nodeAddresses(made);
    const [node] = nodes;
    const overwriting = "set AmazonElastiCache:cluster 0 0 4\r\nmine\r\n";
    expect(await ask(node!, overwriting, "\r\n")).toBe("STORED\r\n");
    const right = discovery(1, nodes, "VALUE AmazonElastiCache:cluster");
    await until(
      "the item is right again",
      async () => {
        const item = await ask(node!, "get AmazonElastiCache:cluster\r\n");
        return item === right || item;
      },
      { withinMs: 15_000 },
    );
  });
});
