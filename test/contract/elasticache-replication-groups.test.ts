import type { ReplicationGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "@larder/server/aws/fault.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import type { Input } from "@larder/server/services/elasticache/operation.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

const zoneA = "us-east-1a";
const zoneB = "us-east-1b";
const zoneC = "us-east-1c";

const shop = {
  ReplicationGroupId: "Shop",
  ReplicationGroupDescription: "demo",
  CacheNodeType: "cache.t4g.small",
  Engine: "Redis",
};

function describeGroup(world: World, id = "shop"): ReplicationGroup {
  const { ReplicationGroups } = world.ask("DescribeReplicationGroups", { ReplicationGroupId: id });
  return ReplicationGroups![0]!;
}

function zonesOf(world: World, id = "shop"): (string | undefined)[] {
  const [shard] = describeGroup(world, id).NodeGroups!;
  return shard!.NodeGroupMembers!.map((member) => member.PreferredAvailabilityZone);
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

function haveShop(world: World, settings: object = {}): void {
  world.have("CreateReplicationGroup", {
    ...{ ...shop, NumCacheClusters: 3, AutomaticFailoverEnabled: true, MultiAZEnabled: true },
    ...settings,
  });
}

describe("CreateReplicationGroup", () => {
  test("answers while creating: members and no node groups, failover on its way", () => {
    using world = newWorld();
    const { ReplicationGroup: group } = world.ask("CreateReplicationGroup", {
      ...{ ...shop, NumCacheClusters: 3, AutomaticFailoverEnabled: true, MultiAZEnabled: true },
    });
    expect(group).toMatchObject({
      ReplicationGroupId: "shop",
      Status: "creating",
      PendingModifiedValues: {},
      MemberClusters: ["shop-001", "shop-002", "shop-003"],
      AutomaticFailover: "enabling",
      MultiAZ: "enabled",
      Engine: "redis",
      ClusterEnabled: false,
      ClusterMode: "disabled",
      ARN: "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:shop",
      AtRestEncryptionEnabled: false,
      TransitEncryptionEnabled: false,
      AuthTokenEnabled: false,
    });
    expect(group!.NodeGroups).toBeUndefined();
    expect(group!.ConfigurationEndpoint).toBeUndefined();
  });

  test("is available with one node group, its endpoints and roles, a zone for each node", () => {
    using world = newWorld();
    haveShop(world);
    const group = describeGroup(world, "SHOP");
    expect(group).toMatchObject({ Status: "available", AutomaticFailover: "enabled" });
    expect(group.NodeGroups).toHaveLength(1);
    const [shard] = group.NodeGroups!;
    expect(shard!.PrimaryEndpoint).toEqual({ Address: expect.any(String), Port: 6379 });
    expect(shard!.ReaderEndpoint).toEqual({ Address: expect.any(String), Port: 6379 });
    expect(shard!.ReaderEndpoint).not.toEqual(shard!.PrimaryEndpoint);
    const roles = shard!.NodeGroupMembers!.map((member) => member.CurrentRole);
    expect(roles).toEqual(["primary", "replica", "replica"]);
    expect(zonesOf(world)).toEqual([zoneA, zoneB, zoneC]);
  });

  test.each([
    ["nothing", {}, 1],
    ["NumCacheClusters", { NumCacheClusters: 2 }, 2],
    ["no replicas per node group", { NumNodeGroups: 1, ReplicasPerNodeGroup: 0 }, 1],
    ["replicas per node group", { ReplicasPerNodeGroup: 5 }, 6],
    ["a configuration", { NodeGroupConfiguration: [{ ReplicaCount: 2 }] }, 3],
  ])("the number of nodes comes from %s", (_, settings, count) => {
    using world = newWorld();
    world.have("CreateReplicationGroup", { ...shop, ...settings });
    expect(describeGroup(world).MemberClusters).toHaveLength(count);
  });

  test("zones are those that were asked for, the primary's first", () => {
    using world = newWorld();
    world.have("CreateReplicationGroup", {
      ...{ ...shop, NumCacheClusters: 2, PreferredCacheClusterAZs: [zoneC, zoneA] },
    });
    world.have("CreateReplicationGroup", {
      ...{ ...shop, ReplicationGroupId: "other" },
      NodeGroupConfiguration: [
        { PrimaryAvailabilityZone: zoneB, ReplicaAvailabilityZones: [zoneB, zoneA] },
      ],
    });
    expect(zonesOf(world)).toEqual([zoneC, zoneA]);
    expect(zonesOf(world, "other")).toEqual([zoneB, zoneB, zoneA]);
  });

  test("takes values that turn off what this version does not have", () => {
    using world = newWorld();
    const off: Partial<Input<"CreateReplicationGroup">> = {
      ...{ TransitEncryptionEnabled: false, AtRestEncryptionEnabled: false },
      ...{ SnapshotRetentionLimit: 0, DataTieringEnabled: false, UserGroupIds: [] },
      NetworkType: "ipv4",
      IpDiscovery: "ipv4",
      ClusterMode: "disabled",
    };
    world.have("CreateReplicationGroup", { ...shop, ...off });
    expect(describeGroup(world).Status).toBe("available");
  });

  test("member ids pass over cache clusters of the same name", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", {
      ...{ CacheClusterId: "shop-001", CacheNodeType: "cache.t4g.small", Engine: "redis" },
    });
    world.have("CreateReplicationGroup", { ...shop, NumCacheClusters: 2 });
    expect(describeGroup(world).MemberClusters).toEqual(["shop-002", "shop-003"]);
  });

  test("300 nodes are a region's limit", () => {
    using world = newWorld();
    for (let index = 0; index < 50; index += 1) {
      const id = `g${index}`;
      world.ask("CreateReplicationGroup", { ...shop, ReplicationGroupId: id, NumCacheClusters: 6 });
    }
    const one = () => world.ask("CreateReplicationGroup", { ...shop, NumCacheClusters: 1 });
    expect(codeOf(one)).toBe("NodeQuotaForCustomerExceeded");
  });

  test("tags go to the group and its members, those of a later replica too", () => {
    using world = newWorld();
    haveShop(world, { Tags: [{ Key: "team", Value: "a" }] });
    world.have("CreateCacheCluster", {
      CacheClusterId: "extra",
      ReplicationGroupId: "shop",
      Tags: [{ Key: "own", Value: "b" }],
    });
    const tagsOf = (type: string, name: string) =>
      world.ask("ListTagsForResource", {
        ResourceName: `arn:aws:elasticache:us-east-1:000000000000:${type}:${name}`,
      }).TagList;
    const team = { Key: "team", Value: "a" };
    expect(tagsOf("replicationgroup", "shop")).toEqual([team]);
    expect(tagsOf("cluster", "shop-002")).toEqual([team]);
    expect(tagsOf("cluster", "extra")).toEqual([{ Key: "own", Value: "b" }, team]);
  });
});

