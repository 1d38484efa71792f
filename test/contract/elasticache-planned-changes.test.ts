import { StoppedClock } from "@larder/server/services/elasticache/call-for-tests.ts";
import type { Input, Output } from "@larder/server/services/elasticache/operation.ts";
import { describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

const [small, medium, micro] = ["cache.t4g.small", "cache.t4g.medium", "cache.t4g.micro"];
const at = { ApplyImmediately: true };
const valkey = { Engine: "valkey", EngineVersion: "8.0" };

function newShop(settings: Partial<Input<"CreateReplicationGroup">> = {}): World {
  const world = newWorld(new StoppedClock());
  world.have("CreateReplicationGroup", {
    ...{ ReplicationGroupId: "shop", ReplicationGroupDescription: "d", Engine: "redis" },
    ...{ EngineVersion: "7.0", CacheNodeType: small, NumCacheClusters: 2, ...settings },
  });
  return world;
}

function change(world: World, settings: Partial<Input<"ModifyReplicationGroup">>) {
  world.have("ModifyReplicationGroup", { ReplicationGroupId: "shop", ...settings });
  return described(world);
}

/** What the group and its first member show. */
function described(world: World) {
  const { ReplicationGroups } = world.ask("DescribeReplicationGroups", {});
  const { CacheClusters } = world.ask("DescribeCacheClusters", { CacheClusterId: "shop-001" });
  return { ...ReplicationGroups?.[0], member: CacheClusters?.[0] };
}

describe("a change of node type or engine", () => {
  test("waits for the maintenance window, shown on the group's members", () => {
    using world = newShop();
    const shop = change(world, { CacheNodeType: medium });
    expect(shop).toMatchObject({ Status: "available", CacheNodeType: small });
    expect(shop.PendingModifiedValues).toEqual({});
    expect(shop.member).toMatchObject({
      ...{ CacheNodeType: small, PendingModifiedValues: { CacheNodeType: medium } },
    });
    const both = change(world, { ...valkey });
    expect(both.member?.PendingModifiedValues).toEqual({
      ...{ CacheNodeType: medium, EngineVersion: "8.0" },
    });
    expect(both.member).toMatchObject({ Engine: "redis", EngineVersion: "7.0" });
  });

  test("is made at once with ApplyImmediately", () => {
    using world = newShop();
    const shop = change(world, { CacheNodeType: medium, ...valkey, ...at });
    expect(shop).toMatchObject({ CacheNodeType: medium, Engine: "valkey" });
    expect(shop.member).toMatchObject({
      ...{ CacheNodeType: medium, Engine: "valkey", EngineVersion: "8.0" },
      CacheParameterGroup: { CacheParameterGroupName: "default.valkey8" },
      PendingModifiedValues: {},
    });
  });

  test("is shown as pending until it begins", () => {
    using world = newShop();
    const answer: Output<"ModifyReplicationGroup"> = world.ask("ModifyReplicationGroup", {
      ...{ ReplicationGroupId: "shop", CacheNodeType: medium, ...at },
    });
    expect(answer.ReplicationGroup).toMatchObject({ Status: "modifying", CacheNodeType: small });
    expect(described(world).member?.PendingModifiedValues).toEqual({ CacheNodeType: medium });
  });

  test("takes the place of one of its kind that waits, which the current value calls off", () => {
    using world = newShop();
    change(world, { CacheNodeType: medium });
    const other = change(world, { CacheNodeType: micro });
    expect(other.member?.PendingModifiedValues).toEqual({ CacheNodeType: micro });
    expect(change(world, { CacheNodeType: small }).member?.PendingModifiedValues).toEqual({});
    change(world, valkey);
    const back = change(world, { Engine: "redis", EngineVersion: "7.0" });
    expect(back.member?.PendingModifiedValues).toEqual({});
  });

  test("that waits begins with any later request that applies immediately", () => {
    using world = newShop();
    change(world, { CacheNodeType: medium, ...valkey });
    const shop = change(world, { ReplicationGroupDescription: "now", ...at });
    expect(shop).toMatchObject({ CacheNodeType: medium, Engine: "valkey", Description: "now" });
    expect(shop.member?.PendingModifiedValues).toEqual({});
  });

  test("that waits stands in the way of an immediate one of the other kind", () => {
    using world = newShop();
    const code = "InvalidReplicationGroupState";
    const ask = (settings: Partial<Input<"ModifyReplicationGroup">>) => () =>
      world.ask("ModifyReplicationGroup", { ReplicationGroupId: "shop", ...settings });
    change(world, { CacheNodeType: medium });
    expect(ask({ ...valkey, ...at })).toThrow(expect.objectContaining({ code }));
    change(world, { CacheNodeType: small });
    change(world, valkey);
    expect(ask({ CacheNodeType: medium, ...at })).toThrow(expect.objectContaining({ code }));
    change(world, { CacheNodeType: medium });
    expect(ask({ ...valkey, ...at })).toThrow(expect.objectContaining({ code }));
    expect(ask({ CacheNodeType: micro, ...at })).toThrow(expect.objectContaining({ code }));
    // Of its own kind it only takes the place.
    change(world, { Engine: "redis", EngineVersion: "7.0" });
    expect(change(world, { CacheNodeType: micro, ...at })).toMatchObject({ CacheNodeType: micro });
  });

  test("to another family names a group of it, unless the engine's default one is left", () => {
    using world = newShop();
    const group = { CacheParameterGroupFamily: "valkey8", Description: "d" };
    world.have("CreateCacheParameterGroup", { CacheParameterGroupName: "mine", ...group });
    const shop = change(world, { ...valkey, CacheParameterGroupName: "mine" });
    const named = shop.member?.CacheParameterGroup?.CacheParameterGroupName;
    expect(named).toBe("default.redis7");
    // It is about to be used.
    expect(() =>
      world.ask("DeleteCacheParameterGroup", { CacheParameterGroupName: "mine" }),
    ).toThrow(expect.objectContaining({ code: "InvalidCacheParameterGroupState" }));
    const after = change(world, at);
    expect(after.member?.CacheParameterGroup?.CacheParameterGroupName).toBe("mine");
  });

  test("within the family keeps the parameter group", () => {
    using world = newShop();
    const shop = change(world, { EngineVersion: "7.1", ...at });
    expect(shop.member).toMatchObject({
      ...{ EngineVersion: "7.1" },
      CacheParameterGroup: { CacheParameterGroupName: "default.redis7" },
    });
  });
});

test("valkey is never changed back to redis", () => {
  using world = newShop({ Engine: "valkey", EngineVersion: "8.0" });
  expect(() =>
    world.ask("ModifyReplicationGroup", { ReplicationGroupId: "shop", Engine: "redis" }),
  ).toThrow(expect.objectContaining({ code: "InvalidParameterCombination" }));
});

test("a stand-alone cluster shows what waits, and is blocked in its own words", () => {
  using world = newWorld(new StoppedClock());
  const solo = { CacheClusterId: "solo" };
  world.have("CreateCacheCluster", {
    ...{ ...solo, Engine: "redis", EngineVersion: "7.0", CacheNodeType: small, NumCacheNodes: 1 },
  });
  const { CacheCluster } = world.have("ModifyCacheCluster", { ...solo, CacheNodeType: medium });
  expect(CacheCluster?.PendingModifiedValues).toEqual({ CacheNodeType: medium });
  expect(() => world.ask("ModifyCacheCluster", { ...solo, ...valkey, ...at })).toThrow(
    expect.objectContaining({ code: "InvalidCacheClusterState" }),
  );
  world.have("ModifyCacheCluster", { ...solo, ...at });
  const { CacheClusters } = world.ask("DescribeCacheClusters", solo);
  expect(CacheClusters?.[0]).toMatchObject({ CacheNodeType: medium, PendingModifiedValues: {} });
});
