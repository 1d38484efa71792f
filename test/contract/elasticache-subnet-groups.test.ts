import type { SubnetSpec } from "@larder/server/resources/network-specs.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import { defaultSecurityGroupId, vpcIdOf } from "@larder/server/resources/vpc.ts";
import { Networks } from "@larder/server/store/networks.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

const vpcId = "vpc-1";
const arn = "arn:aws:elasticache:us-east-1:000000000000:subnetgroup:mine";
const [zoneA, zoneB, zoneC] = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;

let world: World;

beforeEach(() => {
  world = newWorld();
  const networks = new Networks(world.store, world.call.vpc, world.call);
  const attributes = {
    ...{ isDefault: false, enableDnsSupport: true, enableDnsHostnames: false },
    enableNetworkAddressUsageMetrics: false,
  };
  // The tests' nodes have addresses from 127.31.0.0 on.
  networks.save("vpc", vpcId, { cidr: "127.31.0.0/18", ...attributes });
  addSubnet("subnet-a", { cidr: "127.31.0.0/24", zone: zoneA });
  addSubnet("subnet-b", { cidr: "127.31.1.0/24", zone: zoneB });
  addSubnet("subnet-b2", { cidr: "127.31.2.0/24", zone: zoneB });
  networks.save("security-group", "sg-1", groupSpec("default"));
  networks.save("security-group", "sg-2", groupSpec("other"));
});

afterEach(() => {
  world[Symbol.dispose]();
});

const groupSpec = (name: string) => ({ vpcId, name, description: "", rules: [] });

function addSubnet(id: string, more: Partial<SubnetSpec>): void {
  const networks = new Networks(world.store, world.call.vpc, world.call);
  const spec = { vpcId, zone: zoneA, cidr: "127.31.5.0/24", isDefault: false };
  networks.save("subnet", id, { ...spec, mapPublicIpOnLaunch: false, ...more });
}

function newGroup(...SubnetIds: string[]) {
  return world.ask("CreateCacheSubnetGroup", {
    ...{ CacheSubnetGroupName: "mine", CacheSubnetGroupDescription: "d", SubnetIds },
  }).CacheSubnetGroup!;
}

const node = { CacheNodeType: "cache.t4g.small", CacheSubnetGroupName: "mine" };
const one = { ...node, CacheClusterId: "one", Engine: "redis" };
const shop = { ...node, ReplicationGroupId: "shop", ReplicationGroupDescription: "d" };
const many = { ...node, CacheClusterId: "many", Engine: "memcached" };

const zonesOfNodes = () => world.store.list("node", world.call).map(({ spec }) => spec.zone);

