import type { ReplicationGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "@larder/server/aws/fault.ts";
import { shardRef } from "@larder/server/resources/compile.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import { describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

function describeGroup(world: World, id = "shop"): ReplicationGroup {
  const { ReplicationGroups } = world.ask("DescribeReplicationGroups", { ReplicationGroupId: id });
  return ReplicationGroups![0]!;
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

describe("around an existing cluster", () => {
  test("the group takes over its node, password and tags; nothing restarts", () => {
    using world = newWorld();
    world.have("CreateCacheCluster", {
      ...{ CacheClusterId: "solo", CacheNodeType: "cache.t4g.small", Engine: "redis", Port: 7000 },
      Tags: [{ Key: "k", Value: "v" }],
    });
    const node = refIn(world.call, "node", "solo.0001");
    const before = world.store.get(node)!;
    const password = world.store.controlPassword(refIn(world.call, "cache-cluster", "solo"));

    const { ReplicationGroup: created } = world.ask("CreateReplicationGroup", {
      ...{ ReplicationGroupId: "shop", ReplicationGroupDescription: "d", PrimaryClusterId: "SOLO" },
    });
    expect(created).toMatchObject({ Status: "creating", MemberClusters: ["solo"] });
    world.settle();

    const after = world.store.get(node)!;
    expect([after.spec, after.status.address]).toEqual([before.spec, before.status.address]);
    expect(after.owner!.id).toBe("replication-group/shop/0001");
    const group = refIn(world.call, "replication-group", "shop");
    expect(world.store.controlPassword(group)).toBe(password);
    expect(world.store.list("cache-cluster", world.call)).toEqual([]);
    expect(describeGroup(world).NodeGroups![0]).toMatchObject({
      PrimaryEndpoint: { Port: 7000 },
      NodeGroupMembers: [{ CacheClusterId: "solo", CurrentRole: "primary" }],
    });
    for (const resource of ["replicationgroup:shop", "cluster:solo"]) {
      const ResourceName = `arn:aws:elasticache:us-east-1:000000000000:${resource}`;
      const { TagList } = world.ask("ListTagsForResource", { ResourceName });
      expect(TagList, resource).toEqual([{ Key: "k", Value: "v" }]);
    }
    world.have("IncreaseReplicaCount", {
      ...{ ReplicationGroupId: "shop", NewReplicaCount: 1, ApplyImmediately: true },
    });
    expect(describeGroup(world).MemberClusters).toEqual(["solo", "shop-001"]);
  });

  test("only while it is available", () => {
    using world = newWorld();
    world.ask("CreateCacheCluster", {
      ...{ CacheClusterId: "solo", CacheNodeType: "cache.t4g.small", Engine: "redis" },
    });
    const around = { ReplicationGroupDescription: "d", PrimaryClusterId: "solo" };
    const create = () =>
      world.ask("CreateReplicationGroup", { ...around, ReplicationGroupId: "g" });
    expect(codeOf(create)).toBe("InvalidCacheClusterState");
  });
});

test("RetainPrimaryCluster leaves the primary, as it was, on its own", () => {
  using world = newWorld();
  world.have("CreateReplicationGroup", {
    ...{ ReplicationGroupId: "shop", ReplicationGroupDescription: "d", NumCacheClusters: 3 },
    CacheNodeType: "cache.t4g.small",
  });
  world.have("ModifyReplicationGroup", {
    ...{ ReplicationGroupId: "shop", PrimaryClusterId: "shop-002" },
  });
  const node = refIn(world.call, "node", "shop-002.0001");
  const before = world.store.get(node)!;
  const password = world.store.controlPassword(refIn(world.call, "replication-group", "shop"));
  const oldShard = shardRef(world.call, "replication-group", "shop", "0001");
  const held = Object.values(world.store.get(oldShard)!.status.endpoints);

  const { ReplicationGroup } = world.ask("DeleteReplicationGroup", {
    ...{ ReplicationGroupId: "shop", RetainPrimaryCluster: true },
  });
  expect(ReplicationGroup!.Status).toBe("deleting");
  expect(ReplicationGroup!.MemberClusters).toEqual(["shop-001", "shop-003"]);
  const cluster = () =>
    world.ask("DescribeCacheClusters", { CacheClusterId: "shop-002" }).CacheClusters![0]!;
  expect(cluster().CacheClusterStatus).toBe("modifying");
  // The engine still listens there, so the addresses are not free before it left them.
  const newShard = shardRef(world.call, "cache-cluster", "shop-002", "0001");
  expect(Object.values(world.store.get(newShard)!.status.endpoints)).toEqual(held);
  expect(world.store.get(oldShard)!.deletingSince).not.toBeNull();

  world.settle();
  expect(cluster()).toMatchObject({ CacheClusterStatus: "available" });
  expect(cluster().ReplicationGroupId).toBeUndefined();
  const after = world.store.get(node)!;
  expect([after.spec, after.status.address]).toEqual([before.spec, before.status.address]);
  expect(world.store.listAll("node").map(({ id }) => id)).toEqual(["shop-002.0001"]);
  const retained = refIn(world.call, "cache-cluster", "shop-002");
  expect(world.store.controlPassword(retained)).toBe(password);
  // And round again: what was retained can be taken over once more.
  world.have("CreateReplicationGroup", {
    ...{ ReplicationGroupId: "new", ReplicationGroupDescription: "d" },
    PrimaryClusterId: "shop-002",
  });
  expect(describeGroup(world, "new").Status).toBe("available");
});
