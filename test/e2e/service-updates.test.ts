import {
  BatchApplyUpdateActionCommand,
  BatchStopUpdateActionCommand,
  DescribeServiceUpdatesCommand,
  DescribeUpdateActionsCommand,
  type ElastiCacheClient,
  type UpdateAction,
} from "@aws-sdk/client-elasticache";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { type VersionedEngine, versionedEngine } from "@larder/testkit/versioned-engine.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCluster, createdWithinMs, createGroup, messagesOf } from "./support/caches.ts";
import { ioredisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const updatedWithinMs = 60_000;
/** Beside other suites on two cores; alone it is below 100 ms, plus what the client waits. */
const goesOnWithinMs = 8_000;
const before = "7.0.10";
const after = "7.0.15";
const name = "elasticache-redis-7-0-15";
const shop = { ReplicationGroupIds: ["shop"] };

let engine: VersionedEngine;
let server: TestServer;
let client: ElastiCacheClient;

beforeEach(async () => {
  engine = await versionedEngine("redis", before);
  server = await startServer({ env: { LARDER_ENGINE_PATH: engine.directory } });
  client = server.client();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

/** Installs the newer engine, which the server finds when it starts the next time. */
async function installUpdate(): Promise<void> {
  await engine.install(after);
  await server.restart();
}

/** The update's action for a cache, or null. */
async function actionOf(cache: object, withNodes = false): Promise<UpdateAction | null> {
  const asked = { ...cache, ServiceUpdateName: name, ShowNodeLevelUpdateStatus: withNodes };
  const { UpdateActions = [] } = await client.send(new DescribeUpdateActionsCommand(asked));
  return UpdateActions[0] ?? null;
}

async function apply(cache: object): Promise<void> {
  const command = new BatchApplyUpdateActionCommand({ ...cache, ServiceUpdateName: name });
  const { ProcessedUpdateActions, UnprocessedUpdateActions } = await client.send(command);
  expect(UnprocessedUpdateActions).toEqual([]);
  expect(ProcessedUpdateActions).toMatchObject([{ UpdateActionStatus: "waiting-to-start" }]);
}

async function actionIs(cache: object, status: string): Promise<UpdateAction> {
  const found: UpdateAction[] = [];
  await until(
    `the update is ${status}`,
    async () => {
      const action = await actionOf(cache);
      if (action !== null) found.push(action);
      return action?.UpdateActionStatus === status || JSON.stringify(action);
    },
    { withinMs: updatedWithinMs },
  );
  return found.at(-1)!;
}

/** Resolves as soon as at least one node is updated. */
async function firstNodeIsUpdated(): Promise<void> {
  await until(
    "a node is updated",
    async () => {
      const updated = (await actionOf(shop))?.NodesUpdated;
      return Number(updated?.split("/")[0]) > 0 || `${updated} are`;
    },
    { withinMs: updatedWithinMs },
  );
}

test("a newer engine is an update, applied on request while clients write", async () => {
  const group = await createGroup(client, "shop", { EngineVersion: "7.0" });
  // What would mend the engine is known before it is there.
  const early = new BatchApplyUpdateActionCommand({ ...shop, ServiceUpdateName: name });
  expect((await client.send(early)).UnprocessedUpdateActions).toMatchObject([
    {
      ...{ ReplicationGroupId: "shop", ErrorType: "InvalidParameterValue" },
      ErrorMessage: expect.stringContaining("redis 7.0.15 is not installed") as string,
    },
  ]);
  await installUpdate();
  const command = new DescribeServiceUpdatesCommand({ ServiceUpdateName: name });
  expect((await client.send(command)).ServiceUpdates).toMatchObject([
    {
      ...{ ServiceUpdateName: name, ServiceUpdateStatus: "available", Engine: "redis" },
      ...{ ServiceUpdateType: "security-update", ServiceUpdateSeverity: "important" },
      ServiceUpdateDescription: expect.stringContaining("CVE-2023-41056") as string,
    },
  ]);
  expect(await actionOf(shop)).toMatchObject({
    ...{ UpdateActionStatus: "not-applied", NodesUpdated: "0/3", SlaMet: "n/a" },
  });
  expect(await messagesOf(client, "cache-cluster", "shop-002")).toContain(
    "Service update is available for cache node 0001.",
  );

  await using writer = new Writer("writer", ioredisWriter(group.primary));
  await writer.writes(20, createdWithinMs);
  await apply(shop);
  expect(await actionIs(shop, "complete")).toMatchObject({ NodesUpdated: "3/3", SlaMet: "yes" });
  await waitForGroup(client, "shop", "available", updatedWithinMs);
  await writer.writes(20, createdWithinMs);
  expect(await writer.lostAt(group.primary)).toEqual([]);
  expect(writer.gapMs).toBeLessThan(goesOnWithinMs);
  const members = (await actionOf(shop, true))?.NodeGroupUpdateStatus?.[0];
  expect(members?.NodeGroupMemberUpdateStatus).toMatchObject(
    ["shop-001", "shop-002", "shop-003"].map((CacheClusterId) => ({
      ...{ CacheClusterId, CacheNodeId: "0001", NodeUpdateStatus: "complete" },
      NodeUpdateInitiatedBy: "customer",
    })),
  );
  await until(
    "events tell of the update",
    async () => {
      const messages = await messagesOf(client, "replication-group", "shop");
      const told = [`Applying service update ${name}`, `Finished applying service update ${name}`];
      return told.every((one) => messages.includes(one)) || messages.join("; ");
    },
    { withinMs: updatedWithinMs },
  );
});

test("one that is stopped leaves the nodes that it did not come to, and goes on when asked", async () => {
  const { primary } = await createGroup(client, "shop", {
    ...{ EngineVersion: "7.0", NumCacheClusters: 4 },
  });
  const redis = new Redis(primary);
  await redis.set("kept", "yes");
  redis.disconnect();
  const first = (await primaryOf(server, "shop")).pid;
  await installUpdate();
  await apply(shop);
  await firstNodeIsUpdated();
  const command = new BatchStopUpdateActionCommand({ ...shop, ServiceUpdateName: name });
  expect((await client.send(command)).UnprocessedUpdateActions).toEqual([]);
  const stopped = await actionIs(shop, "stopped");
  await waitForGroup(client, "shop", "available", updatedWithinMs);
  expect(["1/4", "2/4", "3/4"]).toContain(stopped.NodesUpdated);
  expect((await primaryOf(server, "shop")).pid).toBe(first);
  await server.restart();
  await waitForGroup(client, "shop", "available", updatedWithinMs);
  expect((await actionOf(shop))?.NodesUpdated).toBe(stopped.NodesUpdated);

  await apply(shop);
  await actionIs(shop, "complete");
  const again = new Redis(primary);
  expect(await again.get("kept")).toBe("yes");
  again.disconnect();
});

test("a server that is killed in the middle goes on with it", async () => {
  const group = await createGroup(client, "shop", { EngineVersion: "7.0" });
  await installUpdate();
  await using writer = new Writer("writer", ioredisWriter(group.primary));
  await writer.writes(20, createdWithinMs);
  await apply(shop);
  await firstNodeIsUpdated();
  await server.restart();
  expect(await actionIs(shop, "complete")).toMatchObject({ NodesUpdated: "3/3" });
  await waitForGroup(client, "shop", "available", updatedWithinMs);
  await writer.writes(20, createdWithinMs);
  expect(await writer.lostAt(group.primary)).toEqual([]);
});

test("what its owner left is applied in the maintenance window, where upgrades are automatic", async () => {
  const now = new Date();
  const windows = { EngineVersion: "7.0", PreferredMaintenanceWindow: windowAround(now) };
  const other = { EngineVersion: "7.0", PreferredMaintenanceWindow: windowAround(in12Hours(now)) };
  await createCluster(client, "now", { ...windows, Engine: "redis" });
  await createCluster(client, "later", { ...other, Engine: "redis" });
  await createCluster(client, "never", {
    ...{ ...windows, Engine: "redis", AutoMinorVersionUpgrade: false },
  });
  await installUpdate();
  expect(await actionOf({ CacheClusterIds: ["now"] })).toMatchObject({
    UpdateActionStatus: "not-applied",
  });
  await server.kill();
  makeOlder(server.dataDir, now);
  await server.restart();
  expect(await actionIs({ CacheClusterIds: ["now"] }, "complete")).toMatchObject({
    ...{ NodesUpdated: "1/1", SlaMet: "no" },
  });
  await waitForCluster(client, "now", "available", updatedWithinMs);
  expect(await actionOf({ CacheClusterIds: ["later"] })).toMatchObject({
    ...{ UpdateActionStatus: "scheduled", NodesUpdated: "0/1" },
  });
  expect(await actionOf({ CacheClusterIds: ["never"] })).toMatchObject({
    ...{ UpdateActionStatus: "not-applied", NodesUpdated: "0/1" },
  });
  expect(await messagesOf(client, "cache-cluster", "now")).toContain(
    `Applying service update ${name} in the maintenance window`,
  );
});

/** Has everything that is known be seen 40 days earlier: later than an important update is due. */
function makeOlder(dataDir: string, now: Date): void {
  const database = new DatabaseSync(join(dataDir, "state.db"));
  const at = new Date(now.getTime() - 40 * 24 * 60 * 60 * 1_000).toISOString();
  database.prepare("UPDATE resources SET created_at = ?").run(at);
  database.close();
}

/** A weekly window from an hour before `moment` to two hours after it. */
function windowAround(moment: Date): string {
  const text = (offsetHours: number) => {
    const at = new Date(moment.getTime() + offsetHours * 60 * 60 * 1_000);
    const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][at.getUTCDay()];
    return `${day}:${at.toISOString().slice(11, 16)}`;
  };
  return `${text(-1)}-${text(2)}`;
}

function in12Hours(moment: Date): Date {
  return new Date(moment.getTime() + 12 * 60 * 60 * 1_000);
}
