import type { CacheCluster } from "@aws-sdk/client-elasticache";
import { Fault } from "@larder/server/aws/fault.ts";
import { describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

const zoneA = "us-east-1a";
const zoneB = "us-east-1b";
const zoneC = "us-east-1c";
const small = { CacheNodeType: "cache.t4g.small" };
const solo = { ...small, CacheClusterId: "Solo", Engine: "REDIS" };
const items = { ...small, CacheClusterId: "items", Engine: "memcached", NumCacheNodes: 3 };

function describeCluster(world: World, id: string): CacheCluster {
  const { CacheClusters } = world.ask("DescribeCacheClusters", {
    ...{ CacheClusterId: id, ShowCacheNodeInfo: true },
  });
  return CacheClusters![0]!;
}

function nodesOf(world: World, id = "items"): (readonly [string, string])[] {
  return describeCluster(world, id).CacheNodes!.map(
    (node) => [node.CacheNodeId!, node.CustomerAvailabilityZone!] as const,
  );
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return error.code;
  }
}

describe("CreateCacheCluster", () => {
  test("answers while creating, without endpoints; then everything that AWS fills is there", () => {
    using world = newWorld();
    const { CacheCluster: created } = world.ask("CreateCacheCluster", solo);
    expect(created).toMatchObject({ CacheClusterId: "solo", CacheClusterStatus: "creating" });
    expect(describeCluster(world, "solo").CacheNodes).toEqual([]);
    world.settle();
    expect(describeCluster(world, "SOLO")).toMatchObject({
      ...{ CacheClusterStatus: "available", Engine: "redis", EngineVersion: "7.1" },
      ...{ NumCacheNodes: 1, PreferredAvailabilityZone: zoneA, PendingModifiedValues: {} },
      ...{ CacheSubnetGroupName: "default", CacheSecurityGroups: [], SnapshotRetentionLimit: 0 },
      ...{ AutoMinorVersionUpgrade: true, AtRestEncryptionEnabled: false, AuthTokenEnabled: false },
      ...{ NetworkType: "ipv4", IpDiscovery: "ipv4", ReplicationGroupLogDeliveryEnabled: false },
      CacheParameterGroup: {
        ...{ CacheParameterGroupName: "default.redis7", ParameterApplyStatus: "in-sync" },
        CacheNodeIdsToReboot: [],
      },
      SecurityGroups: [{ SecurityGroupId: expect.stringMatching(/^sg-/), Status: "active" }],
      PreferredMaintenanceWindow: expect.stringMatching(/^\w{3}:\d\d:\d\d-\w{3}:\d\d:\d\d$/),
      ARN: "arn:aws:elasticache:us-east-1:000000000000:cluster:solo",
      CacheNodes: [
        {
          ...{ CacheNodeId: "0001", CacheNodeStatus: "available", ParameterGroupStatus: "in-sync" },
          ...{ CustomerAvailabilityZone: zoneA, CacheNodeCreateTime: expect.any(Date) },
          Endpoint: { Address: expect.any(String), Port: 6379 },
        },
      ],
    });
  });

  test("CacheNodes only when they are asked for", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", solo);
    const [plain] = world.ask("DescribeCacheClusters", {}).CacheClusters!;
    expect(plain!.CacheNodes).toBeUndefined();
  });

  test.each([
    ["single-az", {}, [zoneA, zoneA, zoneA], zoneA],
    ["a zone", { PreferredAvailabilityZone: zoneC }, [zoneC, zoneC, zoneC], zoneC],
    ["cross-az", { AZMode: "cross-az" }, [zoneA, zoneB, zoneC], "Multiple"],
    [
      "chosen zones",
      { AZMode: "cross-az", PreferredAvailabilityZones: [zoneB, zoneB, zoneA] },
      [zoneB, zoneB, zoneA],
      "Multiple",
    ],
  ] as const)("memcached in %s", (_, settings, zones, shown) => {
    using world = newWorld();
    world.have("CreateCacheCluster", { ...items, ...settings } as never);
    expect(nodesOf(world)).toEqual([
      ["0001", zones[0]],
      ["0002", zones[1]],
      ["0003", zones[2]],
    ]);
    expect(describeCluster(world, "items")).toMatchObject({
      PreferredAvailabilityZone: shown,
      ConfigurationEndpoint: { Port: 11_211 },
    });
  });

  test("a chosen port, version, window and security group are kept", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", solo);
    const [group] = describeCluster(world, "solo").SecurityGroups!;
    world.have("CreateCacheCluster", {
      ...{ ...solo, CacheClusterId: "other", Port: 7000, EngineVersion: "7.0" },
      ...{ PreferredMaintenanceWindow: "Sun:23:30-Mon:01:00", AutoMinorVersionUpgrade: false },
      SecurityGroupIds: [group!.SecurityGroupId!],
    });
    expect(describeCluster(world, "other")).toMatchObject({
      ...{ EngineVersion: "7.0", PreferredMaintenanceWindow: "sun:23:30-mon:01:00" },
      ...{ AutoMinorVersionUpgrade: false, CacheNodes: [{ Endpoint: { Port: 7000 } }] },
    });
  });
});

