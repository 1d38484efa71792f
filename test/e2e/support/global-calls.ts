import {
  CreateReplicationGroupCommand,
  DescribeGlobalReplicationGroupsCommand,
  type ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import type { OperationName } from "@larder/server/services/elasticache/operation.ts";
import type { TestServer } from "@larder/testkit/server.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { expect } from "vitest";
import { commandOf } from "../../contract/support/elasticache.ts";
import { createdWithinMs, createGroup } from "./caches.ts";

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
  const settled = (status: string) => untilGlobal(client(), status);
  const refused = (name: OperationName, input: object) =>
    expect(client().send(commandOf(name, { ...world, ApplyImmediately: true, ...input })))
      .rejects // it has one node group a member
      .toMatchObject({ name: "InvalidParameterValueException" });
  return {
    async CreateGlobalReplicationGroup() {
      const settings = { CacheNodeType: "cache.m6g.large", NumCacheClusters: 1 };
      await createGroup(client(), near.id, { ...settings, AutomaticFailoverEnabled: false });
      await call("CreateGlobalReplicationGroup", {
        ...{ GlobalReplicationGroupIdSuffix: "world", PrimaryReplicationGroupId: near.id },
        GlobalReplicationGroupDescription: "two regions",
      });
      await settled("primary-only");
      const there = serverNow().client(far.region);
      await there.send(
        new CreateReplicationGroupCommand({
          ...{ ReplicationGroupId: far.id, ReplicationGroupDescription: "far", ...world },
          NumCacheClusters: 1,
        }),
      );
      await waitForGroup(there, far.id, "available", createdWithinMs);
      await settled("available");
    },
    async DescribeGlobalReplicationGroups() {
      await call("DescribeGlobalReplicationGroups", { ...world, ShowMemberInfo: true });
    },
    async ModifyGlobalReplicationGroup() {
      await call("ModifyGlobalReplicationGroup", {
        ...{ ...world, ApplyImmediately: true, CacheNodeType: "cache.m6g.xlarge" },
      });
      await settled("available");
      for (const { region, id } of [near, far]) {
        const group = await waitForGroup(serverNow().client(region), id, "available", 60_000);
        expect(group.CacheNodeType).toBe("cache.m6g.xlarge");
      }
    },
    IncreaseNodeGroupsInGlobalReplicationGroup: () =>
      refused("IncreaseNodeGroupsInGlobalReplicationGroup", { NodeGroupCount: 2 }),
    DecreaseNodeGroupsInGlobalReplicationGroup: () =>
      refused("DecreaseNodeGroupsInGlobalReplicationGroup", {
        ...{ NodeGroupCount: 1, GlobalNodeGroupsToRetain: ["ldgnf-world-0001"] },
      }),
    RebalanceSlotsInGlobalReplicationGroup: () =>
      refused("RebalanceSlotsInGlobalReplicationGroup", {}),
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

async function untilGlobal(client: ElastiCacheClient, status: string) {
  const command = new DescribeGlobalReplicationGroupsCommand({ ...world, ShowMemberInfo: true });
  const look = async () => (await client.send(command)).GlobalReplicationGroups?.[0];
  await until(
    `the global datastore is ${status}`,
    async () => {
      const found = await look();
      return found?.Status === status || JSON.stringify(found);
    },
    { withinMs: 60_000 },
  );
  return (await look())?.Members ?? [];
}