describe("a subnet group", () => {
  test("is described as it was made, in lower case, its subnets in order of zone", () => {
    const made = world.ask("CreateCacheSubnetGroup", {
      ...{ CacheSubnetGroupName: "My-Group", CacheSubnetGroupDescription: "d" },
      ...{ SubnetIds: ["subnet-b", "subnet-a", "subnet-b"], Tags: [{ Key: "k", Value: "v" }] },
    });
    const shape = {
      ...{ CacheSubnetGroupName: "my-group", CacheSubnetGroupDescription: "d", VpcId: vpcId },
      ARN: "arn:aws:elasticache:us-east-1:000000000000:subnetgroup:my-group",
      SupportedNetworkTypes: ["ipv4"],
      Subnets: [
        {
          ...{ SubnetIdentifier: "subnet-a", SubnetAvailabilityZone: { Name: zoneA } },
          SupportedNetworkTypes: ["ipv4"],
        },
        {
          ...{ SubnetIdentifier: "subnet-b", SubnetAvailabilityZone: { Name: zoneB } },
          SupportedNetworkTypes: ["ipv4"],
        },
      ],
    };
    expect(made.CacheSubnetGroup).toEqual(shape);
    const { CacheSubnetGroups } = world.ask("DescribeCacheSubnetGroups", {});
    expect(CacheSubnetGroups!.map((group) => group.CacheSubnetGroupName)).toEqual([
      ...["default", "my-group"],
    ]);
    const named = { CacheSubnetGroupName: "MY-group" };
    expect(world.ask("DescribeCacheSubnetGroups", named).CacheSubnetGroups).toEqual([shape]);
    const ResourceName = shape.ARN;
    expect(world.ask("ListTagsForResource", { ResourceName }).TagList).toEqual([
      { Key: "k", Value: "v" },
    ]);
  });

  test("is tagged, changed and deleted, and its events say so", () => {
    newGroup("subnet-a");
    const Tags = [{ Key: "k", Value: "v" }];
    world.ask("AddTagsToResource", { ResourceName: arn, Tags });
    const changed = world.ask("ModifyCacheSubnetGroup", {
      ...{ CacheSubnetGroupName: "MINE", CacheSubnetGroupDescription: "other" },
      SubnetIds: ["subnet-b"],
    }).CacheSubnetGroup!;
    expect(changed.CacheSubnetGroupDescription).toBe("other");
    expect(changed.Subnets!.map((subnet) => subnet.SubnetIdentifier)).toEqual(["subnet-b"]);
    const kept = world.ask("ModifyCacheSubnetGroup", { CacheSubnetGroupName: "mine" });
    expect(kept.CacheSubnetGroup).toEqual(changed);
    expect(world.ask("RemoveTagsFromResource", { ResourceName: arn, TagKeys: ["k"] })).toEqual({
      TagList: [],
    });
    world.ask("DeleteCacheSubnetGroup", { CacheSubnetGroupName: "mine" });
    expect(() => world.ask("DescribeCacheSubnetGroups", { CacheSubnetGroupName: "mine" })).toThrow(
      expect.objectContaining({ code: "CacheSubnetGroupNotFoundFault" }),
    );
    const { Events } = world.ask("DescribeEvents", { SourceType: "cache-subnet-group" });
    expect(Events!.map((event) => event.Message)).toEqual([
      ...["Cache subnet group deleted", "Cache subnet group modified"],
      ...["Cache subnet group modified", "Cache subnet group created"],
    ]);
  });

  const create = (more: object) => () =>
    world.ask("CreateCacheSubnetGroup", {
      ...{ CacheSubnetGroupName: "new", CacheSubnetGroupDescription: "d" },
      ...{ SubnetIds: ["subnet-a"], ...more },
    });
  const modify = (CacheSubnetGroupName: string, ...SubnetIds: string[]) => {
    return () => world.ask("ModifyCacheSubnetGroup", { CacheSubnetGroupName, SubnetIds });
  };
  const remove = (CacheSubnetGroupName: string) => () =>
    world.ask("DeleteCacheSubnetGroup", { CacheSubnetGroupName });
  const twentyOne = Array.from({ length: 21 }, (_, index) => `subnet-${index}`);
  test.each([
    ["InvalidSubnet", create({ SubnetIds: ["subnet-a", "subnet-x", "subnet-y"] })],
    ["InvalidSubnet", create({ SubnetIds: ["subnet-a", "of-default"] })],
    ["CacheSubnetQuotaExceededFault", create({ SubnetIds: twentyOne })],
    ["InvalidParameterValue", create({ SubnetIds: [] })],
    ["InvalidParameterValue", create({ CacheSubnetGroupName: "a_b" })],
    ["InvalidParameterValue", create({ CacheSubnetGroupName: "a".repeat(256) })],
    ["InvalidParameterValue", create({ CacheSubnetGroupName: "" })],
    ["CacheSubnetGroupAlreadyExists", create({ CacheSubnetGroupName: "Mine" })],
    ["CacheSubnetGroupAlreadyExists", create({ CacheSubnetGroupName: "default" })],
    ["MissingParameter", create({ CacheSubnetGroupDescription: undefined })],
    ["CacheSubnetGroupNotFoundFault", modify("nobody", "subnet-a")],
    ["InvalidSubnet", modify("mine", "subnet-x")],
    ["InvalidParameterValue", modify("mine")],
    ["InvalidParameterValue", modify("default", "subnet-a")],
    ["CacheSubnetGroupNotFoundFault", remove("nobody")],
    ["CacheSubnetGroupInUse", remove("default")],
  ])("%s", (code, work) => {
    newGroup("subnet-a", "subnet-b");
    addSubnet("of-default", { vpcId: vpcIdOf(world.call) });
    const before = world.dump();
    expect(work).toThrow(expect.objectContaining({ code }));
    expect(world.dump()).toEqual(before);
  });

  test("names the subnets that are not there, as AWS does", () => {
    expect(create({ SubnetIds: ["subnet-x", "subnet-a", "subnet-y"] })).toThrow(
      "Some input subnets in :[subnet-x, subnet-y] are invalid.",
    );
  });
});