describe("ModifyReplicationGroup", () => {
  test("shows modifying at once, and no change leaves it available", () => {
    using world = newWorld();
    haveShop(world);
    const same = { ReplicationGroupId: "shop", ReplicationGroupDescription: "demo" };
    expect(world.ask("ModifyReplicationGroup", same).ReplicationGroup!.Status).toBe("available");
    const other = { ...same, ReplicationGroupDescription: "other" };
    const { ReplicationGroup: group } = world.ask("ModifyReplicationGroup", other);
    expect(group).toMatchObject({ Status: "modifying", Description: "other" });
    expect(describeGroup(world).Status).toBe("modifying");
    expect(codeOf(() => world.ask("ModifyReplicationGroup", same))).toBe(
      "InvalidReplicationGroupState",
    );
    world.settle();
    expect(describeGroup(world).Status).toBe("available");
  });

  test("changes what is asked for beside the cluster mode that the group has", () => {
    using world = newWorld();
    haveShop(world);
    world.have("ModifyReplicationGroup", {
      ...{ ReplicationGroupId: "shop", ClusterMode: "disabled" },
      ReplicationGroupDescription: "another",
    });
    expect(describeGroup(world)).toMatchObject({ Description: "another", ClusterMode: "disabled" });
  });

  test("automatic failover is disabling and enabling until the shard was told", () => {
    using world = newWorld();
    haveShop(world, { MultiAZEnabled: false });
    const change = (enabled: boolean) =>
      world.ask("ModifyReplicationGroup", {
        ReplicationGroupId: "shop",
        AutomaticFailoverEnabled: enabled,
      }).ReplicationGroup!;
    const pending = (value: string) => ({
      PendingModifiedValues: { AutomaticFailoverStatus: value },
    });
    expect(change(false)).toMatchObject({ AutomaticFailover: "disabling", ...pending("disabled") });
    world.settle();
    expect(describeGroup(world).AutomaticFailover).toBe("disabled");
    expect(change(true)).toMatchObject({ AutomaticFailover: "enabling", ...pending("enabled") });
    world.settle();
    expect(describeGroup(world)).toMatchObject({
      AutomaticFailover: "enabled",
      PendingModifiedValues: {},
    });
  });

  test("PrimaryClusterId asks the shard for a handover, again after every one", () => {
    using world = newWorld();
    haveShop(world, { MultiAZEnabled: false, AutomaticFailoverEnabled: false });
    const promote = (id: string) =>
      world.ask("ModifyReplicationGroup", { ReplicationGroupId: "shop", PrimaryClusterId: id });
    const primary = () =>
      describeGroup(world).NodeGroups![0]!.NodeGroupMembers!.find(
        (member) => member.CurrentRole === "primary",
      )!.CacheClusterId;

    expect(promote("SHOP-003").ReplicationGroup).toMatchObject({
      Status: "modifying",
      PendingModifiedValues: { PrimaryClusterId: "shop-003" },
    });
    world.settle();
    expect(primary()).toBe("shop-003");
    promote("shop-001");
    world.settle();
    expect(primary()).toBe("shop-001");
    // What is the primary already needs no handover.
    expect(promote("shop-001").ReplicationGroup!.Status).toBe("available");
  });

  test("a new parameter group is applying until each member has it", () => {
    using world = newWorld();
    haveShop(world);
    world.have("CreateCacheParameterGroup", {
      ...{ CacheParameterGroupName: "lru", CacheParameterGroupFamily: "redis7", Description: "d" },
    });
    world.have("ModifyCacheParameterGroup", {
      CacheParameterGroupName: "lru",
      ParameterNameValues: [{ ParameterName: "maxmemory-policy", ParameterValue: "allkeys-lru" }],
    });
    world.have("ModifyReplicationGroup", {
      ReplicationGroupId: "shop",
      CacheParameterGroupName: "LRU",
    });
    const status = (id: string) =>
      world.ask("DescribeCacheClusters", { CacheClusterId: id }).CacheClusters![0]!
        .CacheParameterGroup;
    expect(status("shop-002")).toEqual({
      CacheParameterGroupName: "lru",
      ParameterApplyStatus: "applying",
      CacheNodeIdsToReboot: [],
    });
    world.have("RebootCacheCluster", {
      CacheClusterId: "shop-002",
      CacheNodeIdsToReboot: ["0001"],
    });
    expect(status("shop-002")).toMatchObject({
      ParameterApplyStatus: "in-sync",
      CacheNodeIdsToReboot: [],
    });
    expect(status("shop-001")).toMatchObject({ ParameterApplyStatus: "applying" });
  });
});

