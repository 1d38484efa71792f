import { homeOf } from "@larder/server/resources/global-replication-group.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import {
  deleteCacheParameterGroup,
  describeCacheParameterGroups,
} from "@larder/server/services/elasticache/parameter-groups.ts";
import { modifyCacheParameterGroup } from "@larder/server/services/elasticache/parameter-values.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { deleteReplicationGroup } from "@larder/server/services/elasticache/replication-groups-delete.ts";
import { expect, test } from "vitest";
import { group } from "./support/bad-request.ts";
import { settle } from "./support/settle.ts";
import { newWorld, type World } from "./support/world.ts";

const far = "eu-west-1";
const global = { GlobalReplicationGroupId: "ldgnf-g" };

/** A datastore around a group with that parameter group, and with one secondary. */
function datastore(world: World, parameterGroup: string): void {
  world.have("CreateReplicationGroup", {
    ...{ ...group("near", parameterGroup), CacheNodeType: "cache.m6g.large", NumCacheClusters: 1 },
  });
  world.have("CreateGlobalReplicationGroup", {
    ...{ GlobalReplicationGroupIdSuffix: "g", PrimaryReplicationGroupId: "near" },
  });
  const asked = {
    ...{ ReplicationGroupId: "far", ReplicationGroupDescription: "far", NumCacheClusters: 1 },
    ...global,
  };
  createReplicationGroup(asked, callFrom(world, far));
  settleEverywhere(world);
}

function createOwnGroup(world: World): void {
  world.have("CreateCacheParameterGroup", {
    ...{ CacheParameterGroupName: "mine", CacheParameterGroupFamily: "redis7", Description: "m" },
  });
  world.have("ModifyCacheParameterGroup", setting("mine", "noeviction"));
}

const callFrom = (world: World, region: string) => ({ ...world.call, region });

function settleEverywhere(world: World): void {
  world.settle();
  settle(callFrom(world, far));
}

function setting(CacheParameterGroupName: string, ParameterValue: string) {
  const values = [{ ParameterName: "maxmemory-policy", ParameterValue }];
  return { CacheParameterGroupName, ParameterNameValues: values };
}

function policyIn(world: World, region: string, name: string): string | undefined {
  const home = homeOf(world.call, { region, id: "" });
  return world.store.get(refIn(home, "parameter-group", name))?.spec.values["maxmemory-policy"];
}

/** The parameter groups of both members, the primary's first. */
function groupsOf(world: World): readonly [string, string] {
  const near = world.store.get(refIn(world.call, "replication-group", "near"));
  const other = world.store.get(refIn(callFrom(world, far), "replication-group", "far"));
  return [near?.spec.parameterGroup ?? "", other?.spec.parameterGroup ?? ""];
}

function described(world: World, region: string, CacheParameterGroupName: string) {
  const call = callFrom(world, region);
  return describeCacheParameterGroups({ CacheParameterGroupName }, call).CacheParameterGroups?.[0];
}

test("each member has a copy of the primary's parameter group, and a change of either is one of both", () => {
  using world = newWorld();
  createOwnGroup(world);
  datastore(world, "mine");
  const [near, other] = groupsOf(world);
  expect(near).toMatch(/^global-datastore-near[a-z0-9]{4}$/);
  expect(other).toMatch(/^global-datastore-far[a-z0-9]{4}$/);
  expect([policyIn(world, "us-east-1", near), policyIn(world, far, other)]).toEqual([
    "noeviction",
    "noeviction",
  ]);
  world.have("ModifyCacheParameterGroup", setting(near, "allkeys-lru"));
  expect(policyIn(world, far, other)).toBe("allkeys-lru");
  modifyCacheParameterGroup(setting(other, "allkeys-lfu"), callFrom(world, far));
  expect(policyIn(world, "us-east-1", near)).toBe("allkeys-lfu");
  expect(policyIn(world, "us-east-1", "mine")).toBe("noeviction");
  expect(described(world, "us-east-1", "mine")?.IsGlobal).toBe(false);
  for (const [region, name] of [["us-east-1", near] as const, [far, other] as const]) {
    expect(described(world, region, name)).toMatchObject({
      ...{ CacheParameterGroupFamily: "redis7", IsGlobal: true },
      Description: "Created by ElastiCache to be used by global cluster ldgnf-g",
    });
  }
});

