import {
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
  type ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster, Redis } from "ioredis";
import { execFile } from "node:child_process";
import { isDeepStrictEqual, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addressOf, createClusterGroup, createdWithinMs } from "./support/caches.ts";
import { type CacheClient, clusterClientsOf } from "./support/clients.ts";
import { keyOfEachSlot, slotOf } from "./support/slots.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const run = promisify(execFile);
const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const libraries = Object.keys(clusterClientsOf);
const shardCount = 3;
const keys = keyOfEachSlot();
/** A client looks for the new primary in steps of its own; beside other suites on two cores. */
const goesOnWithinMs = 60_000;
/** How many commands of a library are on their way at once. */
const atOnce = 512;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Runs `work` for each, a bounded number at once, and resolves with what came of them. */
async function forEach<T, R>(
  all: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = [];
  for (let from = 0; from < all.length; from += atOnce) {
    done.push(...(await Promise.all(all.slice(from, from + atOnce).map(work))));
  }
  return done;
}

/** Writes until it is acknowledged: what a user of the library does whose command was rejected. */
async function writeOn(cache: CacheClient, key: string, value: string, who: string) {
  const write = () => cache.set(key, value).then((): true => true, String);
  await until(`${who} writes ${key}`, write, { withinMs: goesOnWithinMs });
}

describe.each(engines)("%s in cluster mode", (Engine) => {
  const id = `cluster-${Engine}`;
  let at: Address;

  beforeAll(async () => {
    const group = await createClusterGroup(client, id, {
      ...{ Engine, NumNodeGroups: shardCount, ReplicasPerNodeGroup: 1 },
    });
    at = addressOf(group.ConfigurationEndpoint);
  });

  /** The primary of a shard, as its nodes are now. */
  async function primaryOfShard(shard: number) {
    const nodes = await nodesOf(server, id);
    const found = nodes.find(
      (node) => node.role === "primary" && node.id.includes(`-${String(shard).padStart(4, "0")}-`),
    );
    const pid = found?.pid ?? null;
    if (found === undefined || pid === null) throw new Error(`shard ${shard} has no primary`);
    return { id: found.id, pid };
  }

  test.each(libraries)("%s reads and writes in every slot", async (library) => {
    await using cache = await clusterClientsOf[library]!(at);
    await forEach(keys, (key) => cache.set(key, `${library} ${key}`));
    expect(await forEach(keys, (key) => cache.get(key))).toEqual(
      keys.map((key) => `${library} ${key}`),
    );
    expect(await cache.get("nobody wrote this")).toBeNull();
  });

  test("a node sends a client to the shard that has the slot", async () => {
    const redis = new Redis({ ...at, maxRetriesPerRequest: 0 });
    try {
      const moved = await Promise.all(
        keys.slice(0, atOnce * 2).map((key) => redis.get(key).then(() => null, String)),
      );
      for (const [slot, answer] of moved.entries()) {
        if (answer !== null) expect(answer).toMatch(new RegExp(`MOVED ${slot} 127\\.`));
      }
      const far = keys.at(-1)!;
      const near = keys.at(0)!;
      const answers = await Promise.all([near, far].map((key) => redis.get(key).catch(String)));
      expect(answers.filter((answer) => answer?.includes("MOVED"))).not.toEqual([]);
    } finally {
      redis.disconnect();
    }
  });

  test("redis-cli -c follows", async () => {
    const cli = (...args: readonly string[]) =>
      run("redis-cli", ["-c", "-h", at.host, "-p", String(at.port), ...args]);
    for (const key of [keys.at(0)!, keys.at(8_192)!, keys.at(-1)!]) {
      expect((await cli("set", key, "by hand")).stdout.trim()).toBe("OK");
      expect((await cli("get", key)).stdout.trim()).toBe("by hand");
    }
    expect((await cli("cluster", "info")).stdout).toMatch(/cluster_state:ok[^]*size:3/);
  });

  test("every library goes on by itself after kill -9 of a primary", async () => {
    await using open = new AsyncDisposableStack();
    const before = await primaryOfShard(1);
    const key = keys.at(0)!;
    expect(slotOf(key)).toBe(0);
    const caches = await Promise.all(
      libraries.map(async (library) => {
        const cache = open.use(await clusterClientsOf[library]!(at));
        await cache.set(key, "before");
        return [library, cache] as const;
      }),
    );
    process.kill(before.pid, "SIGKILL");
    for (const [library, cache] of caches) {
      await writeOn(cache, key, `after ${library}`, library);
      expect(await cache.get(key)).toBe(`after ${library}`);
      expect(await cache.get(keys.at(-1)!)).not.toBeNull();
    }
    await waitForGroup(client, id, "available", createdWithinMs);
    expect((await primaryOfShard(1)).id).not.toBe(before.id);
  });

  test("a client meets new replicas", async () => {
    const cluster = new Cluster([at], { scaleReads: "slave", slotsRefreshInterval: 500 });
    cluster.on("error", () => {}); // it connects again by itself
    try {
      await cluster.set("before", "1");
      await client.send(
        new IncreaseReplicaCountCommand({
          ...{ ReplicationGroupId: id, NewReplicaCount: 2, ApplyImmediately: true },
        }),
      );
      await waitForGroup(client, id, "available", createdWithinMs);
      await until(
        "it knows two replicas of each shard",
        async () => {
          const known = cluster.nodes("slave").length;
          return known === shardCount * 2 || `${known} replicas`;
        },
        { withinMs: goesOnWithinMs },
      );
    } finally {
      cluster.disconnect();
    }
  });

  test("every library writes on while nodes are replaced one at a time", async () => {
    await using open = new AsyncDisposableStack();
    const changes = new AbortController();
    const writing = libraries.map(async (library) => {
      const cache = open.use(await clusterClientsOf[library]!(at));
      const written = new Map<string, string>();
      for (let n = 0; !changes.signal.aborted; n += 1) {
        // Steps through the slots, so that every shard is written to all the time.
        const key = `{${keys[(n * 1_009) % keys.length]}} ${library}`;
        await writeOn(cache, key, String(n), library);
        written.set(key, String(n));
      }
      const found = await forEach([...written.keys()], (key) => cache.get(key));
      return [...written].filter(([, value], index) => found[index] !== value);
    });
    try {
      const larger = { CacheNodeType: "cache.t4g.medium", ApplyImmediately: true };
      const command = new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ...larger });
      await client.send(command);
      await waitForGroup(client, id, "available", goesOnWithinMs);
    } finally {
      changes.abort();
    }
    expect(await Promise.all(writing)).toEqual(libraries.map(() => []));
  });

  test("what is described is what every node says", async () => {
    const group = await waitForGroup(client, id, "available", createdWithinMs);
    const described = await describedSlots(group);
    const nodes = await nodesOf(server, id);
    expect(nodes).toHaveLength(shardCount * 3);
    for (const { address } of nodes) {
      const [host = "", port] = address!.split(":");
      // Every node knows every slot; that a new replica is one, its primary tells it within seconds.
      expect([...(await slotsAt({ host, port: Number(port) })).keys()].toSorted()).toEqual(
        [...described.keys()].toSorted(),
      );
      await until(
        `${address} knows all replicas`,
        async () => {
          const said = await slotsAt({ host, port: Number(port) });
          return isDeepStrictEqual(said, described) || JSON.stringify([...said]);
        },
        { withinMs: goesOnWithinMs },
      );
    }
  });
});

