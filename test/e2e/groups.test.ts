import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DecreaseReplicaCountCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  IncreaseReplicaCountCommand,
  ListTagsForResourceCommand,
  type ReplicationGroup,
  waitUntilCacheClusterAvailable,
  waitUntilCacheClusterDeleted,
  waitUntilReplicationGroupAvailable,
  waitUntilReplicationGroupDeleted,
} from "@aws-sdk/client-elasticache";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, statusOf } from "@larder/testkit/status.ts";
import { waitForGroup, waitForNoCluster, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { lives } from "../network/fixtures.ts";
import {
  addressOf,
  createCluster,
  createdWithinMs,
  createGroup,
  groupOf,
  messagesOf,
  nodeAddresses,
} from "./support/caches.ts";
import { answererAt } from "./support/reads.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

async function describeGroup(id: string): Promise<ReplicationGroup> {
  const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id });
  return (await client.send(command)).ReplicationGroups![0]!;
}

function zonesOf(group: ReplicationGroup): readonly (string | undefined)[] {
  return group.NodeGroups![0]!.NodeGroupMembers!.map((member) => member.PreferredAvailabilityZone);
}

const pidsOf = async (id: string) =>
  Object.fromEntries((await nodesOf(server, id)).map((node) => [node.id, node.pid]));

