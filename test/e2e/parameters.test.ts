import {
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeEngineDefaultParametersCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
  RebootCacheClusterCommand,
  ResetCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { findNodeType } from "@larder/server/resources/node-types.ts";
import { setBeforeUse } from "@larder/server/resources/parameters/changes.ts";
import { parameterConflict } from "@larder/server/resources/parameters/conflict.ts";
import type { ParameterDefinition } from "@larder/server/resources/parameters/definition.ts";
import { findFamily } from "@larder/server/resources/parameters/families.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createCluster, createdWithinMs, createGroup, nodeAddresses } from "./support/caches.ts";
import { configOf, settingsOf } from "./support/engine-readings.ts";
import {
  familyOf,
  parameterGroup,
  setParameters,
  untilParameters,
} from "./support/parameter-groups.ts";
import {
  memcachedReading,
  outsideOf,
  readRedis,
  redisReading,
  valuesOf,
} from "./support/parameter-values.ts";
import { ioredisWriter, Writer } from "./support/writer.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const nodeTypeName = "cache.t4g.small";
const appliedWithinMs = 15_000;
const rounds = [0, 1, 2, 3, 4];
const redisFamily = enginesInstalled().filter((engine) => engine !== "memcached");
const memcached = enginesInstalled().filter((engine) => engine === "memcached");

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  // Long enough for a node that a test stops not to be replaced.
  server = await startServer({ failureTimeoutMs: 60_000 });
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

const nodeType = findNodeType(nodeTypeName)!;

/** The parameters that the API says can be set, with what is allowed. */
async function settableIn(family: string): Promise<readonly ParameterDefinition[]> {
  const { EngineDefaults } = await client.send(
    new DescribeEngineDefaultParametersCommand({ CacheParameterGroupFamily: family }),
  );
  const shown = EngineDefaults?.Parameters?.filter(({ IsModifiable }) => IsModifiable) ?? [];
  const names = new Set(shown.map(({ ParameterName }) => ParameterName));
  return findFamily(family)!.definitions.filter(({ name }) => names.has(name));
}

async function refusalOf(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  try {
    await setParameters(client, name, values);
  } catch (error) {
    return (error as Error).name;
  }
  throw new Error(`${JSON.stringify(values)} was accepted`);
}

async function addressesOf(id: string, of = server): Promise<readonly Address[]> {
  const nodes = await nodesOf(of, id);
  return nodes.map(({ address }) => {
    const [host = "", port = ""] = (address ?? "").split(":");
    return { host, port: Number(port) };
  });
}

const pidsOf = async (id: string) => (await nodesOf(server, id)).map(({ pid }) => pid);

describe.concurrent.each(redisFamily)("%s", (Engine) => {
  const family = familyOf[Engine];

  test("every parameter reaches every running node with any allowed value", async () => {
    const id = `every-${Engine}`;
    const name = await parameterGroup(client, id, Engine);
    await createGroup(client, id, { Engine, CacheParameterGroupName: name, NumCacheClusters: 2 });
    const pids = await pidsOf(id);
    const settable = await settableIn(family);
    const live = settable.filter(({ changeType }) => changeType === "immediate");
    expect(live.length).toBeGreaterThan(40);
    for (const round of rounds) {
      const values = valuesOf(live, round);
      await setParameters(client, name, values);
      for (const member of [`${id}-001`, `${id}-002`]) {
        await untilParameters(client, member, "in-sync", appliedWithinMs);
      }
      const wanted = Object.assign(
        {},
        ...Object.entries(values).map(([one, value]) => redisReading(one, value, nodeType)),
      ) as Record<string, string>;
      const bounded = "client-output-buffer-limit-normal-hard-limit";
      // Valkeys with CVE-2025-21605 are given a bound where the group has none.
      if (Engine === "valkey" && wanted[bounded] === "0") delete wanted[bounded];
      for (const at of await addressesOf(id)) {
        const config = readRedis(await configOf(server, `replication-group/${id}`, at));
        expect(config, `round ${round}`).toMatchObject(wanted);
      }
    }
    expect(await pidsOf(id)).toEqual(pids);
  });

  test("a value that is not allowed changes nothing, one beside it neither", async () => {
    const id = `refused-${Engine}`;
    const name = await parameterGroup(client, id, Engine);
    await createCluster(client, id, { Engine, CacheParameterGroupName: name });
    const [at] = await addressesOf(id);
    const before = await configOf(server, `cache-cluster/${id}`, at!);
    for (const [index, definition] of (await settableIn(family)).entries()) {
      const parameter = definition.name;
      const beside = parameter === "timeout" ? { "lfu-decay-time": "9" } : { timeout: "77" };
      const outside = outsideOf(definition);
      const value = outside[index % outside.length] ?? "";
      const code = await refusalOf(name, { ...beside, [parameter]: value });
      expect(code, `${parameter} ${value}`).toBe("InvalidParameterValueException");
    }
    for (const parameter of setBeforeUse) {
      const code = await refusalOf(name, { [parameter]: parameter === "databases" ? "4" : "yes" });
      expect(code).toBe("InvalidCacheParameterGroupStateFault");
    }
    expect(await configOf(server, `cache-cluster/${id}`, at!)).toEqual(before);
  });
});

describe.concurrent.each(memcached)("%s", (Engine) => {
  const family = familyOf[Engine];

  test("every parameter reaches every node at its reboot, and not before", async () => {
    const id = `every-${Engine}`;
    const name = await parameterGroup(client, id, Engine);
    const settings = { Engine, CacheParameterGroupName: name, NumCacheNodes: 2 };
    let nodes = nodeAddresses(await createCluster(client, id, settings));
    const settable = await settableIn(family);
    const { definitions } = findFamily(family)!;
    let inForce = memcachedReading(definitions, nodeType, {});
    for (const round of rounds) {
      const values = standingTogether(family, valuesOf(settable, round));
      const pids = await pidsOf(id);
      await client.send(
        new ResetCacheParameterGroupCommand({
          ...{ CacheParameterGroupName: name, ResetAllParameters: true },
        }),
      );
      await setParameters(client, name, values);
      const { CacheClusters } = await client.send(
        new DescribeCacheClustersCommand({ CacheClusterId: id, ShowCacheNodeInfo: true }),
      );
      expect(CacheClusters?.[0]?.CacheParameterGroup).toMatchObject({
        ...{ ParameterApplyStatus: "pending-reboot", CacheNodeIdsToReboot: ["0001", "0002"] },
      });
      expect(CacheClusters?.[0]?.CacheNodes?.[0]?.ParameterGroupStatus).toBe("pending-reboot");
      for (const at of nodes) expect(await settingsOf(at)).toMatchObject(inForce);
      expect(await pidsOf(id)).toEqual(pids);

      await client.send(
        new RebootCacheClusterCommand({
          ...{ CacheClusterId: id, CacheNodeIdsToReboot: ["0001", "0002"] },
        }),
      );
      const cluster = await waitForCluster(client, id, "available", createdWithinMs);
      expect(cluster.CacheParameterGroup).toMatchObject({
        ...{ ParameterApplyStatus: "in-sync", CacheNodeIdsToReboot: [] },
      });
      nodes = nodeAddresses(cluster);
      inForce = memcachedReading(definitions, nodeType, values);
      for (const at of nodes) {
        expect(await settingsOf(at), JSON.stringify(values)).toMatchObject(inForce);
      }
    }
  });

  /** The values less those that exclude each other, which the API refuses together. */
  function standingTogether(
    of: string,
    values: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    let kept: Readonly<Record<string, string>> = {};
    for (const [parameter, value] of Object.entries(values)) {
      const more = { ...kept, [parameter]: value };
      if (parameterConflict(of, more, nodeType) === null) kept = more;
    }
    return kept;
  }
});

test.concurrent("a node that cannot take a change over now shows that it applies it", async () => {
  const id = "stopped";
  const name = await parameterGroup(client, id, "redis");
  await createGroup(client, id, { CacheParameterGroupName: name, NumCacheClusters: 2 });
  const nodes = await nodesOf(server, id);
  const { pid } = nodes.find((node) => node.role === "replica")!;
  process.kill(pid!, "SIGSTOP");
  try {
    await setParameters(client, name, { timeout: "300" });
    await untilParameters(client, `${id}-001`, "in-sync", appliedWithinMs);
    await untilParameters(client, `${id}-002`, "applying", appliedWithinMs);
  } finally {
    process.kill(pid!, "SIGCONT");
  }
  await untilParameters(client, `${id}-002`, "in-sync", appliedWithinMs);
  for (const at of await addressesOf(id)) {
    expect((await configOf(server, `replication-group/${id}`, at))["timeout"]).toBe("300");
  }
});

test.concurrent("every shard of a cache in cluster mode takes over what its group says", async () => {
  const id = "sharded";
  const name = await parameterGroup(client, id, "redis", { "cluster-enabled": "yes" });
  await client.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: id, ReplicationGroupDescription: "made by a test" },
      ...{ CacheNodeType: nodeTypeName, CacheParameterGroupName: name },
      ...{ NumNodeGroups: 2, ReplicasPerNodeGroup: 1, AutomaticFailoverEnabled: true },
    }),
  );
  await waitForGroup(client, id, "available", createdWithinMs);
  const pids = await pidsOf(id);
  const inForce = (wanted: Readonly<Record<string, string>>) =>
    until(
      `every node has ${JSON.stringify(wanted)}`,
      async () => {
        for (const at of await addressesOf(id)) {
          const config = await configOf(server, `replication-group/${id}`, at);
          const other = Object.keys(wanted).find((one) => config[one] !== wanted[one]);
          if (other !== undefined) return `${at.host} has ${other} ${config[other]}`;
        }
        return true;
      },
      { withinMs: appliedWithinMs },
    );
  const changed = {
    ...{ "cluster-require-full-coverage": "yes", "cluster-allow-reads-when-down": "yes" },
    ...{ "cluster-allow-pubsubshard-when-down": "no", timeout: "300" },
  };
  await setParameters(client, name, changed);
  await inForce(changed);
  const giveGroup = (CacheParameterGroupName: string) =>
    client.send(
      new ModifyReplicationGroupCommand({ ReplicationGroupId: id, CacheParameterGroupName }),
    );
  await expect(giveGroup("default.redis7")).rejects.toThrow(/cluster-enabled no/);
  await giveGroup("default.redis7.cluster.on");
  await waitForGroup(client, id, "available", createdWithinMs);
  await inForce({
    ...{ "cluster-require-full-coverage": "no", "cluster-allow-reads-when-down": "no" },
    ...{ "cluster-allow-pubsubshard-when-down": "yes", timeout: "0" },
  });
  expect(pids).toHaveLength(4);
  expect(await pidsOf(id)).toEqual(pids);
});