/** The slots of each shard as described, each with the addresses of its nodes. */
async function describedSlots(group: ReplicationGroup): Promise<ReadonlyMap<string, string>> {
  const clusters = new Map((await addressesOfMembers(group)).map((one) => [one.id, one.address]));
  return new Map(
    (group.NodeGroups ?? []).map(({ Slots, NodeGroupMembers = [] }) => [
      Slots ?? "none",
      NodeGroupMembers.map(({ CacheClusterId }) => clusters.get(CacheClusterId!)!)
        .toSorted()
        .join(" "),
    ]),
  );
}

async function addressesOfMembers(group: ReplicationGroup) {
  const nodes = await nodesOf(server, group.ReplicationGroupId!);
  return nodes.map(({ id, address }) => ({ id: id.replace(/\.\d+$/, ""), address }));
}

/** The same, as a node of the cluster answers CLUSTER SLOTS. */
async function slotsAt({ host, port }: Address): Promise<ReadonlyMap<string, string>> {
  const redis = new Redis({ host, port, maxRetriesPerRequest: 1 });
  try {
    const ranges = await redis.cluster("SLOTS");
    return new Map(
      ranges.map(([from, to, ...nodes]) => [
        `${from}-${to}`,
        nodes
          .map(([ip, at]) => `${ip}:${at}`)
          .toSorted()
          .join(" "),
      ]),
    );
  } finally {
    redis.disconnect();
  }
}
