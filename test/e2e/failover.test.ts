import {
  type ElastiCacheClient,
  ModifyReplicationGroupCommand,
  TestFailoverCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { lives } from "../network/fixtures.ts";
import { createdWithinMs, createGroup, messagesOf } from "./support/caches.ts";
import { answererAt } from "./support/reads.ts";
import { ioredisWriter, nodeRedisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const failureTimeoutMs = 1_500;
/** Beside other suites on two cores; alone it is below 100 ms, plus what the client waits. */
const goesOnWithinMs = 8_000;
/** How long a replica that is lost may still be met at the reader endpoint. */
const readerForgetsWithinMs = 1_000;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer({ failureTimeoutMs });
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** An ioredis and a node-redis client that write all the time. */
class Writers implements AsyncDisposable {
  readonly ioredis: Writer;
  readonly nodeRedis: Writer;
  readonly #at: Address;

  private constructor(at: Address, ioredis: Writer, nodeRedis: Writer) {
    this.ioredis = ioredis;
    this.nodeRedis = nodeRedis;
    this.#at = at;
  }

  static async start(at: Address): Promise<Writers> {
    const nodeRedis = new Writer("node-redis", await nodeRedisWriter(at));
    const both = new Writers(at, new Writer("ioredis", ioredisWriter(at)), nodeRedis);
    await both.write();
    return both;
  }

  /** Resolves once both have written on. */
  async write(): Promise<void> {
    const both = [this.ioredis, this.nodeRedis];
    await Promise.all(both.map((writer) => writer.writes(20, goesOnWithinMs)));
  }

  /** Both write on; then, what was acknowledged at any time and is not there. */
  async lost(): Promise<readonly string[]> {
    await this.write();
    return [...(await this.ioredis.lostAt(this.#at)), ...(await this.nodeRedis.lostAt(this.#at))];
  }

  /** What their users had to try again. */
  get errors(): readonly string[] {
    return [...this.ioredis.errors, ...this.nodeRedis.errors];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ioredis, this.nodeRedis].map((one) => one[Symbol.asyncDispose]()));
  }
}

async function kill(id: string, signal: NodeJS.Signals = "SIGKILL") {
  const primary = await primaryOf(server, id);
  process.kill(primary.pid, signal);
  return primary;
}

/** Waits until the group is available again, with all its nodes; resolves with its primary. */
async function whole(id: string, count: number) {
  await waitForGroup(client, id, "available", createdWithinMs);
  const nodes = await nodesOf(server, id);
  expect(nodes.map((node) => [node.state, node.pid !== null])).toEqual(
    Array.from({ length: count }, () => ["running", true]),
  );
  return primaryOf(server, id);
}

function failedOver(from: string, to: string): string {
  return `Failover from primary node ${from} to replica node ${to} completed`;
}

const lostConnection = /socket|ECONN|closed/i;
const answeredInPart = /^Command aborted due to connection close$/;
const recovery = ["Recovering cache nodes 0001", "Finished recovery for cache nodes 0001"];

describe.concurrent("failover", () => {
  test.each(engines)(
    "%s: clients go on by themselves after kill -9 of the primary",
    async (Engine) => {
      const id = `killed-${Engine}`;
      const group = await createGroup(client, id, { Engine, MultiAZEnabled: true });
      await using writers = await Writers.start(group.primary);
      const before = await kill(id);
      expect(await writers.lost()).toEqual([]);
      // ioredis hides a lost connection, but gives up a pipeline that was answered in part; node-redis
      // hands back what it had sent, to be tried again.
      expect(writers.ioredis.errors.filter((text) => !answeredInPart.test(text))).toEqual([]);
      expect(writers.nodeRedis.errors.filter((text) => !lostConnection.test(text))).toEqual([]);
      const after = await whole(id, 3);
      expect(after.id).not.toBe(before.id);
      const message = failedOver(before.id, after.id);
      expect(await messagesOf(client, "replication-group", id)).toContain(message);
      const told = await messagesOf(client, "cache-cluster", before.id);
      expect(told.slice(-3)).toEqual([message, ...recovery]);
      expect(await writers.lost()).toEqual([]);
    },
  );

  test("a primary that hangs is ended, and a replica takes its place", async () => {
    const id = "hung";
    const group = await createGroup(client, id);
    await using writers = await Writers.start(group.primary);
    const before = await kill(id, "SIGSTOP");
    expect(await writers.lost()).toEqual([]);
    expect(await lives(before.pid), "it can never take a write again").toBe(false);
    const after = await whole(id, 3);
    expect(after.id).not.toBe(before.id);
    expect(await writers.lost()).toEqual([]);
    expect(writers.ioredis.gapMs).toBeGreaterThan(failureTimeoutMs - 1_000);
  });

  test("the only replica, when it hangs, is ended and comes back at the reader endpoint", async () => {
    const id = "hung-replica";
    const group = await createGroup(client, id, { NumCacheClusters: 2 });
    const [, before] = await nodesOf(server, id);
    process.kill(before!.pid!, "SIGSTOP");
    await until("it is ended", async () => !(await lives(before!.pid!)) || "it is there still", {
      withinMs: goesOnWithinMs,
    });
    await whole(id, 2);
    const [, after] = await nodesOf(server, id);
    expect(await answererAt(group.reader)).toBe(after!.pid);
    expect(await messagesOf(client, "cache-cluster", before!.id)).toEqual(
      expect.arrayContaining(recovery),
    );
  });

  test("the reader endpoint has no lost replica a second later, and writers notice nothing", async () => {
    const id = "reader";
    const group = await createGroup(client, id);
    await using writers = await Writers.start(group.primary);
    const [first, second] = (await nodesOf(server, id)).filter((node) => node.role === "replica");
    const both = [first!.pid!, second!.pid!];
    const met = new Set<number>();
    await until(
      "both replicas are met at the reader endpoint",
      async () => {
        met.add(await answererAt(group.reader));
        return met.size === 2 || `met ${[...met].join()}`;
      },
      { withinMs: 5_000 },
    );
    expect(met).toEqual(new Set(both));
    process.kill(first!.pid!, "SIGKILL");
    const killedAtMs = performance.now();
    let lastFailureMs = 0;
    while (performance.now() - killedAtMs < 2 * readerForgetsWithinMs) {
      const answered = await answererAt(group.reader).catch(() => null);
      if (answered === null) lastFailureMs = performance.now() - killedAtMs;
    }
    expect(lastFailureMs).toBeLessThan(readerForgetsWithinMs);
    await whole(id, 3);
    expect(await writers.lost()).toEqual([]);
    expect(writers.errors).toEqual([]);
  });

  test("the only replica may go and come back, and writers notice nothing", async () => {
    const id = "pair";
    const group = await createGroup(client, id, { NumCacheClusters: 2 });
    await using writers = await Writers.start(group.primary);
    const [primary, replica] = await nodesOf(server, id);
    process.kill(replica!.pid!, "SIGKILL");
    const met = async (pid: number) => (await answererAt(group.reader)) === pid || "another";
    await until("the primary answers readers", () => met(primary!.pid!), {
      withinMs: goesOnWithinMs,
    });
    await whole(id, 2);
    const back = (await nodesOf(server, id))[1]!;
    expect(await answererAt(group.reader)).toBe(back.pid);
    expect(await writers.lost()).toEqual([]);
    expect(writers.errors).toEqual([]);
  });

  test("without automatic failover the role stays, and the data comes back from a replica", async () => {
    const id = "manual";
    const group = await createGroup(client, id, { AutomaticFailoverEnabled: false });
    await using writers = await Writers.start(group.primary);
    const before = await kill(id);
    expect(await writers.lost()).toEqual([]);
    const after = await whole(id, 3);
    expect(after.id).toBe(before.id);
    expect(after.pid).not.toBe(before.pid);
    expect((await messagesOf(client, "cache-cluster", before.id)).slice(-2)).toEqual(recovery);
  });
});

describe.concurrent("a planned change of the primary", () => {
  test("promotes the replica that was named, and a client that tries again sees no loss", async () => {
    const id = "promoted";
    const group = await createGroup(client, id, { AutomaticFailoverEnabled: false });
    await using writers = await Writers.start(group.primary);
    const before = await primaryOf(server, id);
    const answer = await client.send(
      new ModifyReplicationGroupCommand({
        ReplicationGroupId: id,
        PrimaryClusterId: `${id}-003`,
        ApplyImmediately: true,
      }),
    );
    expect(answer.ReplicationGroup).toMatchObject({
      Status: "modifying",
      PendingModifiedValues: { PrimaryClusterId: `${id}-003` },
    });
    const after = await whole(id, 3);
    expect(after.id).toBe(`${id}-003`);
    expect((await nodesOf(server, id)).map((node) => node.pid)).toContain(before.pid);
    expect(await writers.lost()).toEqual([]);
    const others = writers.errors.filter((text) => !/READONLY/.test(text));
    expect(others.filter((text) => !lostConnection.test(text))).toEqual([]);
    expect(await messagesOf(client, "replication-group", id)).toContain(
      failedOver(before.id, after.id),
    );
    const redis = new Redis(group.primary);
    expect((await redis.role())[0]).toBe("master");
    redis.disconnect();
  });

  test("TestFailover moves the role to another node, and says so", async () => {
    const id = "tested";
    const group = await createGroup(client, id, { MultiAZEnabled: true });
    await using writers = await Writers.start(group.primary);
    const before = await primaryOf(server, id);
    await client.send(new TestFailoverCommand({ ReplicationGroupId: id, NodeGroupId: "0001" }));
    const after = await whole(id, 3);
    expect(after.id).not.toBe(before.id);
    expect(await writers.lost()).toEqual([]);
    const told = await messagesOf(client, "replication-group", id);
    expect(told).toContain("Test Failover API called for node group 0001");
    expect(told).toContain(failedOver(before.id, after.id));
  });
});
