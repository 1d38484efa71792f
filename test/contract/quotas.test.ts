import { Fault } from "@larder/server/aws/fault.ts";
import { createCacheCluster } from "@larder/server/services/elasticache/cache-clusters-create.ts";
import { createElastiCacheService } from "@larder/server/services/elasticache/service.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { quotas } from "@larder/server/services/elasticache/quotas.ts";
import { expect, test } from "vitest";
import { cluster, description, group } from "./support/bad-request.ts";
import { newWorld, type World } from "./support/world.ts";

type QuotaName = keyof typeof quotas;

/** How a quota is used up, and what then asks for one more. */
interface Scenario {
  readonly fill: (world: World, max: number) => void;
  readonly more: (world: World, max: number) => void;
}

function addSecondary(world: World, region: string): void {
  const asked = {
    ...{ ReplicationGroupId: "more", ReplicationGroupDescription: description },
    ...{ GlobalReplicationGroupId: "ldgnf-g", NumCacheClusters: 1 },
  };
  createReplicationGroup(asked, { ...world.call, region });
  world.settle();
}

const scenarios: { readonly [N in QuotaName]: Scenario } = {
  nodesPerRegion: {
    fill(world, max) {
      for (let index = 0; index < max / 20; index += 1) createItems(world, `c${index}`, 20);
    },
    more: (world) => {
      world.ask("CreateReplicationGroup", { ...group("shop"), NumCacheClusters: 1 });
    },
  },
  nodesPerMemcachedCluster: {
    fill: (world, max) => createItems(world, "items", max),
    more: (world, max) => createItems(world, "more", max + 1),
  },
  nodesPerShard: {
    fill(world, max) {
      world.have("CreateReplicationGroup", { ...group("shop"), NumCacheClusters: max - 1 });
      addReplica(world, "last");
    },
    more: (world) => addReplica(world, "more"),
  },
  shardsPerGroup: {
    fill: (world, max) => createClusterMode(world, "full", max, 0),
    more: (world, max) => createClusterMode(world, "more", max + 1, 0),
  },
  nodesPerCluster: {
    fill: (world, max) => createClusterMode(world, "full", max / 6, 5),
    more: (world, max) => createClusterMode(world, "more", max / 6 + 1, 5),
  },
  globalSecondaries: {
    fill(world, max) {
      const large = { ...group("first"), CacheNodeType: "cache.m6g.large" };
      world.have("CreateReplicationGroup", { ...large, NumCacheClusters: 1 });
      world.have("CreateGlobalReplicationGroup", {
        ...{ GlobalReplicationGroupIdSuffix: "g", PrimaryReplicationGroupId: "first" },
      });
      for (let index = 1; index <= max; index += 1) addSecondary(world, `us-west-${index}`);
    },
    more: (world) => addSecondary(world, "eu-west-1"),
  },
  parameterGroups: {
    fill(world, max) {
      for (let index = 0; index < max; index += 1) createParameterGroup(world, `p${index}`);
    },
    more: (world) => createParameterGroup(world, "more"),
  },
  parametersPerCall: {
    fill(world, max) {
      createParameterGroup(world, "mine");
      resetParameters(world, max);
    },
    more: (world, max) => resetParameters(world, max + 1),
  },
  tagsPerResource: {
    fill(world, max) {
      createParameterGroup(world, "mine");
      addTags(world, max);
    },
    more: (world, max) => addTags(world, max + 1),
  },
  subnetGroups: {
    fill(world, max) {
      const subnets = defaultSubnetIds(world);
      for (let index = 0; index < max; index += 1) createSubnetGroup(world, `s${index}`, subnets);
    },
    more: (world) => createSubnetGroup(world, "more", defaultSubnetIds(world)),
  },
  subnetsPerGroup: {
    // Of so many the number is right: what is wrong is that they are not there.
    fill(world, max) {
      const fault = faultOf(() => createSubnetGroup(world, "mine", madeUpSubnetIds(max)));
      expect(fault.code).toBe("InvalidSubnet");
    },
    more: (world, max) => createSubnetGroup(world, "mine", madeUpSubnetIds(max + 1)),
  },
  cachesPerUpdateRequest: {
    fill: (world, max) => describeActionsOf(world, max),
    more: (world, max) => describeActionsOf(world, max + 1),
  },
  testFailoversPerDay: {
    fill(world, max) {
      const automatic = { AutomaticFailoverEnabled: true, NumCacheClusters: 2 };
      world.have("CreateReplicationGroup", { ...group("shop"), ...automatic });
      for (let count = 0; count < max; count += 1) failOver(world);
    },
    more: failOver,
  },
  reservedNodes: {
    fill: reserve,
    more: (world) => reserve(world, 1),
  },
};

function createClusterMode(world: World, id: string, shards: number, replicas: number): void {
  world.ask("CreateReplicationGroup", {
    ...group(id, "default.redis7.cluster.on"),
    ...{ ClusterMode: "enabled", AutomaticFailoverEnabled: true },
    ...{ NumNodeGroups: shards, ReplicasPerNodeGroup: replicas },
  });
}