describe("the number of replicas", () => {
  test("rises with the next free numbers, in the zones with the fewest nodes", () => {
    using world = newWorld();
    haveShop(world);
    const count = { ReplicationGroupId: "shop", NewReplicaCount: 4, ApplyImmediately: true };
    const { ReplicationGroup: group } = world.ask("IncreaseReplicaCount", count);
    expect(group!.Status).toBe("modifying");
    const creating = world.ask("DescribeCacheClusters", { CacheClusterId: "shop-004" });
    expect(creating.CacheClusters![0]!.CacheClusterStatus).toBe("creating");
    world.settle();
    expect(describeGroup(world).MemberClusters).toEqual([
      ...["shop-001", "shop-002", "shop-003", "shop-004", "shop-005"],
    ]);
    expect(zonesOf(world)).toEqual([zoneA, zoneB, zoneC, zoneA, zoneB]);
  });

  test("rises in the zones that are asked for beside those that are used", () => {
    using world = newWorld();
    haveShop(world);
    world.have("IncreaseReplicaCount", {
      ...{ ReplicationGroupId: "shop", ApplyImmediately: true },
      ReplicaConfiguration: [
        {
          ...{ NodeGroupId: "0001", NewReplicaCount: 3 },
          PreferredAvailabilityZones: [zoneC, zoneA, zoneB, zoneC],
        },
      ],
    });
    expect(zonesOf(world)).toEqual([zoneA, zoneB, zoneC, zoneC]);
  });

  test("falls by the named replicas, which show as deleting and whose numbers stay taken", () => {
    using world = newWorld();
    haveShop(world);
    world.ask("DecreaseReplicaCount", {
      ...{ ReplicationGroupId: "shop", ApplyImmediately: true },
      ReplicasToRemove: ["Shop-002"],
    });
    expect(describeGroup(world).MemberClusters).toEqual(["shop-001", "shop-003"]);
    const [leaving] = world.ask("DescribeCacheClusters", {
      CacheClusterId: "shop-002",
    }).CacheClusters!;
    expect(leaving).toMatchObject({ CacheClusterStatus: "deleting", ReplicationGroupId: "shop" });
    const again = { CacheClusterId: "shop-002", CacheNodeType: "cache.t4g.small", Engine: "redis" };
    expect(codeOf(() => world.ask("CreateCacheCluster", again))).toBe("CacheClusterAlreadyExists");
    world.settle();
    const gone = () => world.ask("DescribeCacheClusters", { CacheClusterId: "shop-002" });
    expect(codeOf(gone)).toBe("CacheClusterNotFound");
    expect(codeOf(() => world.ask("CreateCacheCluster", again))).toBeNull();
  });

  test("falls without giving up the spread over zones", () => {
    using world = newWorld();
    haveShop(world, { NumCacheClusters: 6 });
    world.have("DecreaseReplicaCount", {
      ...{ ReplicationGroupId: "shop", NewReplicaCount: 2, ApplyImmediately: true },
    });
    expect(new Set(zonesOf(world))).toEqual(new Set([zoneA, zoneB, zoneC]));
    expect(describeGroup(world).MemberClusters).toContain("shop-001");
  });

  test("DeleteCacheCluster removes a surplus replica", () => {
    using world = newWorld();
    haveShop(world);
    const { CacheCluster } = world.ask("DeleteCacheCluster", { CacheClusterId: "shop-003" });
    expect(CacheCluster!.CacheClusterStatus).toBe("deleting");
    world.settle();
    expect(describeGroup(world).MemberClusters).toEqual(["shop-001", "shop-002"]);
  });

  test("CreateCacheCluster adds a replica of a name of its own", () => {
    using world = newWorld();
    haveShop(world);
    const { CacheCluster } = world.ask("CreateCacheCluster", {
      ...{ CacheClusterId: "Spare", ReplicationGroupId: "SHOP" },
      ...{ PreferredAvailabilityZone: zoneC, AutoMinorVersionUpgrade: true },
    });
    expect(CacheCluster).toMatchObject({
      ...{ CacheClusterId: "spare", ReplicationGroupId: "shop", CacheClusterStatus: "creating" },
      ...{ Engine: "redis", PreferredAvailabilityZone: zoneC, NumCacheNodes: 1 },
    });
    world.settle();
    expect(describeGroup(world).MemberClusters!.at(-1)).toBe("spare");
  });
});