test.concurrent("changes under load reach all nodes and outlive what happens to them", async () => {
  await using own = await startServer();
  const api = own.client();
  const id = "loaded";
  const name = await parameterGroup(api, id, "redis");
  const group = await createGroup(api, id, { CacheParameterGroupName: name });
  /** Waits until every node has this policy, and keeps this much of its memory back. */
  const inForce = (policy: string, reservedPercent: number) =>
    until(
      `all nodes have ${policy} and keep ${reservedPercent} % back`,
      async () => {
        const usable = String(Math.floor(nodeType.maxMemoryBytes * (1 - reservedPercent / 100)));
        for (const at of await addressesOf(id, own)) {
          const config = await configOf(own, `replication-group/${id}`, at);
          const found = [config["maxmemory-policy"], config["maxmemory"]];
          if (found.join() !== [policy, usable].join()) return `${at.host} has ${found.join()}`;
        }
        return true;
      },
      { withinMs: appliedWithinMs },
    );
  const available = () => waitForGroup(api, id, "available", createdWithinMs);
  await using writer = new Writer("w", ioredisWriter(group.primary));
  await writer.writes(50, 20_000);
  await setParameters(api, name, {
    ...{ "reserved-memory-percent": "50", "maxmemory-policy": "allkeys-lfu" },
  });
  await inForce("allkeys-lfu", 50);
  await writer.writes(50, 20_000);
  expect(writer.errors).toEqual([]);

  process.kill((await primaryOf(own, id)).pid, "SIGKILL");
  await writer.writes(50, 30_000);
  await available();
  await inForce("allkeys-lfu", 50);
  await api.send(
    new IncreaseReplicaCountCommand({
      ...{ ReplicationGroupId: id, NewReplicaCount: 3, ApplyImmediately: true },
    }),
  );
  await available();
  await inForce("allkeys-lfu", 50);

  await setParameters(api, name, { "maxmemory-policy": "noeviction" });
  await own.restart();
  await inForce("noeviction", 50);
  const CacheParameterGroupName = await parameterGroup(api, "other", "redis", {
    ...{ "reserved-memory-percent": "10", "maxmemory-policy": "volatile-ttl" },
  });
  await api.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: id, CacheParameterGroupName }),
  );
  await available();
  await inForce("volatile-ttl", 10);
  await api.send(
    new ResetCacheParameterGroupCommand({ CacheParameterGroupName, ResetAllParameters: true }),
  );
  await inForce("volatile-lru", 25);
  await writer.writes(50, 20_000);
  expect(await writer.lostAt(group.primary)).toEqual([]);
});