const rows = (Object.keys(scenarios) as QuotaName[]).map((name) => [name, quotas[name]] as const);

test.each(rows)("%s: as many as there may be, and no more", (name, { max, code }) => {
  using world = newWorld();
  const { fill, more } = scenarios[name];
  fill(world, max);
  const before = world.dump();
  const fault = faultOf(() => more(world, max));
  expect(fault.code).toBe(code);
  expect(fault.message).toMatch(new RegExp(`\\b${max}\\b`));
  expect(world.dump()).toEqual(before);
});

test("the quotas are AWS's", () => {
  expect(Object.fromEntries(rows.map(([name, { max }]) => [name, max]))).toEqual({
    nodesPerRegion: 300,
    nodesPerMemcachedCluster: 40,
    nodesPerCluster: 90,
    nodesPerShard: 6,
    shardsPerGroup: 90,
    parameterGroups: 300,
    parametersPerCall: 20,
    subnetGroups: 300,
    subnetsPerGroup: 20,
    tagsPerResource: 50,
    cachesPerUpdateRequest: 20,
    testFailoversPerDay: 15,
    globalSecondaries: 2,
    reservedNodes: 300,
  });
});

test("the quotas of one region leave another's alone", () => {
  using world = newWorld();
  scenarios.nodesPerRegion.fill(world, quotas.nodesPerRegion.max);
  const asked = { ...cluster("items"), Engine: "memcached", NumCacheNodes: 1 };
  expect(faultOf(() => createCacheCluster(asked, world.call)).code).toBe(
    quotas.nodesPerRegion.code,
  );
  const elsewhere = { ...world.call, region: "eu-west-1" };
  expect(createCacheCluster(asked, elsewhere).CacheCluster?.NumCacheNodes).toBe(1);
});

test("every quota is refused with a code that the service has, and HTTP status 400", () => {
  using world = newWorld();
  const service = createElastiCacheService(world.call);
  for (const [name, { code, message }] of rows) {
    expect(service.statusOf(code), name).toBe(400);
    expect(message, name).toContain("%n");
  }
});

function createItems(world: World, id: string, count: number): void {
  world.ask("CreateCacheCluster", { ...cluster(id), Engine: "memcached", NumCacheNodes: count });
}

function addReplica(world: World, id: string): void {
  world.have("CreateCacheCluster", { CacheClusterId: id, ReplicationGroupId: "shop" });
}

function createParameterGroup(world: World, name: string): void {
  world.ask("CreateCacheParameterGroup", {
    CacheParameterGroupName: name,
    CacheParameterGroupFamily: "redis7",
    Description: description,
  });
}

function resetParameters(world: World, count: number): void {
  const asked = { CacheParameterGroupName: "mine", MaxRecords: 100 };
  const { Parameters = [] } = world.ask("DescribeCacheParameters", asked);
  const names = Parameters.slice(0, count).map(({ ParameterName }) => ({ ParameterName }));
  expect(names).toHaveLength(count);
  world.ask("ResetCacheParameterGroup", {
    CacheParameterGroupName: "mine",
    ParameterNameValues: names,
  });
}

function addTags(world: World, count: number): void {
  world.ask("AddTagsToResource", {
    ResourceName: "arn:aws:elasticache:us-east-1:000000000000:parametergroup:mine",
    Tags: Array.from({ length: count }, (_, index) => ({ Key: `key${index}`, Value: "" })),
  });
}

function createSubnetGroup(world: World, name: string, subnetIds: string[]): void {
  world.ask("CreateCacheSubnetGroup", {
    CacheSubnetGroupName: name,
    CacheSubnetGroupDescription: description,
    SubnetIds: subnetIds,
  });
}

function defaultSubnetIds(world: World): string[] {
  const { CacheSubnetGroups: [found] = [] } = world.ask("DescribeCacheSubnetGroups", {});
  return (found?.Subnets ?? []).map(({ SubnetIdentifier: id = "" }) => id);
}

function madeUpSubnetIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `subnet-${String(index).padStart(17, "0")}`);
}

function describeActionsOf(world: World, count: number): void {
  const ids = Array.from({ length: count }, (_, index) => `shop-${index}`);
  world.ask("DescribeUpdateActions", { ReplicationGroupIds: ids });
}

function failOver(world: World): void {
  world.have("TestFailover", { ReplicationGroupId: "shop", NodeGroupId: "0001" });
}

function reserve(world: World, count: number): void {
  const { ReservedCacheNodesOfferings: offerings = [] } = world.ask(
    "DescribeReservedCacheNodesOfferings",
    {},
  );
  world.ask("PurchaseReservedCacheNodesOffering", {
    ReservedCacheNodesOfferingId: offerings[0]?.ReservedCacheNodesOfferingId,
    CacheNodeCount: count,
  });
}

function faultOf(work: () => void): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("expected a Fault");
}