describe.concurrent("a group as asked for", () => {
  const [a, b, c] = ["us-east-1a", "us-east-1b", "us-east-1c"];
  const shapes: Readonly<Record<string, Partial<CreateReplicationGroupCommandInput>>> = {
    alone: { NumCacheClusters: 1 },
    "no-replicas": { NumNodeGroups: 1, ReplicasPerNodeGroup: 0 },
    "two-replicas": {
      ReplicasPerNodeGroup: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
    },
    "zones-named": { NumCacheClusters: 2, PreferredCacheClusterAZs: [c, a] },
    configured: {
      NodeGroupConfiguration: [
        { NodeGroupId: "0001", PrimaryAvailabilityZone: b, ReplicaAvailabilityZones: [b, c] },
      ],
    },
    six: { NumCacheClusters: 6, Port: 7000 },
  };
  const zones: Readonly<Record<string, readonly string[]>> = {
    alone: [a],
    "no-replicas": [a],
    "two-replicas": [a, b, c],
    "zones-named": [c, a],
    configured: [b, b, c],
    six: [a, b, c, a, b, c],
  };

  test.each(Object.entries(shapes))("%s has its nodes, zones and roles", async (id, settings) => {
    const plain = { NumCacheClusters: undefined, AutomaticFailoverEnabled: undefined };
    await createGroup(client, id, { ...plain, ...settings });
    const group = await describeGroup(id);
    expect(zonesOf(group)).toEqual(zones[id]);
    const count = zones[id]!.length;
    const roles = group.NodeGroups![0]!.NodeGroupMembers!.map((member) => member.CurrentRole);
    expect(roles).toEqual(["primary", ...Array.from({ length: count - 1 }, () => "replica")]);
    const { primary, reader } = groupOf(group);
    const port = settings.Port ?? 6379;
    expect([primary.port, reader.port]).toEqual([port, port]);
    const writer = new Redis(primary);
    expect(await writer.set("k", "v")).toBe("OK");
    expect(await writer.wait(count - 1, 5_000)).toBe(count - 1);
    writer.disconnect();
    const pids = await pidsOf(id);
    const answerer = await answererAt(reader);
    // Without a replica the primary answers reads too.
    expect(Object.values(pids)).toContain(answerer);
    if (count > 1) expect(answerer).not.toBe(pids[`${id}-001`]);
    const redis = new Redis(reader);
    expect(await redis.get("k")).toBe("v");
    redis.disconnect();
  });

  test.each(engines)("%s: is described as AWS does, from the first answer on", async (Engine) => {
    const id = `described-${Engine}`;
    const created = await client.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id.toUpperCase(),
        ReplicationGroupDescription: "described",
        Engine: Engine.toUpperCase(),
        CacheNodeType: "cache.t4g.micro",
        NumCacheClusters: 2,
        MultiAZEnabled: true,
        AutomaticFailoverEnabled: true,
      }),
    );
    expect(created.ReplicationGroup).toMatchObject({
      ReplicationGroupId: id,
      Status: "creating",
      MemberClusters: [`${id}-001`, `${id}-002`],
      PendingModifiedValues: {},
      Engine,
      MultiAZ: "enabled",
    });
    expect(created.ReplicationGroup).not.toHaveProperty("NodeGroups");
    const waited = { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
    await waitUntilReplicationGroupAvailable(waited, { ReplicationGroupId: id });
    const group = await describeGroup(id);
    expect(group).toMatchObject({
      ...{ Description: "described", Status: "available", PendingModifiedValues: {} },
      ...{ AutomaticFailover: "enabled", MultiAZ: "enabled", ClusterEnabled: false },
      ...{ ClusterMode: "disabled", CacheNodeType: "cache.t4g.micro", AuthTokenEnabled: false },
      ...{ TransitEncryptionEnabled: false, AtRestEncryptionEnabled: false },
      ...{ SnapshotRetentionLimit: 0, DataTiering: "disabled", AutoMinorVersionUpgrade: true },
      ...{ NetworkType: "ipv4", IpDiscovery: "ipv4", Engine, UserGroupIds: [] },
      ...{ LogDeliveryConfigurations: [], ReplicationGroupCreateTime: expect.any(Date) },
      ARN: `arn:aws:elasticache:us-east-1:000000000000:replicationgroup:${id}`,
    });
    expect(group).not.toHaveProperty("ConfigurationEndpoint");
    expect(group.NodeGroups).toHaveLength(1);
    const [shard] = group.NodeGroups!;
    expect(shard).toMatchObject({ NodeGroupId: "0001", Status: "available" });
    expect(shard).not.toHaveProperty("Slots");
    for (const member of shard!.NodeGroupMembers!) addressOf(member.ReadEndpoint);
    const { CacheClusters = [] } = await client.send(
      new DescribeCacheClustersCommand({ CacheClusterId: `${id}-002`, ShowCacheNodeInfo: true }),
    );
    expect(CacheClusters).toMatchObject([
      {
        ...{ CacheClusterId: `${id}-002`, ReplicationGroupId: id, NumCacheNodes: 1, Engine },
        ...{ CacheClusterStatus: "available", PreferredAvailabilityZone: "us-east-1b" },
        ...{ CacheClusterCreateTime: expect.any(Date), CacheSubnetGroupName: "default" },
        CacheParameterGroup: { ParameterApplyStatus: "in-sync", CacheNodeIdsToReboot: [] },
        CacheNodes: [
          {
            ...{ CacheNodeId: "0001", CacheNodeStatus: "available" },
            ...{ CacheNodeCreateTime: expect.any(Date), ParameterGroupStatus: "in-sync" },
            CustomerAvailabilityZone: "us-east-1b",
          },
        ],
      },
    ]);
    expect(nodeAddresses(CacheClusters[0]!)).toEqual([
      addressOf(shard!.NodeGroupMembers![1]!.ReadEndpoint),
    ]);
  });

  test("the SDK's waiters see a group and a cluster come and go", async () => {
    const waited = { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
    const group = { ReplicationGroupId: "waited" };
    const cluster = { CacheClusterId: "waited-alone" };
    const small = { CacheNodeType: "cache.t4g.micro" };
    const description = { ReplicationGroupDescription: "waited for" };
    await client.send(new CreateReplicationGroupCommand({ ...group, ...description, ...small }));
    await client.send(
      new CreateCacheClusterCommand({ ...cluster, ...small, Engine: "redis", NumCacheNodes: 1 }),
    );
    const isThere = await Promise.all([
      waitUntilReplicationGroupAvailable(waited, group),
      waitUntilCacheClusterAvailable(waited, cluster),
    ]);
    const pids = [
      ...Object.values(await pidsOf("waited")),
      ...Object.values(await pidsOf("waited-alone")),
    ];
    expect(await Promise.all(pids.map((pid) => lives(pid!)))).toEqual([true, true]);
    await client.send(new DeleteReplicationGroupCommand(group));
    await client.send(new DeleteCacheClusterCommand(cluster));
    const isGone = await Promise.all([
      waitUntilReplicationGroupDeleted(waited, group),
      waitUntilCacheClusterDeleted(waited, cluster),
    ]);
    expect([...isThere, ...isGone].map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => "SUCCESS"),
    );
    expect(await Promise.all(pids.map((pid) => lives(pid!)))).toEqual([false, false]);
    expect(await messagesOf(client, "replication-group", "waited")).toEqual([
      "Replication group waited created",
      "Replication group waited deleted",
    ]);
  });
});

