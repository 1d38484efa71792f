import {
  CreateGlobalReplicationGroupCommand,
  CreateReplicationGroupCommand,
  DeleteGlobalReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeGlobalReplicationGroupsCommand,
  DescribeReplicationGroupsCommand,
  DisassociateGlobalReplicationGroupCommand,
  type ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
  ModifyReplicationGroupCommand,
  TestFailoverCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { RespConnection, RespError } from "@larder/testkit/resp-connection.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { statusOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Writers } from "../chaos/writers.ts";
import { createdWithinMs, createGroup, type Group, groupOf } from "./support/caches.ts";
import { setParameters } from "./support/parameter-groups.ts";
import { untilGlobal } from "./support/globals.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const withinMs = 60_000;
const [here, there] = ["us-east-1", "eu-west-1"] as const;
let server: TestServer;
let near: ElastiCacheClient;
let far: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer({ failureTimeoutMs: 1_000 });
  near = server.client(here);
  far = server.client(there);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A datastore with its primary here and a secondary there, each of `nodes` nodes. */
async function datastore(name: string, nodes: number, Engine = "redis") {
  const settings = {
    ...{ Engine, CacheNodeType: "cache.m6g.large", NumCacheClusters: nodes },
    AutomaticFailoverEnabled: nodes > 1,
  };
  const primary = await createGroup(near, `${name}-near`, settings);
  const created = await near.send(
    new CreateGlobalReplicationGroupCommand({
      ...{ GlobalReplicationGroupIdSuffix: name, PrimaryReplicationGroupId: primary.id },
      GlobalReplicationGroupDescription: "made by a test",
    }),
  );
  const id = created.GlobalReplicationGroup!.GlobalReplicationGroupId!;
  await untilGlobal(far, id, "primary-only");
  await far.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: `${name}-far`, ReplicationGroupDescription: "follows" },
      ...{ GlobalReplicationGroupId: id, NumCacheClusters: nodes },
    }),
  );
  const secondary = groupOf(await waitForGroup(far, `${name}-far`, "available", createdWithinMs));
  const global = await untilGlobal(far, id, "available");
  return { id, created, primary, secondary, global };
}

async function ask(at: Address, ...command: readonly string[]) {
  using connection = await RespConnection.open(at.host, at.port);
  return await connection.send(...command);
}

async function untilReads(at: Address, key: string, value: string): Promise<void> {
  await until(
    `${key} is ${value} at ${at.host}`,
    async () => {
      try {
        const found = await ask(at, "GET", key);
        return found === value || JSON.stringify(found);
      } catch (error) {
        return String(error);
      }
    },
    { withinMs },
  );
}

async function pidsOf(group: Group): Promise<readonly number[]> {
  const { caches } = await statusOf(server);
  const nodes = caches.find((one) => one.id === group.id)?.shards.flatMap((one) => one.nodes) ?? [];
  return nodes.flatMap((one) => (one.pid === null ? [] : [one.pid]));
}

const failover = (id: string, region: string, group: Group) =>
  new FailoverGlobalReplicationGroupCommand({
    ...{ GlobalReplicationGroupId: id, PrimaryRegion: region },
    PrimaryReplicationGroupId: group.id,
  });

const readonly = new RespError("READONLY You can't write against a read only replica.");

