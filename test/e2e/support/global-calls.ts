import { CreateReplicationGroupCommand, type ElastiCacheClient } from "@aws-sdk/client-elasticache";
import type { OperationName } from "@larder/server/services/elasticache/operation.ts";
import type { TestServer } from "@larder/testkit/server.ts";
import { waitForGroup, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { expect } from "vitest";
import { createClusterGroup, createdWithinMs } from "./caches.ts";
import { untilGlobal } from "./globals.ts";

/** Calls an operation and holds its answer to what is expected of it. */
type Call = (name: OperationName, input?: object) => Promise<unknown>;

const world = { GlobalReplicationGroupId: "ldgnf-world" };
const far = { region: "eu-west-1", id: "world-far" };
const near = { region: "us-east-1", id: "world-near" };

/** Calls of the operations on global datastores, which follow one another. */
export function globalCalls(
  serverNow: () => TestServer,
  call: Call,
): { readonly [N in OperationName]?: () => Promise<void> } {
  const client = (): ElastiCacheClient => serverNow().client();
  const settled = async (status: string) =>
    (await untilGlobal(client(), world.GlobalReplicationGroupId, status)).Members ?? [];
  const change = async (name: OperationName, input: object) => {
    await call(name, { ...world, ApplyImmediately: true, ...input });
    await settled("available");
    const groups = [near, far].map(({ region, id }) =>
      waitForGroup(serverNow().client(region), id, "available", createdWithinMs),
    );
    return Promise.all(groups);
  };
  return {
    async CreateGlobalReplicationGroup() {
      await createClusterGroup(client(), near.id, {
        CacheNodeType: "cache.m6g.large",
        // Uneven, so that there is something to rebalance.
        NodeGroupConfiguration: [{ Slots: "0-9999" }, { Slots: "10000-16383" }],
      });
      await call("CreateGlobalReplicationGroup", {
        ...{ GlobalReplicationGroupIdSuffix: "world", PrimaryReplicationGroupId: near.id },
        GlobalReplicationGroupDescription: "two regions",
      });
      await settled("primary-only");
      const there = serverNow().client(far.region);
      await there.send(
        new CreateReplicationGroupCommand({
          ...{ ReplicationGroupId: far.id, ReplicationGroupDescription: "far", ...world },
          ReplicasPerNodeGroup: 0,
        }),
      );
      await waitForGroup(there, far.id, "available", createdWithinMs);
      await settled("available");
    },
    async DescribeGlobalReplicationGroups() {
      await call("DescribeGlobalReplicationGroups", { ...world, ShowMemberInfo: true });
    },
    async ModifyGlobalReplicationGroup() {
      const wanted = { CacheNodeType: "cache.m6g.xlarge" };
      const groups = await change("ModifyGlobalReplicationGroup", wanted);
      expect(groups).toMatchObject([wanted, wanted]);
    },
    async RebalanceSlotsInGlobalReplicationGroup() {
      const groups = await change("RebalanceSlotsInGlobalReplicationGroup", {});
      const even = { NodeGroups: [{ Slots: "0-8191" }, { Slots: "8192-16383" }] };
      expect(groups).toMatchObject([even, even]);
    },
    async IncreaseNodeGroupsInGlobalReplicationGroup() {
      const input = { NodeGroupCount: 3 };
      const groups = await change("IncreaseNodeGroupsInGlobalReplicationGroup", input);
      expect(groups.map((one) => one.NodeGroups?.length)).toEqual([3, 3]);
    },
    async DecreaseNodeGroupsInGlobalReplicationGroup() {
      const groups = await change("DecreaseNodeGroupsInGlobalReplicationGroup", {
        ...{ NodeGroupCount: 1, GlobalNodeGroupsToRetain: ["ldgnf-world-0002"] },
      });
      const left = { NodeGroups: [{ NodeGroupId: "0002", Slots: "0-16383" }] };
      expect(groups).toMatchObject([left, left]);
    },
    async FailoverGlobalReplicationGroup() {
      const heir = { PrimaryRegion: far.region, PrimaryReplicationGroupId: far.id };
      await call("FailoverGlobalReplicationGroup", { ...world, ...heir });
      const members = await settled("available");
      expect(members.find((one) => one.Role === "PRIMARY")?.ReplicationGroupId).toBe(far.id);
    },
    async DisassociateGlobalReplicationGroup() {
      const going = { ReplicationGroupRegion: near.region, ReplicationGroupId: near.id };
      await call("DisassociateGlobalReplicationGroup", { ...world, ...going });
      expect(await settled("primary-only")).toHaveLength(1);
    },
    async DeleteGlobalReplicationGroup() {
      await call("DeleteGlobalReplicationGroup", {
        ...{ ...world, RetainPrimaryReplicationGroup: false },
      });
      await waitForNoGroup(serverNow().client(far.region), far.id, createdWithinMs);
    },
  };
}
