import {
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ModifyReplicationGroupShardConfigurationCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addressOf, createClusterGroup, messagesOf } from "./support/caches.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const keyCount = 3_000;
const reshardedWithinMs = 90_000;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Counts up the same keys all the time, and keeps what each is to hold. */
class Counters {
  readonly expected = Array.from({ length: keyCount }, () => 0);
  readonly errors: unknown[] = [];
  readonly #cache: Cluster;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(cache: Cluster) {
    this.#cache = cache;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const atOnce = 100;
    for (let from = 0; !this.#stop.signal.aborted; from = (from + atOnce) % keyCount) {
      const numbers = Array.from({ length: atOnce }, (_, index) => from + index);
      await Promise.all(numbers.map((number) => this.#count(number)));
    }
  }

  async #count(number: number): Promise<void> {
    try {
      const value = await this.#cache.incr(`count:${number}`);
      this.expected[number] = (this.expected[number] ?? 0) + 1;
      if (value !== this.expected[number]) this.errors.push(`count:${number} is ${value}`);
    } catch (error) {
      this.errors.push(error); // told at the end of the test
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

describe.each(engines)("%s shards", (Engine) => {
  const id = `shards-${Engine}`;
  let at: Address;
  let cache: Cluster;

  beforeAll(async () => {
    const group = await createClusterGroup(client, id, {
      ...{ Engine, NumNodeGroups: 2, ReplicasPerNodeGroup: 1 },
    });
    at = addressOf(group.ConfigurationEndpoint);
    cache = new Cluster([at], { clusterRetryStrategy: () => 50 });
    cache.on("error", () => {}); // told by the command that fails
  });
  afterAll(() => cache.disconnect());

  function change(settings: {
    readonly NodeGroupCount: number;
    readonly NodeGroupsToRemove?: string[];
  }) {
    const asked = { ReplicationGroupId: id, ApplyImmediately: true, ...settings };
    return client.send(new ModifyReplicationGroupShardConfigurationCommand(asked));
  }

  async function slots(): Promise<readonly (string | undefined)[]> {
    const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id });
    const { ReplicationGroups = [] } = await client.send(command);
    return ReplicationGroups[0]?.NodeGroups?.map((one) => one.Slots) ?? [];
  }

  /** Every key on every primary: each must be on exactly one. */
  async function keysThere(): Promise<readonly string[]> {
    const keys = await Promise.all(cache.nodes("master").map((node) => node.keys("*")));
    return keys.flat().toSorted();
  }

  test("are added and removed under load, through the server's death, and nothing is lost", async () => {
    const code = "#!lua name=mine\nredis.register_function('one', function() return 1 end)";
    await until("the client knows the cluster", () => cache.nodes("master").length === 2 || "no", {
      withinMs: 10_000,
    });
    for (const node of cache.nodes("master")) await node.call("FUNCTION", "LOAD", code);
    const counters = new Counters(cache);
    await until("every key is there", () => counters.expected.every((n) => n > 0) || "no", {
      withinMs: 30_000,
    });
    await change({ NodeGroupCount: 3 });
    await until(
      "some slots have moved",
      async () => ((await slots())[2] ?? "") !== "" || JSON.stringify(await slots()),
      { withinMs: reshardedWithinMs },
    );
    await server.kill();
    await server.restart();
    await waitForGroup(client, id, "available", reshardedWithinMs);
    expect(await slots()).toEqual(["0-5461", "8192-13652", "5462-8191,13653-16383"]);
    await change({ NodeGroupCount: 2, NodeGroupsToRemove: ["0001"] });
    await waitForGroup(client, id, "available", reshardedWithinMs);
    await counters.stop();
    expect(counters.errors).toEqual([]);
    const nodes = (await nodesOf(server, id)).map((node) => node.id);
    expect(nodes).toHaveLength(4);
    expect(nodes.filter((node) => node.includes("-0001-"))).toEqual([]);
    const keys = Array.from({ length: keyCount }, (_, number) => `count:${number}`);
    expect(await keysThere()).toEqual(keys.toSorted());
    const values = await Promise.all(keys.map((key) => cache.get(key)));
    expect(values.map(Number)).toEqual(counters.expected);
    for (const node of cache.nodes("master")) {
      expect(await node.call("FCALL", "one", "0")).toBe(1);
      // What was opened to move slots is closed. Left are Larder's own connection, the replica's, and
      // those that givers keep for ten seconds.
      const clients = String(await node.call("CLIENT", "LIST")).split("\n");
      expect(clients.filter((one) => one.includes("user=larder")).length).toBeLessThanOrEqual(5);
    }
    const events = await messagesOf(client, "replication-group", id);
    expect(events.filter((event) => /resharding.*(started|completed)/.test(event))).toHaveLength(4);
  });
});