describe.concurrent("a group that changes", () => {
  test("gets replicas and loses them, of one's choice or of Larder's, while it serves", async () => {
    const id = "scaled";
    const group = await createGroup(client, id, { NumCacheClusters: 2 });
    const redis = new Redis(group.primary);
    await redis.set("k", "v");
    const before = await pidsOf(id);
    const all = { ReplicationGroupId: id, ApplyImmediately: true };
    const grown = await client.send(
      new IncreaseReplicaCountCommand({ ...all, NewReplicaCount: 3 }),
    );
    expect(grown.ReplicationGroup).toMatchObject({ Status: "modifying" });
    await waitForGroup(client, id, "available", createdWithinMs);
    expect(await pidsOf(id)).toMatchObject(before);
    expect(zonesOf(await describeGroup(id))).toEqual([
      ...["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1a"],
    ]);
    expect(await redis.set("k", "w")).toBe("OK");
    expect(await redis.wait(3, 5_000)).toBe(3);

    await client.send(
      new CreateCacheClusterCommand({ CacheClusterId: "by-name", ReplicationGroupId: id }),
    );
    const five = await waitForGroup(client, id, "available", createdWithinMs);
    expect(five.MemberClusters).toEqual([
      `${id}-001`,
      `${id}-002`,
      `${id}-003`,
      `${id}-004`,
      "by-name",
    ]);

    await client.send(
      new DecreaseReplicaCountCommand({ ...all, ReplicasToRemove: [`${id}-002`, `${id}-003`] }),
    );
    await waitForGroup(client, id, "available", createdWithinMs);
    await client.send(new DeleteCacheClusterCommand({ CacheClusterId: "by-name" }));
    await waitForNoCluster(client, "by-name", createdWithinMs);
    const left = await waitForGroup(client, id, "available", createdWithinMs);
    expect(left.MemberClusters).toEqual([`${id}-001`, `${id}-004`]);
    expect(await redis.get("k")).toBe("w");
    expect((await pidsOf(id))[`${id}-001`]).toBe(before[`${id}-001`]);
    expect(await lives(before[`${id}-002`]!)).toBe(false);
    redis.disconnect();
  });

  test.each(engines)(
    "%s: is made around a node and gives it back, and nothing restarts",
    async (Engine) => {
      const id = `around-${Engine}`;
      const cluster = `first-${Engine}`;
      const own = nodeAddresses(await createCluster(client, cluster, { Engine }))[0]!;
      const redis = new Redis(own);
      let closes = 0;
      redis.on("close", () => (closes += 1));
      await redis.set("k", "v");
      const { [cluster]: pid } = await pidsOf(cluster);
      await client.send(
        new CreateReplicationGroupCommand({
          ReplicationGroupId: id,
          ReplicationGroupDescription: "around a node",
          PrimaryClusterId: cluster,
        }),
      );
      const made = await waitForGroup(client, id, "available", createdWithinMs);
      expect(made.MemberClusters).toEqual([cluster]);
      expect(await answererAt(groupOf(made).primary)).toBe(pid);
      await client.send(
        new IncreaseReplicaCountCommand({
          ...{ ReplicationGroupId: id, ApplyImmediately: true, NewReplicaCount: 1 },
        }),
      );
      const grown = groupOf(await waitForGroup(client, id, "available", createdWithinMs));
      const reader = new Redis(grown.reader);
      expect(await reader.get("k")).toBe("v");
      reader.disconnect();

      await client.send(
        new DeleteReplicationGroupCommand({ ReplicationGroupId: id, RetainPrimaryCluster: true }),
      );
      await waitForNoGroup(client, id, createdWithinMs);
      const { CacheClusters } = await client.send(
        new DescribeCacheClustersCommand({ CacheClusterId: cluster }),
      );
      expect(CacheClusters).toMatchObject([{ CacheClusterStatus: "available" }]);
      expect(await pidsOf(cluster)).toEqual({ [cluster]: pid });
      expect(await redis.get("k")).toBe("v");
      expect(await redis.set("k", "w")).toBe("OK");
      expect(closes, "a client that was connected all the time").toBe(0);
      await expect(answererAt(grown.primary)).rejects.toThrow(/closed|ECONNREFUSED/);
      redis.disconnect();
    },
  );
});

describe.concurrent("names and tags", () => {
  test("the same name in two regions is two resources", async () => {
    const id = "twin";
    const other = server.client("eu-west-1");
    const [here, there] = await Promise.all([
      createGroup(client, id, { NumCacheClusters: 2 }),
      createGroup(other, id, { NumCacheClusters: 1, AutomaticFailoverEnabled: false }),
    ]);
    expect(there.primary).not.toEqual(here.primary);
    const redis = new Redis(here.primary);
    await redis.set("k", "here");
    redis.disconnect();
    const { ReplicationGroups } = await other.send(new DescribeReplicationGroupsCommand({}));
    expect(ReplicationGroups).toMatchObject([
      { ARN: "arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:twin" },
    ]);
    expect(zonesOf(ReplicationGroups![0]!)).toEqual(["eu-west-1a"]);
    await other.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }));
    await waitForNoGroup(other, id, createdWithinMs);
    const reader = new Redis(here.reader);
    expect(await reader.get("k")).toBe("here");
    reader.disconnect();
    const { caches } = await statusOf(server);
    expect(caches.filter((cache) => cache.id === id).map((cache) => cache.region)).toEqual([
      "us-east-1",
    ]);
  });

  test("a group's tags are its members' too, also of those that come later", async () => {
    const id = "tagged";
    const Tags = [{ Key: "team", Value: "shop" }];
    await createGroup(client, id, { NumCacheClusters: 2, Tags });
    await client.send(
      new IncreaseReplicaCountCommand({
        ...{ ReplicationGroupId: id, ApplyImmediately: true, NewReplicaCount: 2 },
      }),
    );
    await waitForGroup(client, id, "available", createdWithinMs);
    const arn = "arn:aws:elasticache:us-east-1:000000000000";
    for (const name of [`replicationgroup:${id}`, `cluster:${id}-001`, `cluster:${id}-003`]) {
      const command = new ListTagsForResourceCommand({ ResourceName: `${arn}:${name}` });
      expect((await client.send(command)).TagList, name).toEqual(Tags);
    }
  });
});