describe("DescribeCacheClusters", () => {
  test("lists members and others, or only the others, in pages", () => {
    using world = newWorld();
    for (let index = 10; index < 31; index += 1) {
      world.have("CreateCacheCluster", { ...solo, CacheClusterId: `c${index}` });
    }
    world.have("CreateReplicationGroup", {
      ...{ ...small, ReplicationGroupId: "b", ReplicationGroupDescription: "d" },
      ReplicasPerNodeGroup: 1,
    });
    const first = world.ask("DescribeCacheClusters", { MaxRecords: 20 });
    const second = world.ask("DescribeCacheClusters", { MaxRecords: 20, Marker: first.Marker });
    expect([first.CacheClusters!.length, second.CacheClusters!.length]).toEqual([20, 3]);
    expect(second.Marker).toBeUndefined();
    const own = world.ask("DescribeCacheClusters", {
      ShowCacheClustersNotInReplicationGroups: true,
    });
    expect(own.CacheClusters).toHaveLength(21);
    expect(first.CacheClusters!.slice(0, 2).map((one) => one.ReplicationGroupId)).toEqual([
      "b",
      "b",
    ]);
  });
});

describe("the number of memcached nodes", () => {
  const change = (world: World, settings: object) =>
    world.ask("ModifyCacheCluster", { CacheClusterId: "items", ...settings }).CacheCluster!;

  test("rises at once when asked to", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    const changed = change(world, { NumCacheNodes: 5, ApplyImmediately: true });
    expect(changed).toMatchObject({ CacheClusterStatus: "modifying", PendingModifiedValues: {} });
    expect(nodesOf(world).map(([id]) => id)).toEqual(["0001", "0002", "0003"]);
    world.settle();
    expect(nodesOf(world).map(([id]) => id)).toEqual(["0001", "0002", "0003", "0004", "0005"]);
    expect(nodesOf(world).map(([, zone]) => zone)).toEqual([zoneA, zoneA, zoneA, zoneA, zoneA]);
  });

  test("falls by the named nodes, which show as deleting until they are gone", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    change(world, {
      ...{ NumCacheNodes: 2, CacheNodeIdsToRemove: ["0002"], ApplyImmediately: true },
    });
    const states = describeCluster(world, "items").CacheNodes!.map((node) => [
      node.CacheNodeId,
      node.CacheNodeStatus,
    ]);
    expect(states).toEqual([
      ["0001", "available"],
      ["0003", "available"],
      ["0002", "deleting"],
    ]);
    world.settle();
    expect(nodesOf(world).map(([id]) => id)).toEqual(["0001", "0003"]);
    change(world, { NumCacheNodes: 3, ApplyImmediately: true });
    world.settle();
    expect(nodesOf(world).map(([id]) => id)).toEqual(["0001", "0002", "0003"]);
  });

  test("waits for the maintenance window otherwise, and can be cancelled", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    expect(change(world, { NumCacheNodes: 4 }).PendingModifiedValues).toEqual({
      NumCacheNodes: 4,
      CacheNodeIdsToRemove: undefined,
    });
    world.settle();
    expect(nodesOf(world)).toHaveLength(3);
    expect(change(world, { NumCacheNodes: 6 }).PendingModifiedValues!.NumCacheNodes).toBe(6);
    world.settle();
    const removal = { NumCacheNodes: 2, CacheNodeIdsToRemove: ["0001"] };
    expect(change(world, removal).PendingModifiedValues).toEqual({
      NumCacheNodes: 2,
      CacheNodeIdsToRemove: ["0001"],
    });
    world.settle();
    expect(change(world, { NumCacheNodes: 3 }).PendingModifiedValues).toEqual({});
  });

  test("what waits is carried out by the next call that applies immediately", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    change(world, { NumCacheNodes: 5 });
    world.settle();
    const flushed = change(world, { ApplyImmediately: true });
    expect(flushed).toMatchObject({ NumCacheNodes: 5, PendingModifiedValues: {} });
  });

  test("new zones need cross-az, which may come in the same call", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    change(world, {
      ...{ NumCacheNodes: 5, AZMode: "cross-az", ApplyImmediately: true },
      NewAvailabilityZones: [zoneC, zoneB],
    });
    world.settle();
    expect(nodesOf(world).slice(3)).toEqual([
      ["0004", zoneC],
      ["0005", zoneB],
    ]);
    expect(describeCluster(world, "items").PreferredAvailabilityZone).toBe("Multiple");
  });
});