describe.concurrent("a global datastore", () => {
  test.each(engines)("of %s is written in one region and read in both", async (engine) => {
    const { id, created, primary, secondary, global } = await datastore(engine, 2, engine);
    expect(id).toBe(`ldgnf-${engine}`);
    expect(created.GlobalReplicationGroup).toMatchObject({
      ...{ Status: "creating", ClusterEnabled: false, CacheNodeType: "cache.m6g.large" },
      ARN: `arn:aws:elasticache::000000000000:globalreplicationgroup:${id}`,
    });
    expect(global.Members).toEqual([
      {
        ...{ ReplicationGroupId: primary.id, ReplicationGroupRegion: here, Role: "PRIMARY" },
        ...{ AutomaticFailover: "enabled", Status: "associated" },
      },
      {
        ...{ ReplicationGroupId: secondary.id, ReplicationGroupRegion: there, Role: "SECONDARY" },
        ...{ AutomaticFailover: "enabled", Status: "associated" },
      },
    ]);
    const found = await far.send(
      new DescribeReplicationGroupsCommand({ ReplicationGroupId: secondary.id }),
    );
    expect(found.ReplicationGroups?.[0]).toMatchObject({
      ...{ Engine: engine, CacheNodeType: "cache.m6g.large", AutomaticFailover: "enabled" },
      GlobalReplicationGroupInfo: {
        ...{ GlobalReplicationGroupId: id, GlobalReplicationGroupMemberRole: "SECONDARY" },
      },
    });
    expect(await ask(primary.primary, "SET", "a", "1")).toBe("OK");
    await untilReads(secondary.primary, "a", "1");
    await untilReads(secondary.reader, "a", "1");
    expect(await ask(secondary.primary, "SET", "a", "2")).toEqual(readonly);
  });

  test("goes on when the primary of a shard is lost, in either region", async () => {
    const { primary, secondary } = await datastore("local", 2);
    for (const [group, client] of [
      [primary, near],
      [secondary, far],
    ] as const) {
      await client.send(
        new TestFailoverCommand({ ReplicationGroupId: group.id, NodeGroupId: "0001" }),
      );
      await waitForGroup(client, group.id, "available", withinMs);
      const [first] = await pidsOf(group);
      process.kill(first!, "SIGKILL");
      await waitForGroup(client, group.id, "available", withinMs);
      const value = group.id;
      await until(
        "writes are taken again",
        async () => {
          try {
            const answer = await ask(primary.primary, "SET", "k", value);
            return answer === "OK" || JSON.stringify(answer);
          } catch (error) {
            return String(error);
          }
        },
        { withinMs },
      );
      await untilReads(secondary.primary, "k", value);
    }
  });

  test("fails over to another region under writers, and no acknowledged write is lost", async () => {
    const { id, primary, secondary } = await datastore("moved", 2);
    const writers = new Writers(primary.primary, { prefix: "w", count: 4 }).start();
    await until("writes are acknowledged", () => writers.okCount > 2_000 || `${writers.okCount}`, {
      withinMs,
    });
    const answer = await near.send(failover(id, there, secondary));
    expect(answer.GlobalReplicationGroup?.Status).toBe("modifying");
    const global = await untilGlobal(far, id, "available");
    await writers.stop();
    expect(global.Members?.map((one) => one.Role)).toEqual(["SECONDARY", "PRIMARY"]);
    const verdict = await writers.verify(secondary.primary);
    expect(verdict).toMatchObject({ lost: 0 });
    expect(verdict.acked).toBeGreaterThan(2_000);
    expect(await ask(primary.primary, "SET", "k", "v")).toEqual(readonly);
    expect(await ask(secondary.primary, "SET", "k", "v")).toBe("OK");
    await untilReads(primary.reader, "k", "v");
    // What was a primary followed without copying everything again.
    expect(await ask(secondary.primary, "INFO", "stats")).toMatch(/sync_full:[01]\r/);
  });

  test("fails over from a region whose nodes are all dead", async () => {
    const { id, primary, secondary } = await datastore("dead", 1);
    await ask(primary.primary, "SET", "k", "v");
    await untilReads(secondary.primary, "k", "v");
    await near.send(failover(id, there, secondary));
    for (const pid of await pidsOf(primary)) process.kill(pid, "SIGKILL");
    await untilGlobal(far, id, "available");
    expect(await ask(secondary.primary, "GET", "k")).toBe("v");
    expect(await ask(secondary.primary, "SET", "l", "w")).toBe("OK");
    await untilReads(primary.primary, "l", "w");
  });

  test("gives a primary that lost everything its data back", async () => {
    const { id, primary, secondary } = await datastore("saved", 2);
    await ask(primary.primary, "SET", "k", "v");
    await untilReads(secondary.primary, "k", "v");
    for (const pid of await pidsOf(primary)) process.kill(pid, "SIGKILL");
    await until(
      "the primary takes writes again",
      async () => {
        try {
          const answer = await ask(primary.primary, "SET", "l", "w");
          return answer === "OK" || JSON.stringify(answer);
        } catch (error) {
          return String(error);
        }
      },
      { withinMs },
    );
    expect(await ask(primary.primary, "GET", "k")).toBe("v");
    await untilReads(secondary.primary, "l", "w");
    await untilGlobal(far, id, "available");
  });

  test("takes a change of parameters in any region over in all", async () => {
    const { primary, secondary } = await datastore("tuned", 1);
    const { CacheClusters: members = [] } = await far.send(
      new DescribeCacheClustersCommand({ CacheClusterId: `${secondary.id}-001` }),
    );
    const name = members[0]?.CacheParameterGroup?.CacheParameterGroupName ?? "";
    await setParameters(far, name, { "maxmemory-policy": "allkeys-lfu" });
    for (const at of [primary.primary, secondary.primary]) {
      await until(
        `the policy is in force at ${at.host}`,
        async () => {
          const info = JSON.stringify(await ask(at, "INFO", "memory"));
          return info.includes("maxmemory_policy:allkeys-lfu") || info;
        },
        { withinMs },
      );
    }
  });

  test("lets a secondary go, and ends; what is left lives on", async () => {
    const { id, primary, secondary } = await datastore("ended", 1);
    await ask(primary.primary, "SET", "k", "v");
    await untilReads(secondary.primary, "k", "v");
    const refused = new DeleteReplicationGroupCommand({ ReplicationGroupId: secondary.id });
    await expect(far.send(refused)).rejects.toMatchObject({
      name: "InvalidReplicationGroupStateFault",
    });
    const change = { ReplicationGroupId: primary.id, CacheNodeType: "cache.m6g.xlarge" };
    await expect(near.send(new ModifyReplicationGroupCommand(change))).rejects.toThrow(
      /ModifyGlobalReplicationGroup/,
    );
    const request = { GlobalReplicationGroupId: id, RetainPrimaryReplicationGroup: true };
    await expect(near.send(new DeleteGlobalReplicationGroupCommand(request))).rejects.toThrow(
      /disassociate/,
    );
    await near.send(
      new DisassociateGlobalReplicationGroupCommand({
        ...{ GlobalReplicationGroupId: id, ReplicationGroupId: secondary.id },
        ReplicationGroupRegion: there,
      }),
    );
    const alone = await untilGlobal(far, id, "primary-only");
    expect(alone.Members).toHaveLength(1);
    await waitForGroup(far, secondary.id, "available", withinMs);
    expect(await ask(secondary.primary, "GET", "k")).toBe("v");
    expect(await ask(secondary.primary, "SET", "k", "w")).toBe("OK");
    await far.send(new DeleteGlobalReplicationGroupCommand(request));
    await until(
      "the datastore is gone",
      async () => {
        const { GlobalReplicationGroups: left = [] } = await near.send(
          new DescribeGlobalReplicationGroupsCommand({}),
        );
        return !left.some((one) => one.GlobalReplicationGroupId === id) || "it is there";
      },
      { withinMs },
    );
    expect(await ask(primary.primary, "SET", "k", "x")).toBe("OK");
    await near.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: primary.id }));
    await waitForNoGroup(near, primary.id, withinMs);
  });
});