describe("TestFailover", () => {
  const input = { ReplicationGroupId: "shop", NodeGroupId: "0001" };

  test("asks the shard to choose an heir, and says so", () => {
    using world = newWorld();
    haveShop(world);
    expect(world.ask("TestFailover", input).ReplicationGroup!.Status).toBe("modifying");
    const { spec } = world.store.get(refIn(world.call, "replication-group", "shop"))!;
    expect(spec.shards[0]!.handover).toEqual({ number: 1, to: null, reason: "test-failover" });
    const { Events } = world.ask("DescribeEvents", {});
    expect(Events!.map((event) => event.Message)).toContain(
      "Test Failover API called for node group 0001",
    );
    world.settle();
    const [shard] = describeGroup(world).NodeGroups!;
    expect(shard!.NodeGroupMembers![0]!.CurrentRole).toBe("replica");
  });

  test("15 in 24 hours, counted over every group, and again a day later", () => {
    let now = new Date("2026-03-01T12:00:00Z");
    using world = newWorld({
      now: () => now,
      monotonicMs: () => 0,
      after: () => ({ cancel: () => {} }),
    });
    haveShop(world);
    haveShop(world, { ReplicationGroupId: "other" });
    for (let calls = 0; calls < 15; calls += 1) {
      world.have("TestFailover", { ...input, ReplicationGroupId: calls % 2 ? "shop" : "other" });
    }
    expect(codeOf(() => world.ask("TestFailover", input))).toBe("APICallRateForCustomerExceeded");
    now = new Date("2026-03-02T12:00:01Z");
    expect(codeOf(() => world.ask("TestFailover", input))).toBeNull();
  });
});

describe("DeleteReplicationGroup", () => {
  test("shows deleting, members too, until it is gone", () => {
    using world = newWorld();
    haveShop(world, { Tags: [{ Key: "team", Value: "a" }] });
    const { ReplicationGroup } = world.ask("DeleteReplicationGroup", {
      ReplicationGroupId: "shop",
    });
    expect(ReplicationGroup!.Status).toBe("deleting");
    const { CacheClusters } = world.ask("DescribeCacheClusters", {});
    expect(CacheClusters!.map((one) => one.CacheClusterStatus)).toEqual([
      ...["deleting", "deleting", "deleting"],
    ]);
    const again = () => world.ask("DeleteReplicationGroup", { ReplicationGroupId: "shop" });
    expect(codeOf(again)).toBe("InvalidReplicationGroupState");
    world.settle();
    expect(codeOf(() => describeGroup(world))).toBe("ReplicationGroupNotFoundFault");
    expect(world.store.listAll("node")).toEqual([]);
  });
});

test("one name in two regions is two groups", () => {
  using world = newWorld();
  haveShop(world);
  const elsewhere = { ...world.call, region: "eu-west-1" };
  const { ReplicationGroup: other } = createReplicationGroup(shop, elsewhere);
  expect(other).toMatchObject({ Status: "creating", MemberClusters: ["shop-001"] });
  expect(other!.ARN).toBe("arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:shop");
  expect(describeGroup(world).MemberClusters).toHaveLength(3);
});
