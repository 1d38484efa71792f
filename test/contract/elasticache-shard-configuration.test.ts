import type { Input } from "@larder/server/services/elasticache/operation.ts";
import { describe, expect, test } from "vitest";
import { newWorld, type World } from "./support/world.ts";

function newShop(settings: Partial<Input<"CreateReplicationGroup">> = {}): World {
  const world = newWorld();
  world.have("CreateReplicationGroup", {
    ...{ ReplicationGroupId: "shop", ReplicationGroupDescription: "d", ClusterMode: "enabled" },
    ...{ CacheNodeType: "cache.t4g.small", NumNodeGroups: 3, ReplicasPerNodeGroup: 1 },
    ...{ AutomaticFailoverEnabled: true, ...settings },
  });
  return world;
}

function change(
  world: World,
  settings: Omit<
    Input<"ModifyReplicationGroupShardConfiguration">,
    "ReplicationGroupId" | "ApplyImmediately"
  >,
) {
  const input = { ReplicationGroupId: "shop", ApplyImmediately: true, ...settings };
  return world.ask("ModifyReplicationGroupShardConfiguration", input).ReplicationGroup;
}

/** The group once all was carried out. */
function settled(world: World) {
  world.settle();
  return world.ask("DescribeReplicationGroups", {}).ReplicationGroups?.[0];
}

const slotsOf = (group: ReturnType<typeof settled>) =>
  Object.fromEntries((group?.NodeGroups ?? []).map((one) => [one.NodeGroupId, one.Slots]));

describe("the shards of a replication group", () => {
  test("a new one gets nodes like the smallest, an even share of the slots, and common tags", () => {
    using world = newShop({ Tags: [{ Key: "team", Value: "a" }] });
    const asked = change(world, { NodeGroupCount: 4 });
    expect(asked?.Status).toBe("modifying");
    expect(asked?.PendingModifiedValues).toMatchObject({
      Resharding: { SlotMigration: { ProgressPercentage: 0 } },
    });
    const group = settled(world);
    expect(slotsOf(group)).toEqual({
      ...{ "0001": "0-4095", "0002": "5462-9557", "0003": "10923-15018" },
      "0004": "4096-5461,9558-10922,15019-16383",
    });
    const added = group?.NodeGroups?.[3]?.NodeGroupMembers?.map((one) => one.CacheClusterId);
    expect(added).toEqual(["shop-0004-001", "shop-0004-002"]);
    const ResourceName = "arn:aws:elasticache:us-east-1:000000000000:cluster:shop-0004-002";
    expect(world.ask("ListTagsForResource", { ResourceName }).TagList).toEqual([
      { Key: "team", Value: "a" },
    ]);
    expect(group?.PendingModifiedValues).toEqual({});
  });

  test("their ids and zones can be chosen, and the lowest free numbers are taken else", () => {
    using world = newShop();
    const zones = ["us-east-1c", "us-east-1b"];
    change(world, {
      NodeGroupCount: 5,
      ReshardingConfiguration: [
        { NodeGroupId: "9", PreferredAvailabilityZones: zones },
        { PreferredAvailabilityZones: zones },
      ],
    });
    const groups = settled(world)?.NodeGroups ?? [];
    expect(groups.map((one) => one.NodeGroupId)).toEqual(["0001", "0002", "0003", "0004", "0009"]);
    for (const { NodeGroupMembers } of groups.slice(3)) {
      expect(NodeGroupMembers?.map((one) => one.PreferredAvailabilityZone)).toEqual(zones);
    }
  });

  test.each([{ NodeGroupsToRemove: ["0002"] }, { NodeGroupsToRetain: ["0001", "3"] }])(
    "some go as %j says, and the others take their slots",
    (which) => {
      using world = newShop();
      change(world, { NodeGroupCount: 2, ...which });
      const group = settled(world);
      expect(slotsOf(group)).toEqual({ "0001": "0-8191", "0003": "8192-16383" });
      expect(group?.MemberClusters).not.toContain("shop-0002-001");
    },
  );

  test("uneven slots are rebalanced, moving no more than must be", () => {
    using world = newShop({
      NumNodeGroups: 2,
      NodeGroupConfiguration: [{ Slots: "0-9999" }, { Slots: "10000-16383" }],
    });
    change(world, { NodeGroupCount: 2 });
    expect(slotsOf(settled(world))).toEqual({ "0001": "0-8191", "0002": "8192-16383" });
  });

  test("nothing else is changed meanwhile", () => {
    using world = newShop();
    change(world, { NodeGroupCount: 4 });
    expect(() => change(world, { NodeGroupCount: 5 })).toThrow(/status is modifying/);
  });
});
