import {
  CreateCacheParameterGroupCommand,
  type ElastiCacheClient,
  ListAllowedNodeTypeModificationsCommand,
  ModifyCacheClusterCommand,
  type ModifyCacheClusterCommandInput,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
  RebootCacheClusterCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { nodeTypes } from "@larder/server/resources/node-types.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { placeOf } from "../chaos/arena.ts";
import { strays } from "../chaos/records.ts";
import {
  addressOf,
  createCluster,
  createGroup,
  type Group,
  messagesOf,
  nodeAddresses,
} from "./support/caches.ts";
import { nodeRedisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const changedWithinMs = 60_000;
const [micro, small, medium] = ["cache.t4g.micro", "cache.t4g.small", "cache.t4g.medium"];
const valkey = { Engine: "valkey", EngineVersion: "8.0" };
const now = { ApplyImmediately: true };
const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const hasValkey = enginesInstalled().includes("valkey");
/** Three quarters of a type's maxmemory: a quarter is reserved. */
const usableBytes = (name: string) =>
  Math.floor((nodeTypes.find((one) => one.name === name)?.maxMemoryBytes ?? 0) * 0.75);

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

async function modify(id: string, settings: Partial<ModifyReplicationGroupCommandInput>) {
  const input = { ReplicationGroupId: id, ...settings };
  await client.send(new ModifyReplicationGroupCommand(input));
  return waitForGroup(client, id, "available", changedWithinMs);
}

async function modifyCluster(id: string, settings: Partial<ModifyCacheClusterCommandInput>) {
  await client.send(new ModifyCacheClusterCommand({ CacheClusterId: id, ...settings }));
  return waitForCluster(client, id, "available", changedWithinMs);
}

/** A figure or text of a node's INFO, e.g. "maxmemory". */
async function infoOf({ host, port }: Address, section: string, name: string): Promise<string> {
  using connection = await RespConnection.open(host, port);
  const info = await connection.text("INFO", section);
  return new RegExp(`^${name}:(.*)\r?$`, "m").exec(info)?.[1]?.trim() ?? "";
}

async function maxMemoryOf(group: string): Promise<readonly number[]> {
  const nodes = await nodesOf(server, group);
  return Promise.all(
    nodes.map(async (one) => Number(await infoOf(placeOf(one.address), "memory", "maxmemory"))),
  );
}

async function put({ host, port }: Address, key: string, value: string): Promise<void> {
  using connection = await RespConnection.open(host, port);
  expect(await connection.send("SET", key, value)).toBe("OK");
}

async function get({ host, port }: Address, key: string): Promise<unknown> {
  using connection = await RespConnection.open(host, port);
  return await connection.send("GET", key);
}

function expectNothingLeftOver(): Promise<void> {
  const prefix = server.cidr.split(".").slice(0, 2).join(".").concat(".");
  const left = () => strays(server.dataDir, prefix);
  const look = () => left().length === 0 || left().join(", ");
  return until("nothing is left over", look, { withinMs: 10_000 });
}

/** Writes to the group until it is asked to stop; resolves with what got lost. */
async function underWrites(group: Group, work: () => Promise<void>): Promise<readonly string[]> {
  await using writer = new Writer(group.id, await nodeRedisWriter(group.primary));
  await writer.writes(20, 20_000);
  await work();
  await writer.writes(20, 20_000);
  return writer.lostAt(group.primary);
}

describe("a replication group's node type", () => {
  test.each([1, 2, 3])("goes up and down while a group of %i serves", async (size) => {
    const id = `scaled-${size}`;
    const several = size > 1;
    const group = await createGroup(client, id, {
      ...{ NumCacheClusters: size, AutomaticFailoverEnabled: several },
    });
    await put(group.primary, "kept", id);
    const before = await nodesOf(server, id);
    const change = async () => {
      const shop = await modify(id, { CacheNodeType: medium, ...now });
      expect(shop).toMatchObject({ CacheNodeType: medium, PendingModifiedValues: {} });
      expect(shop.MemberClusters).toHaveLength(size);
      expect(await maxMemoryOf(id)).toEqual(Array(size).fill(usableBytes(medium)));
    };
    // A writer that waits for a replica tells which writes must be there.
    if (several) expect(await underWrites(group, change)).toEqual([]);
    else await change();
    const after = await nodesOf(server, id);
    const places = (nodes: typeof after) => nodes.map((one) => [one.id, one.address]);
    expect(places(after)).toEqual(places(before));
    expect(await modify(id, { CacheNodeType: small, ...now })).toMatchObject({
      CacheNodeType: small,
    });
    expect(await maxMemoryOf(id)).toEqual(Array(size).fill(usableBytes(small)));
    expect(await get(group.primary, "kept")).toBe(id);
    const messages = await messagesOf(client, "replication-group", id);
    expect(messages).toContain(`Finished modifying cache node type from ${small} to ${medium}`);
    expect(await messagesOf(client, "cache-cluster", `${id}-001`)).toContain(
      `Finished modifying cache node type from ${medium} to ${small}`,
    );
    await expectNothingLeftOver();
  });

  test("does not go down where the data does not fit, and nothing changes", async () => {
    // With nearly everything reserved, a few megabytes are too much.
    const parameters = { CacheParameterGroupName: "tight" };
    await client.send(
      new CreateCacheParameterGroupCommand({
        ...{ ...parameters, CacheParameterGroupFamily: "redis7", Description: "d" },
      }),
    );
    await client.send(
      new ModifyCacheParameterGroupCommand({
        ...parameters,
        ParameterNameValues: [{ ParameterName: "reserved-memory-percent", ParameterValue: "97" }],
      }),
    );
    const group = await createGroup(client, "full", {
      ...{ ...parameters, Engine: "redis", NumCacheClusters: 2 },
    });
    const keys = Array.from({ length: 20 }, (_, index) => `megabyte:${index}`);
    for (const key of keys) await put(group.primary, key, "x".repeat(1_024 * 1_024));
    const processes = async () => (await nodesOf(server, "full")).map((one) => one.pid);
    const before = await processes();
    const shop = await modify("full", { CacheNodeType: micro, ...now });
    expect(shop).toMatchObject({ CacheNodeType: small, PendingModifiedValues: {} });
    const failed = `Failed applying modification to cache node type to ${micro}.`;
    expect(await messagesOf(client, "replication-group", "full")).toContain(failed);
    expect(await messagesOf(client, "cache-cluster", "full-002")).toContain(failed);
    expect(await processes()).toEqual(before);
    using connection = await RespConnection.open(group.primary.host, group.primary.port);
    await connection.send("DEL", ...keys);
    expect(await modify("full", { CacheNodeType: micro, ...now })).toMatchObject({
      CacheNodeType: micro,
    });
  });

  test("is listed before it can be asked for", async () => {
    await createGroup(client, "listed", { NumCacheClusters: 1, AutomaticFailoverEnabled: false });
    const { ScaleUpModifications, ScaleDownModifications } = await client.send(
      new ListAllowedNodeTypeModificationsCommand({ ReplicationGroupId: "listed" }),
    );
    expect(ScaleUpModifications).toContain(medium);
    expect(ScaleDownModifications).toContain(micro);
  });
});

describe("a change that waits", () => {
  test("is made in the maintenance window", async () => {
    const later = windowFrom(new Date(Date.now() + 24 * 3_600_000));
    await createGroup(client, "waiting", {
      ...{ NumCacheClusters: 2, PreferredMaintenanceWindow: later, Engine: "redis" },
    });
    await modify("waiting", { CacheNodeType: medium });
    const member = () => waitForCluster(client, "waiting-002", "available", changedWithinMs);
    expect(await member()).toMatchObject({
      ...{ CacheNodeType: small, PendingModifiedValues: { CacheNodeType: medium } },
    });
    await modify("waiting", { PreferredMaintenanceWindow: windowFrom(new Date()) });
    await until(
      "the waiting change was made",
      async () => {
        const { CacheNodeType } = await member();
        return CacheNodeType === medium || `its node type is ${CacheNodeType}`;
      },
      { withinMs: changedWithinMs },
    );
    const shop = await waitForGroup(client, "waiting", "available", changedWithinMs);
    expect(shop.CacheNodeType).toBe(medium);
    expect(await maxMemoryOf("waiting")).toEqual([usableBytes(medium), usableBytes(medium)]);
    expect((await member()).PendingModifiedValues).toEqual({});
  });

  test("is made with the next request that applies immediately", async () => {
    const later = windowFrom(new Date(Date.now() + 24 * 3_600_000));
    await createGroup(client, "flushed", {
      ...{ NumCacheClusters: 1, AutomaticFailoverEnabled: false },
      PreferredMaintenanceWindow: later,
    });
    await modify("flushed", { CacheNodeType: medium });
    expect(await maxMemoryOf("flushed")).toEqual([usableBytes(small)]);
    await modify("flushed", now);
    expect(await maxMemoryOf("flushed")).toEqual([usableBytes(medium)]);
  });
});

describe.skipIf(!hasValkey)("an engine upgrade", () => {
  test.each([1, 2])("of a group of %i from redis to valkey keeps what it holds", async (size) => {
    const id = `upgraded-${size}`;
    const several = size > 1;
    const group = await createGroup(client, id, {
      ...{ Engine: "redis", EngineVersion: "7.0", NumCacheClusters: size },
      AutomaticFailoverEnabled: several,
    });
    await put(group.primary, "kept", id);
    const upgrade = async () => {
      const shop = await modify(id, { ...valkey, ...now });
      expect(shop.Engine).toBe("valkey");
    };
    if (several) expect(await underWrites(group, upgrade)).toEqual([]);
    else await upgrade();
    for (const { address } of await nodesOf(server, id)) {
      expect(await infoOf(placeOf(address), "server", "server_name")).toBe("valkey");
    }
    expect(await get(group.primary, "kept")).toBe(id);
    expect(await waitForCluster(client, `${id}-001`, "available", 5_000)).toMatchObject({
      ...{ Engine: "valkey", EngineVersion: "8.0" },
      CacheParameterGroup: { CacheParameterGroupName: "default.valkey8" },
    });
    await expect(modify(id, { Engine: "redis", ...now })).rejects.toMatchObject({
      name: "InvalidParameterCombinationException",
    });
    await expectNothingLeftOver();
  });

  test("that only renames what runs already touches no process", async () => {
    await createGroup(client, "renamed", {
      ...{ Engine: "redis", EngineVersion: "7.0", NumCacheClusters: 2 },
    });
    const before = processesBelow(server.dataDir);
    await modify("renamed", { EngineVersion: "7.1", ...now });
    expect(before.filter((pid) => !processesBelow(server.dataDir).includes(pid))).toEqual([]);
    expect(await waitForCluster(client, "renamed-001", "available", 5_000)).toMatchObject({
      EngineVersion: "7.1",
    });
    await expect(modify("renamed", { EngineVersion: "7.0", ...now })).rejects.toMatchObject({
      name: "InvalidParameterCombinationException",
    });
  });
});

describe.each(engines)("a reboot of the primary of a group of %s", (Engine) => {
  test.each([1, 2])("of %i hands its role over first, and keeps what it holds", async (size) => {
    const id = `rebooted-${Engine}-${size}`;
    const several = size > 1;
    const group = await createGroup(client, id, {
      ...{ Engine, NumCacheClusters: size, AutomaticFailoverEnabled: several },
    });
    await put(group.primary, "kept", id);
    const before = await nodesOf(server, id);
    const stream = await infoOf(group.primary, "replication", "master_replid");
    const reboot = async () => {
      const asked = { CacheClusterId: `${id}-001`, CacheNodeIdsToReboot: ["0001"] };
      const { CacheCluster } = await client.send(new RebootCacheClusterCommand(asked));
      expect(CacheCluster?.CacheClusterStatus).toBe("rebooting cluster nodes");
      await waitForGroup(client, id, "available", changedWithinMs);
    };
    if (several) expect(await underWrites(group, reboot)).toEqual([]);
    else await reboot();
    const after = await nodesOf(server, id);
    expect(after.map((one) => [one.id, one.address])).toEqual(
      before.map((one) => [one.id, one.address]),
    );
    expect(after[0]?.pid).not.toBe(before[0]?.pid);
    expect((await primaryOf(server, id)).id).toBe(`${id}-00${size}`);
    // Each primary begins a stream of its own, after that of the one before: here of the spare.
    const followed = await infoOf(group.primary, "replication", "master_replid2");
    if (several) expect(followed).toBe(stream);
    else expect(followed).not.toBe(stream);
    expect(await get(group.primary, "kept")).toBe(id);
    await expectNothingLeftOver();
  });
});

test("a stand-alone node restarts with another type and engine, and keeps address and data", async () => {
  const solo = await createCluster(client, "solo", { Engine: "redis", EngineVersion: "7.0" });
  const [at] = nodeAddresses(solo);
  if (at === undefined) throw new Error("it has a node");
  await put(at, "kept", "yes");
  const settings = hasValkey ? { CacheNodeType: medium, ...valkey } : { CacheNodeType: medium };
  const changed = await modifyCluster("solo", { ...settings, ...now });
  expect(changed).toMatchObject({ ...settings, PendingModifiedValues: {} });
  expect(addressOf(changed.CacheNodes?.[0]?.Endpoint)).toEqual(at);
  expect(Number(await infoOf(at, "memory", "maxmemory"))).toBe(usableBytes(medium));
  expect(await get(at, "kept")).toBe("yes");
});

/** A window of two hours that begins just before `moment`. */
function windowFrom(moment: Date): string {
  const text = (time: Date) =>
    `${["sun", "mon", "tue", "wed", "thu", "fri", "sat"][time.getUTCDay()]}:` +
    time.toISOString().slice(11, 16);
  const from = moment.getTime() - 5 * 60_000;
  return `${text(new Date(from))}-${text(new Date(from + 2 * 3_600_000))}`;
}