describe("caches in a subnet group", () => {
  beforeEach(() => {
    newGroup("subnet-a", "subnet-b", "subnet-b2");
  });

  test("spread over its zones only", () => {
    world.have("CreateReplicationGroup", { ...shop, NumCacheClusters: 4 });
    expect(zonesOfNodes()).toEqual([zoneA, zoneB, zoneA, zoneB]);
    world.have("IncreaseReplicaCount", {
      ...{ ReplicationGroupId: "shop", NewReplicaCount: 5, ApplyImmediately: true },
    });
    expect(zonesOfNodes().filter((zone) => zone === zoneC)).toEqual([]);
    world.have("CreateCacheCluster", { ...many, NumCacheNodes: 4, AZMode: "cross-az" });
    world.have("ModifyCacheCluster", {
      ...{ CacheClusterId: "many", NumCacheNodes: 6, ApplyImmediately: true },
    });
    const zones = world.store
      .list("node", world.call)
      .filter(({ spec }) => spec.clusterId === "many")
      .map(({ spec }) => spec.zone);
    expect(zones).toEqual([zoneA, zoneB, zoneA, zoneB, zoneA, zoneB]);
    const shards = world.store.list("shard", world.call);
    expect(shards.map(({ spec }) => spec.subnetGroup)).toEqual(["mine", "mine"]);
  });

  const inZoneC = { PreferredAvailabilityZone: zoneC };
  test.each<[string, () => unknown]>([
    ["CreateCacheCluster", () => world.ask("CreateCacheCluster", { ...one, ...inZoneC })],
    [
      "CreateCacheCluster",
      () =>
        world.ask("CreateCacheCluster", {
          ...{ ...many, NumCacheNodes: 2, AZMode: "cross-az" },
          PreferredAvailabilityZones: [zoneA, zoneC],
        }),
    ],
    [
      "CreateReplicationGroup",
      () =>
        world.ask("CreateReplicationGroup", {
          ...{ ...shop, NumCacheClusters: 2, PreferredCacheClusterAZs: [zoneA, zoneC] },
        }),
    ],
    [
      "CreateReplicationGroup",
      () =>
        world.ask("CreateReplicationGroup", {
          ...shop,
          NodeGroupConfiguration: [{ PrimaryAvailabilityZone: zoneC, ReplicaCount: 1 }],
        }),
    ],
    [
      "IncreaseReplicaCount",
      () => {
        world.have("CreateReplicationGroup", { ...shop, NumCacheClusters: 1 });
        const PreferredAvailabilityZones = [zoneA, zoneC];
        const shard = { NodeGroupId: "0001", NewReplicaCount: 1, PreferredAvailabilityZones };
        world.ask("IncreaseReplicaCount", {
          ...{ ReplicationGroupId: "shop", ApplyImmediately: true },
          ReplicaConfiguration: [shard],
        });
      },
    ],
    [
      "a replica by CreateCacheCluster",
      () => {
        world.have("CreateReplicationGroup", { ...shop, NumCacheClusters: 1 });
        const replica = { CacheClusterId: "two", ReplicationGroupId: "shop" };
        world.ask("CreateCacheCluster", { ...replica, ...inZoneC });
      },
    ],
    [
      "ModifyCacheCluster",
      () => {
        world.have("CreateCacheCluster", { ...many, NumCacheNodes: 2, AZMode: "cross-az" });
        world.ask("ModifyCacheCluster", {
          ...{ CacheClusterId: "many", NumCacheNodes: 3, NewAvailabilityZones: [zoneC] },
        });
      },
    ],
  ])("%s refuses a zone without subnet", (_name, work) => {
    expect(work).toThrow(/has subnets in us-east-1a, us-east-1b, and none in us-east-1c/);
  });

  test("cannot cross zones where there is one", () => {
    world.ask("CreateCacheSubnetGroup", {
      ...{ CacheSubnetGroupName: "one-zone", CacheSubnetGroupDescription: "d" },
      SubnetIds: ["subnet-b"],
    });
    const CacheSubnetGroupName = "one-zone";
    const wide = { ...many, CacheSubnetGroupName, NumCacheNodes: 2 };
    expect(() => world.ask("CreateCacheCluster", { ...wide, AZMode: "cross-az" })).toThrow(
      /several availability zones/,
    );
    const multiAz = { NumCacheClusters: 2, AutomaticFailoverEnabled: true, MultiAZEnabled: true };
    expect(() =>
      world.ask("CreateReplicationGroup", { ...shop, CacheSubnetGroupName, ...multiAz }),
    ).toThrow(/at least 2 availability zones/);
    world.have("CreateCacheCluster", { ...one, CacheSubnetGroupName });
    expect(zonesOfNodes()).toEqual([zoneB]);
    world.have("CreateCacheCluster", wide);
    expect(() =>
      world.ask("ModifyCacheCluster", { CacheClusterId: "many", AZMode: "cross-az" }),
    ).toThrow(/several availability zones/);
  });

  test("keep their group, and the subnets they are in", () => {
    world.have("CreateCacheCluster", { ...one, PreferredAvailabilityZone: zoneA });
    const modify = (...SubnetIds: string[]) =>
      world.ask("ModifyCacheSubnetGroup", { CacheSubnetGroupName: "mine", SubnetIds });
    const refused = expect.objectContaining({ code: "SubnetInUse" });
    expect(() => modify("subnet-b", "subnet-b2")).toThrow(refused);
    modify("subnet-a", "subnet-b2");
    expect(() => world.ask("DeleteCacheSubnetGroup", { CacheSubnetGroupName: "mine" })).toThrow(
      /in use by a cache cluster: one/,
    );
    world.ask("DeleteCacheCluster", { CacheClusterId: "one" });
    expect(() => world.ask("DeleteCacheSubnetGroup", { CacheSubnetGroupName: "mine" })).toThrow(
      expect.objectContaining({ code: "CacheSubnetGroupInUse" }),
    );
    world.settle();
    world.ask("DeleteCacheSubnetGroup", { CacheSubnetGroupName: "mine" });
  });

  test("keep a subnet in the zone of a node that has no address yet", () => {
    world.ask("CreateCacheCluster", { ...one, PreferredAvailabilityZone: zoneB });
    const modify = (...SubnetIds: string[]) =>
      world.ask("ModifyCacheSubnetGroup", { CacheSubnetGroupName: "mine", SubnetIds });
    expect(() => modify("subnet-a")).toThrow(expect.objectContaining({ code: "SubnetInUse" }));
    modify("subnet-b2");
  });
});