test("members of a datastore around a default parameter group have copies that can be changed", () => {
  using world = newWorld();
  datastore(world, "default.redis7");
  const [near, other] = groupsOf(world);
  world.have("ModifyCacheParameterGroup", setting(near, "allkeys-lru"));
  expect(policyIn(world, far, other)).toBe("allkeys-lru");
});

test("a member's copy cannot be deleted while it is used, and stays when its user is gone", () => {
  using world = newWorld();
  datastore(world, "default.redis7");
  const [near, other] = groupsOf(world);
  const there = callFrom(world, far);
  const named = { CacheParameterGroupName: other };
  const inUse = expect.objectContaining({ code: "InvalidCacheParameterGroupState" });
  expect(() => deleteCacheParameterGroup(named, there)).toThrow(inUse);
  world.have("DisassociateGlobalReplicationGroup", {
    ...{ ...global, ReplicationGroupId: "far", ReplicationGroupRegion: far },
  });
  expect(described(world, far, other)?.IsGlobal).toBe(false);
  modifyCacheParameterGroup(setting(other, "allkeys-lru"), there);
  expect(policyIn(world, "us-east-1", near)).toBeUndefined();
  expect(() => deleteCacheParameterGroup(named, there)).toThrow(inUse);
  deleteReplicationGroup({ ReplicationGroupId: "far" }, there);
  settleEverywhere(world);
  expect(described(world, far, other)?.IsGlobal).toBe(false);
  deleteCacheParameterGroup(named, there);
  expect(() => described(world, far, other)).toThrow(/not found/);
});

test("the parameter group of all members changes with the engine, and then only", () => {
  using world = newWorld();
  datastore(world, "default.redis7");
  const before = groupsOf(world);
  createOwnGroup(world);
  const asked = { ...global, ApplyImmediately: true };
  const own = { ...asked, CacheParameterGroupName: "mine" };
  expect(() => world.ask("ModifyGlobalReplicationGroup", own)).toThrow(/without a change in major/);
  const engine = { ...asked, Engine: "valkey", EngineVersion: "8.0" };
  expect(() => world.ask("ModifyGlobalReplicationGroup", engine)).toThrow(/family valkey8/);
  expect(groupsOf(world)).toEqual(before);
  const both = { ...engine, CacheParameterGroupName: "default.valkey8" };
  world.have("ModifyGlobalReplicationGroup", both);
  settleEverywhere(world);
  const after = groupsOf(world);
  expect(after[0]).toMatch(/^global-datastore-near/);
  expect(described(world, far, after[1])?.CacheParameterGroupFamily).toBe("valkey8");
  expect(after).not.toEqual(before);
});

test("a change to all members is refused while one of them is busy, and changes none then", () => {
  using world = newWorld();
  datastore(world, "default.redis7");
  const ref = refIn(callFrom(world, far), "replication-group", "far");
  const busy = world.store.get(ref)!;
  world.store.setStatus(ref, { ...busy.status, state: "modifying" });
  const before = world.dump();
  const asked = { ...global, ApplyImmediately: true };
  expect(() =>
    world.ask("ModifyGlobalReplicationGroup", { ...asked, CacheNodeType: "cache.m6g.xlarge" }),
  ).toThrow(/far in eu-west-1/);
  expect(world.dump()).toEqual(before);
});

test("no datastore is made around a group whose change waits: it would reach that one alone", () => {
  using world = newWorld();
  world.have("CreateReplicationGroup", {
    ...{ ...group("near"), CacheNodeType: "cache.m6g.large", NumCacheClusters: 1 },
  });
  world.have("ModifyReplicationGroup", {
    ...{ ReplicationGroupId: "near", CacheNodeType: "cache.m6g.xlarge" },
    ApplyImmediately: false,
  });
  const named = { GlobalReplicationGroupIdSuffix: "g", PrimaryReplicationGroupId: "near" };
  expect(() => world.ask("CreateGlobalReplicationGroup", named)).toThrow(/maintenance window/);
});
