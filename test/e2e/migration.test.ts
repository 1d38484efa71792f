import {
  CompleteMigrationCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
  StartMigrationCommand,
  TestMigrationCommand,
} from "@aws-sdk/client-elasticache";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { recordingPrimary } from "@larder/testkit/recording-primary.ts";
import { freePort } from "@larder/testkit/network.ts";
import { RespConnection, RespError } from "@larder/testkit/resp-connection.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createdWithinMs, createGroup, type Group, messagesOf } from "./support/caches.ts";
import { startForeignServer } from "@larder/testkit/foreign-server.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const withinMs = 60_000;
let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer({ failureTimeoutMs: 1_000 });
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A group that can take somebody else's data. */
function target(id: string, Engine = "redis"): Promise<Group> {
  const settings = { Engine, NumCacheClusters: 2, MultiAZEnabled: true };
  return createGroup(client, id, settings);
}

async function untilEvent(id: string, wanted: RegExp): Promise<void> {
  await until(
    `an event of ${id} says ${wanted.source}`,
    async () => {
      const messages = await messagesOf(client, "replication-group", id);
      return messages.some((one) => wanted.test(one)) || messages.join(" | ");
    },
    { withinMs },
  );
}

/** A client that counts up and remembers what was acknowledged, until it is told to stop. */
class Counter {
  acknowledged = 0;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(connection: RespConnection, key: string) {
    this.#done = this.#run(connection, key);
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    return this.acknowledged;
  }

  async #run(connection: RespConnection, key: string): Promise<void> {
    while (!this.#stopped) {
      if (typeof (await connection.send("RPUSH", key, "x")) === "number") this.acknowledged += 1;
    }
  }
}