describe("security groups of caches", () => {
  const groupsOf = (id: string) => {
    const cluster = world.ask("DescribeCacheClusters", { CacheClusterId: id }).CacheClusters![0]!;
    return cluster.SecurityGroups;
  };

  test("are the default one of the subnet group's VPC, or those asked for", () => {
    newGroup("subnet-a");
    world.have("CreateCacheCluster", one);
    expect(groupsOf("one")).toEqual([{ SecurityGroupId: "sg-1", Status: "active" }]);
    const SecurityGroupIds = ["sg-2", "sg-1", "sg-2"];
    world.have("ModifyCacheCluster", { CacheClusterId: "one", SecurityGroupIds });
    expect(groupsOf("one")!.map((group) => group.SecurityGroupId)).toEqual(["sg-2", "sg-1"]);
    const elsewhere = { ...one, CacheClusterId: "two", CacheSubnetGroupName: undefined };
    world.have("CreateCacheCluster", elsewhere);
    expect(groupsOf("two")).toEqual([
      { SecurityGroupId: defaultSecurityGroupId(world.call), Status: "active" },
    ]);
  });

  test("must exist, and lie in that VPC", () => {
    newGroup("subnet-a");
    const refused = expect.objectContaining({ code: "InvalidParameterValue" });
    const ofDefault = defaultSecurityGroupId(world.call);
    for (const id of ["sg-3", ofDefault, ""]) {
      const SecurityGroupIds = [id];
      expect(() => world.ask("CreateCacheCluster", { ...one, SecurityGroupIds })).toThrow(refused);
      expect(() => world.ask("CreateReplicationGroup", { ...shop, SecurityGroupIds })).toThrow(
        refused,
      );
    }
    world.have("CreateReplicationGroup", shop);
    const unknown = { ReplicationGroupId: "shop", SecurityGroupIds: ["sg-3"] };
    expect(() => world.ask("ModifyReplicationGroup", unknown)).toThrow(refused);
    world.have("ModifyReplicationGroup", { ...unknown, SecurityGroupIds: ["sg-2"] });
    const { spec } = world.store.get(refIn(world.call, "replication-group", "shop"))!;
    expect(spec.securityGroupIds).toEqual(["sg-2"]);
  });

  test("are taken over from the cluster that a group is made around", () => {
    newGroup("subnet-a");
    world.have("CreateCacheCluster", { ...one, SecurityGroupIds: ["sg-2"] });
    const around = { ...shop, CacheNodeType: undefined, PrimaryClusterId: "one" };
    expect(() =>
      world.ask("CreateReplicationGroup", { ...around, SecurityGroupIds: ["sg-1"] }),
    ).toThrow(/SecurityGroupIds cannot be combined with PrimaryClusterId/);
    world.have("CreateReplicationGroup", { ...around, SecurityGroupIds: ["sg-2"] });
    const { spec } = world.store.get(refIn(world.call, "replication-group", "shop"))!;
    expect([spec.securityGroupIds, spec.subnetGroup]).toEqual([["sg-2"], "mine"]);
  });
});
