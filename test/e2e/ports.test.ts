import type { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { ModifyCacheClusterCommand, TestFailoverCommand } from "@aws-sdk/client-elasticache";
import { type Address, formatAddress } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client } from "../network/fixtures.ts";
import {
  addressOf,
  createCluster,
  createdWithinMs,
  createGroup,
  nodeAddresses,
} from "./support/caches.ts";
import { discoveringClient, settled } from "./support/memcached-clients.ts";
import { answererAt } from "./support/reads.ts";
import { ioredisWriter, nodeRedisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** The other network: one address, a port for each node and endpoint, as on macOS. */
const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const goesOnWithinMs = 10_000;
let server: TestServer;
let client: ElastiCacheClient;
let host: string;

beforeAll(async () => {
  server = await startServer({ network: "ports" });
  client = server.client();
  host = new URL(server.endpoint).hostname;
});
afterAll(() => server[Symbol.asyncDispose]());

async function whole(id: string) {
  await waitForGroup(client, id, "available", createdWithinMs);
  expect((await nodesOf(server, id)).map((node) => node.state)).toEqual(
    Array.from({ length: 3 }, () => "running"),
  );
  return primaryOf(server, id);
}

describe.concurrent("one address with a port for each", () => {
  test.each(engines)("%s: a group fails over behind its ports", async (Engine) => {
    const id = `group-${Engine}`;
    const group = await createGroup(client, id, { Engine, MultiAZEnabled: true });
    const nodes = await nodesOf(server, id);
    const places = [group.primary, group.reader].map(formatAddress);
    const all = [...places, ...nodes.map((node) => node.address)];
    expect(new Set(all).size, "a port of its own for everybody").toBe(5);
    for (const place of all) expect(place).toMatch(new RegExp(`^${host}:\\d+$`));

    await using ioredis = new Writer("ioredis", ioredisWriter(group.primary));
    await using nodeRedis = new Writer("node-redis", await nodeRedisWriter(group.primary));
    const both = [ioredis, nodeRedis];
    const goOn = () => Promise.all(both.map((writer) => writer.writes(20, goesOnWithinMs)));
    await goOn();
    const replicas = nodes.filter((node) => node.role === "replica").map((node) => node.pid);
    expect(replicas).toContain(await answererAt(group.reader));
    const reader = new Redis(group.reader);
    await expect(reader.set("k", "v")).rejects.toThrow("READONLY");
    reader.disconnect();

    const before = await primaryOf(server, id);
    process.kill(before.pid, "SIGKILL");
    await goOn();
    const after = await whole(id);
    expect(after.id).not.toBe(before.id);

    await client.send(new TestFailoverCommand({ ReplicationGroupId: id, NodeGroupId: "0001" }));
    const last = await whole(id);
    expect(last.id).not.toBe(after.id);
    await goOn();
    for (const writer of both) expect(await writer.lostAt(group.primary)).toEqual([]);
    expect(await answererAt(group.primary)).toBe(last.pid);
  });

  test("memcached's nodes are discovered, and one more as it comes", async () => {
    const settings = { Engine: "memcached", NumCacheNodes: 2 };
    const made = await createCluster(client, "items", settings);
    const configuration = addressOf(made.ConfigurationEndpoint);
    using raw = new Client(configuration);
    const listed = (nodes: readonly Address[]) =>
      nodes
        .map((at) => `${at.host}|${at.host}|${at.port}`)
        .toSorted()
        .join(" ");
    expect(await raw.ask("config get cluster\r\n", "END\r\n")).toContain(
      `\r\n1\n${listed(nodeAddresses(made))}\n\r\nEND\r\n`,
    );
    const discovering = discoveringClient(formatAddress(configuration), 200);
    let known: readonly string[] = [];
    discovering.on("autoDiscover", (nodes) => (known = nodes));
    const change = { CacheClusterId: "items", NumCacheNodes: 3, ApplyImmediately: true };
    await client.send(new ModifyCacheClusterCommand(change));
    const grown = await waitForCluster(client, "items", "available", createdWithinMs);
    await until(
      "the client knows three nodes",
      () => {
        const all = nodeAddresses(grown).map(formatAddress).toSorted();
        return known.join() === all.join() || known.join();
      },
      { withinMs: 5_000 },
    );
    await settled((done) => discovering.set("k", "v", 60, done));
    expect(await settled((done) => discovering.get("k", done))).toBe("v");
    discovering.end();
  });
});

test("a server that was killed takes up nodes and gateway, and clients notice nothing", async () => {
  const group = await createGroup(client, "taken-up");
  await using writer = new Writer("ioredis", ioredisWriter(group.primary));
  await writer.writes(20, goesOnWithinMs);
  const pids = async () => (await nodesOf(server, "taken-up")).map((node) => node.pid);
  const before = await pids();
  await server.restart();
  await whole("taken-up");
  expect(await pids()).toEqual(before);
  await writer.writes(50, goesOnWithinMs);
  expect(writer.errors).toEqual([]);
  expect(await writer.lostAt(group.primary)).toEqual([]);
});