describe.concurrent("online migration", () => {
  test.each(engines)("to %s takes everything over from an engine under load", async (engine) => {
    const id = `moved-${engine}`;
    const group = await target(id, engine);
    await using source = await startForeignServer();
    using filler = await RespConnection.open(source.address.host, source.address.port);
    await filler.send("DEBUG", "POPULATE", "100000", "key", "100");
    const named = { ReplicationGroupId: id, CustomerNodeEndpointList: [...source.endpoints] };

    await client.send(new TestMigrationCommand(named));
    await untilEvent(id, /^Migration test succeeded/);
    await waitForGroup(client, id, "available", createdWithinMs);

    using first = await RespConnection.open(source.address.host, source.address.port);
    using second = await RespConnection.open(source.address.host, source.address.port);
    const counters = [new Counter(first, "a"), new Counter(second, "b")] as const;
    const started = await client.send(new StartMigrationCommand(named));
    expect(started.ReplicationGroup?.Status).toBe("modifying");
    await waitForGroup(client, id, "migrating", withinMs);
    expect(await messagesOf(client, "replication-group", id)).toContain(
      `Migration operation succeeded for replication group ${id}.`,
    );
    using late = await RespConnection.open(group.primary.host, group.primary.port);
    expect(await late.send("SET", "k", "v")).toEqual(
      new RespError("READONLY You can't write against a read only replica."),
    );

    await expect(client.send(new StartMigrationCommand(named))).rejects.toMatchObject({
      name: "ReplicationGroupAlreadyUnderMigrationFault",
    });
    const more = { ReplicationGroupId: id, NewReplicaCount: 2, ApplyImmediately: true };
    await expect(client.send(new IncreaseReplicaCountCommand(more))).rejects.toMatchObject({
      name: "InvalidReplicationGroupStateFault",
    });

    const acknowledged = [await counters[0].stop(), await counters[1].stop()];
    await client.send(new CompleteMigrationCommand({ ReplicationGroupId: id }));
    await untilEvent(id, new RegExp(`^Complete Migration successful for ${id}$`));
    await waitForGroup(client, id, "available", withinMs);
    using reader = await RespConnection.open(group.primary.host, group.primary.port);
    expect([await reader.send("LLEN", "a"), await reader.send("LLEN", "b")]).toEqual(acknowledged);
    expect(acknowledged.every((one) => one > 100)).toBe(true);
    expect(await reader.send("DBSIZE")).toBe(100_002);
    expect(await reader.send("SET", "k", "v")).toBe("OK");
    expect(await reader.send("WAIT", "1", "5000")).toBe(1);
  });

  test("survives the loss of its own primary", async () => {
    const id = "unlucky";
    const group = await target(id);
    await using source = await startForeignServer();
    using writer = await RespConnection.open(source.address.host, source.address.port);
    await writer.send("SET", "a", "1");
    const named = { ReplicationGroupId: id, CustomerNodeEndpointList: [...source.endpoints] };
    await client.send(new StartMigrationCommand(named));
    await waitForGroup(client, id, "migrating", withinMs);
    const primary = (await nodesOf(server, id)).find((node) => node.role === "primary");
    process.kill(primary?.pid ?? 0, "SIGKILL");
    await writer.send("SET", "b", "2");
    await waitForGroup(client, id, "migrating", withinMs);
    await until(
      "the new primary follows the source",
      async () => {
        using reader = await RespConnection.open(group.primary.host, group.primary.port);
        return (await reader.send("GET", "b")) === "2" || "not yet";
      },
      { withinMs },
    );
    await client.send(new CompleteMigrationCommand({ ReplicationGroupId: id, Force: true }));
    await waitForGroup(client, id, "available", withinMs);
    using reader = await RespConnection.open(group.primary.host, group.primary.port);
    expect(await reader.send("GET", "a")).toBe("1");
    expect(await reader.send("SET", "c", "3")).toBe("OK");
  });

  test("from a source that is lost for good ends by itself, with what was copied", async () => {
    const id = "abandoned";
    const group = await target(id);
    await using source = await startForeignServer();
    using writer = await RespConnection.open(source.address.host, source.address.port);
    await writer.send("SET", "a", "1");
    const named = { ReplicationGroupId: id, CustomerNodeEndpointList: [...source.endpoints] };
    await client.send(new StartMigrationCommand(named));
    await waitForGroup(client, id, "migrating", withinMs);
    source.process.kill("SIGKILL");
    await untilEvent(id, new RegExp(`^Migration operation failed for replication group ${id}\\.`));
    await waitForGroup(client, id, "available", withinMs);
    using reader = await RespConnection.open(group.primary.host, group.primary.port);
    expect(await reader.send("GET", "a")).toBe("1");
    expect(await reader.send("SET", "b", "2")).toBe("OK");
  });

  test("tells why a source will not do", async () => {
    const id = "choosy";
    await target(id);
    const port = await freePort();
    await using locked = await startForeignServer(["--requirepass", "secret"]);
    await using wide = await startForeignServer(["--databases", "32"]);
    await using clustered = await startForeignServer(["--cluster-enabled", "yes"]);
    const cases = [
      [[{ Address: "127.0.0.1", Port: port }], /refuses connections/],
      [[{ Address: "no-such-host.invalid", Port: 6379 }], /leads nowhere/],
      [locked.endpoints, /password/],
      [wide.endpoints, /databases/],
      [clustered.endpoints, /cluster mode/],
    ] as const;
    for (const [list, why] of cases) {
      const named = { ReplicationGroupId: id, CustomerNodeEndpointList: [...list] };
      await client.send(new TestMigrationCommand(named));
      await untilEvent(id, new RegExp(`^Migration test failed.*${why.source}`));
      await waitForGroup(client, id, "available", createdWithinMs);
    }
  });

  test("starts only where it can, and ends only where it goes on", async () => {
    const id = "plain";
    await createGroup(client, id, { NumCacheClusters: 2 });
    const CustomerNodeEndpointList = [{ Address: "127.0.0.1", Port: 6379 }];
    const named = { ReplicationGroupId: id, CustomerNodeEndpointList };
    await expect(client.send(new StartMigrationCommand(named))).rejects.toThrow(/Multi-AZ/);
    const request = new CompleteMigrationCommand({ ReplicationGroupId: id });
    await expect(client.send(request)).rejects.toMatchObject({
      name: "ReplicationGroupNotUnderMigrationFault",
    });
  });

  test("never sends Larder's login to the source", async () => {
    const id = "discreet";
    await target(id);
    const port = await freePort();
    await using stranger = await recordingPrimary("127.0.0.1", port);
    const source = [{ Address: "127.0.0.1", Port: port }];
    const named = { ReplicationGroupId: id, CustomerNodeEndpointList: source };
    await client.send(new StartMigrationCommand(named));
    await until("an engine came", () => /PSYNC/i.test(stranger.received()) || "not yet", {
      withinMs,
    });
    // A primary that is lost, and one that takes over, come as they are started or promoted.
    const primary = (await nodesOf(server, id)).find((node) => node.role === "primary");
    process.kill(primary?.pid ?? 0, "SIGKILL");
    const before = stranger.connections();
    await until("others came", () => stranger.connections() > before + 3 || "not yet", {
      withinMs,
    });
    await client.send(new CompleteMigrationCommand({ ReplicationGroupId: id, Force: true }));
    await waitForGroup(client, id, "available", withinMs);
    expect(stranger.received()).not.toMatch(/AUTH|larder/i);
    const modified = { ReplicationGroupId: id, ReplicationGroupDescription: "on its own again" };
    await client.send(new ModifyReplicationGroupCommand(modified));
    const found = await client.send(
      new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }),
    );
    expect(found.ReplicationGroups?.[0]?.Description).toBe("on its own again");
  });
});
