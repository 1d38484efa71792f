import { homeOf } from "@larder/server/resources/global-replication-group.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import type { Input } from "@larder/server/services/elasticache/operation.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { describe, expect, test } from "vitest";
import { group } from "./support/bad-request.ts";
import { faultOf } from "./support/fault-of.ts";
import { settle } from "./support/settle.ts";
import { newWorld, type World } from "./support/world.ts";

const far = "eu-west-1";

/** A datastore in cluster mode with two node groups, and a secondary as `settings` say. */
function clusterDatastore(world: World, settings: Partial<Input<"CreateReplicationGroup">> = {}) {
  world.have("CreateReplicationGroup", {
    ...{ ...group("near", "default.redis7.cluster.on"), CacheNodeType: "cache.m6g.large" },
    ...{ NumNodeGroups: 2, ReplicasPerNodeGroup: 0, AutomaticFailoverEnabled: true },
  });
  world.have("CreateGlobalReplicationGroup", {
    ...{ GlobalReplicationGroupIdSuffix: "g", PrimaryReplicationGroupId: "near" },
  });
  const asked = { ReplicationGroupId: "far", ReplicationGroupDescription: "far", ...settings };
  createReplicationGroup(
    { ...asked, GlobalReplicationGroupId: "ldgnf-g" },
    { ...world.call, region: far },
  );
  world.settle();
  settle({ ...world.call, region: far });
}

test("a secondary in cluster mode has the primary's node groups, with nodes of its own", () => {
  using world = newWorld();
  clusterDatastore(world, { ReplicasPerNodeGroup: 1 });
  const there = { ...world.call, region: far };
  const { spec } = world.store.get(refIn(there, "replication-group", "far"))!;
  expect(spec).toMatchObject({ clusterMode: "enabled", automaticFailover: true });
  expect(spec.shards.map(({ id, slots, members }) => [id, slots, members.length])).toEqual([
    ["0001", [{ first: 0, last: 8_191 }], 2],
    ["0002", [{ first: 8_192, last: 16_383 }], 2],
  ]);
});

test.each([
  [[{ ReplicaCount: 0 }]],
  [[{ Slots: "0-99" }, { Slots: "100-16383" }]],
  [[{ NodeGroupId: "0001" }, { NodeGroupId: "0007" }]],
])("a secondary cannot have other node groups than the primary: %j", (NodeGroupConfiguration) => {
  using world = newWorld();
  expect(() => clusterDatastore(world, { NodeGroupConfiguration })).toThrow(
    /NodeGroupConfiguration must describe the node groups of the primary/,
  );
});

describe("node groups", () => {
  const now = { GlobalReplicationGroupId: "ldgnf-g", ApplyImmediately: true };
  const regional = (ReplicationGroupRegion: string, ...ids: readonly string[]) => ({
    ...{ ReplicationGroupId: ReplicationGroupRegion === far ? "far" : "near" },
    ReplicationGroupRegion,
    ReshardingConfiguration: ids.map((NodeGroupId) => ({
      ...{ NodeGroupId, PreferredAvailabilityZones: [`${ReplicationGroupRegion}a`] },
    })),
  });
  const increase = "IncreaseNodeGroupsInGlobalReplicationGroup";
  const decrease = "DecreaseNodeGroupsInGlobalReplicationGroup";
  const rebalance = "RebalanceSlotsInGlobalReplicationGroup";

  test("are added with the same ids and slots in every region", () => {
    using world = newWorld();
    clusterDatastore(world);
    world.have(increase, {
      ...{ ...now, NodeGroupCount: 3 },
      RegionalConfigurations: [
        {
          ...{ ReplicationGroupId: "far", ReplicationGroupRegion: far },
          ReshardingConfiguration: [
            { NodeGroupId: "0007", PreferredAvailabilityZones: [`${far}b`] },
          ],
        },
      ],
    });
    const layouts = ["us-east-1", far].map((region) => {
      const id = region === far ? "far" : "near";
      const ref = refIn(homeOf(world.call, { region, id }), "replication-group", id);
      return world.store.get(ref)!.spec.shards;
    });
    const [here, there] = layouts.map((shards) => shards.map(({ id, slots }) => ({ id, slots })));
    expect(here).toEqual(there);
    expect(here?.map(({ id }) => id)).toEqual(["0001", "0002", "0007"]);
    expect(layouts[1]?.[2]?.members[0]?.zone).toBe(`${far}b`);
  });

  test.each([
    [increase, { NodeGroupCount: 2 }, "InvalidParameterValue", /NodeGroupCount must be more/],
    [
      increase,
      { NodeGroupCount: 3, RegionalConfigurations: [regional("ap-south-1", "0003")] },
      "InvalidParameterValue",
      /RegionalConfigurations must name members/,
    ],
    [
      increase,
      {
        NodeGroupCount: 3,
        RegionalConfigurations: [regional("us-east-1", "0003"), regional(far, "0004")],
      },
      "InvalidParameterValue",
      /same ids/,
    ],
    [
      decrease,
      { NodeGroupCount: 1, GlobalNodeGroupsToRetain: ["0001"] },
      "InvalidParameterValue",
      /ldgnf-g-0001, ldgnf-g-0002\. 0001 is none/,
    ],
    [
      decrease,
      { NodeGroupCount: 1, GlobalNodeGroupsToRetain: ["ldgnf-g-0001", "ldgnf-g-0002"] },
      "InvalidParameterCombination",
      /leaves 2 of 2/,
    ],
    [rebalance, {}, "InvalidGlobalReplicationGroupState", /uniformly distributed/],
    [
      "ModifyReplicationGroupShardConfiguration",
      { ReplicationGroupId: "near", NodeGroupCount: 3, ApplyImmediately: true },
      "InvalidReplicationGroupState",
      /member of global datastore/,
    ],
  ] as const)("are refused: %s %j", (operation, input, code, message) => {
    using world = newWorld();
    clusterDatastore(world);
    const before = world.dump();
    const asked =
      operation === "ModifyReplicationGroupShardConfiguration" ? input : { ...now, ...input };
    const refused = faultOf(() => world.ask(operation, asked));
    expect(refused).toEqual({ code, message: expect.stringMatching(message) });
    expect(world.dump()).toEqual(before);
  });
});