describe("ModifyCacheCluster", () => {
  test("settings change at once, and only while the cluster is available", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", solo);
    const input = { CacheClusterId: "solo", AutoMinorVersionUpgrade: false };
    expect(world.ask("ModifyCacheCluster", input).CacheCluster).toMatchObject({
      ...{ CacheClusterStatus: "modifying", AutoMinorVersionUpgrade: false },
    });
    expect(codeOf(() => world.ask("ModifyCacheCluster", input))).toBe("InvalidCacheClusterState");
  });

  test("naming what the cluster has is no change", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", solo);
    const { CacheCluster: same } = world.ask("ModifyCacheCluster", {
      ...{ CacheClusterId: "solo", Engine: "Redis", EngineVersion: "7.1", NumCacheNodes: 1 },
      ...{ CacheNodeType: "cache.t4g.small", CacheParameterGroupName: "default.redis7" },
    });
    expect(same!.CacheClusterStatus).toBe("available");
  });
});

describe("RebootCacheCluster", () => {
  test("shows until each node was started again, of a member too", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", items);
    world.have("CreateReplicationGroup", {
      ...{ ...small, ReplicationGroupId: "shop", ReplicationGroupDescription: "d" },
    });
    for (const id of ["items", "shop-001"]) {
      const { CacheCluster: rebooting } = world.ask("RebootCacheCluster", {
        ...{ CacheClusterId: id, CacheNodeIdsToReboot: ["0001"] },
      });
      expect(rebooting!.CacheClusterStatus, id).toBe("rebooting cluster nodes");
      expect(describeCluster(world, id).CacheNodes![0]!.CacheNodeStatus).toBe("rebooting");
      const again = { CacheClusterId: id, CacheNodeIdsToReboot: ["0001"] };
      expect(codeOf(() => world.ask("RebootCacheCluster", again))).toBe("InvalidCacheClusterState");
    }
    expect(describeCluster(world, "items").CacheNodes![1]!.CacheNodeStatus).toBe("available");
    world.settle();
    for (const id of ["items", "shop-001"]) {
      expect(describeCluster(world, id).CacheClusterStatus).toBe("available");
    }
  });
});

test("DeleteCacheCluster shows deleting until the cluster is gone", () => {
  using world = newWorld();
  world.have("CreateCacheCluster", solo);
  const { CacheCluster } = world.ask("DeleteCacheCluster", { CacheClusterId: "SOLO" });
  expect(CacheCluster!.CacheClusterStatus).toBe("deleting");
  expect(codeOf(() => world.ask("CreateCacheCluster", solo))).toBe("CacheClusterAlreadyExists");
  world.settle();
  expect(codeOf(() => describeCluster(world, "solo"))).toBe("CacheClusterNotFound");
});
