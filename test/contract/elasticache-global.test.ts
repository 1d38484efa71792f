import { homeOf } from "@larder/server/resources/global-replication-group.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import { describeCacheParameterGroups } from "@larder/server/services/elasticache/parameter-groups.ts";
import { modifyCacheParameterGroup } from "@larder/server/services/elasticache/parameter-values.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { expect, test } from "vitest";
import { group } from "./support/bad-request.ts";
import { newWorld, type World } from "./support/world.ts";

const far = "eu-west-1";

/** A datastore whose members use a parameter group of the caller's. */
function datastore(world: World): void {
  world.have("CreateCacheParameterGroup", {
    ...{ CacheParameterGroupName: "mine", CacheParameterGroupFamily: "redis7", Description: "m" },
  });
  world.have("ModifyCacheParameterGroup", setting("mine", "noeviction"));
  world.have("CreateReplicationGroup", {
    ...{ ...group("near", "mine"), CacheNodeType: "cache.m6g.large", NumCacheClusters: 1 },
  });
  world.have("CreateGlobalReplicationGroup", {
    ...{ GlobalReplicationGroupIdSuffix: "g", PrimaryReplicationGroupId: "near" },
  });
  const asked = {
    ...{ ReplicationGroupId: "far", ReplicationGroupDescription: "far", NumCacheClusters: 1 },
    GlobalReplicationGroupId: "ldgnf-g",
  };
  createReplicationGroup(asked, { ...world.call, region: far });
  world.settle();
}

function setting(CacheParameterGroupName: string, ParameterValue: string) {
  const values = [{ ParameterName: "maxmemory-policy", ParameterValue }];
  return { CacheParameterGroupName, ParameterNameValues: values };
}

function policyIn(world: World, region: string, name: string): string | undefined {
  const home = homeOf(world.call, { region, id: "" });
  return world.store.get(refIn(home, "parameter-group", name))?.spec.values["maxmemory-policy"];
}

test("a secondary has a copy of the primary's parameter group, and a change of either is one of both", () => {
  using world = newWorld();
  datastore(world);
  const there = { ...world.call, region: far };
  const secondary = world.store.get(refIn(there, "replication-group", "far"));
  expect(secondary?.spec).toMatchObject({
    ...{ parameterGroup: "ldgnf-g-mine", nodeType: "cache.m6g.large", engine: "redis" },
  });
  expect(policyIn(world, far, "ldgnf-g-mine")).toBe("noeviction");
  world.have("ModifyCacheParameterGroup", setting("mine", "allkeys-lru"));
  expect(policyIn(world, far, "ldgnf-g-mine")).toBe("allkeys-lru");
  modifyCacheParameterGroup(setting("ldgnf-g-mine", "allkeys-lfu"), there);
  expect(policyIn(world, "us-east-1", "mine")).toBe("allkeys-lfu");
  for (const [call, CacheParameterGroupName] of [
    [world.call, "mine"],
    [there, "ldgnf-g-mine"],
  ] as const) {
    const { CacheParameterGroups } = describeCacheParameterGroups(
      { CacheParameterGroupName },
      call,
    );
    expect(CacheParameterGroups?.[0]?.IsGlobal).toBe(true);
  }
});

test("a change to all members is refused while one of them is busy, and changes none then", () => {
  using world = newWorld();
  datastore(world);
  const there = { ...world.call, region: far };
  const ref = refIn(there, "replication-group", "far");
  const busy = world.store.get(ref)!;
  world.store.setStatus(ref, { ...busy.status, state: "modifying" });
  const before = world.dump();
  const asked = { GlobalReplicationGroupId: "ldgnf-g", ApplyImmediately: true };
  expect(() =>
    world.ask("ModifyGlobalReplicationGroup", { ...asked, CacheNodeType: "cache.m6g.xlarge" }),
  ).toThrow(/far in eu-west-1/);
  expect(world.dump()).toEqual(before);
});
