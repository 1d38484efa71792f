import {
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  DescribeReservedCacheNodesOfferingsCommand,
  type ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import * as sdk from "@aws-sdk/client-elasticache";
import { structureOf } from "@larder/server/aws/shape.ts";
import type { OperationName } from "@larder/server/services/elasticache/operation.ts";
import { operations } from "@larder/server/services/elasticache/operations.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { nodesOf, primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { type VersionedEngine, versionedEngine } from "@larder/testkit/versioned-engine.ts";
import {
  waitForCluster,
  waitForGroup,
  waitForNoCluster,
  waitForNoGroup,
} from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { commandOf } from "../contract/support/elasticache.ts";
import { AlwaysRefused, NotThereYet } from "./answers/expected.ts";
import { problemsOf } from "./answers/problems.ts";
import { answers } from "./answers/table.ts";
import { createdWithinMs } from "./support/caches.ts";
import { type ForeignServer, startForeignServer } from "@larder/testkit/foreign-server.ts";
import { globalCalls } from "./support/global-calls.ts";
import { signedCall } from "./support/signed-call.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let engine: VersionedEngine;
let server: TestServer;
let client: ElastiCacheClient;
let foreign: ForeignServer;

beforeAll(async () => {
  engine = await versionedEngine("redis", "7.0.10");
  server = await startServer({ env: { LARDER_ENGINE_PATH: engine.directory } });
  client = server.client();
  foreign = await startForeignServer();
});
afterAll(async () => {
  await foreign[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

/** The answers of the table that were given, as "operation: answer". */
const given = new Set<string>();

/** Calls an operation, and holds its answer to the table's: the usual one unless told otherwise. */
async function call(name: OperationName, input: object = {}, as = "usual"): Promise<unknown> {
  const { $metadata: _, ...answer } = await client.send(commandOf(name, input));
  const row = answers[name];
  const expected = Reflect.get(row, as) as object | undefined;
  if (expected === undefined) throw new Error(`the table has no answer ${name}: ${as}`);
  const [, , , , , output] = Reflect.get(sdk, `${name}$`) as readonly unknown[];
  expect(problemsOf(structureOf(output), expected, answer), `${name}: ${as}`).toEqual([]);
  given.add(`${name}: ${as}`);
  return answer;
}

const group = { ReplicationGroupId: "shop" };
const sharded = { ReplicationGroupId: "orders" };
const cluster = { CacheClusterId: "items" };
const single = { CacheClusterId: "sessions" };
const member = { CacheClusterId: "shop-001" };
const shardMember = { CacheClusterId: "orders-0001-001" };
const parameters = { CacheParameterGroupName: "mine" };
const subnets = { CacheSubnetGroupName: "mine" };
const small = { CacheNodeType: "cache.t4g.micro" };
const terms = {
  ...{ ...small, Duration: "1", ProductDescription: "redis", OfferingType: "No Upfront" },
};
const reservation = { ReservedCacheNodeId: "spring" };
const securityGroup = { CacheSecurityGroupName: "web" };
const ingress = {
  ...{ ...securityGroup, EC2SecurityGroupName: "web", EC2SecurityGroupOwnerId: "000000000000" },
};
const settings = [{ ParameterName: "maxmemory-policy", ParameterValue: "noeviction" }];
const update = { ServiceUpdateName: "elasticache-redis-7-0-15" };
const updated = { ...update, ReplicationGroupIds: ["shop"], CacheClusterIds: ["nobody"] };
const arn = "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:shop";
const tag = { Key: "team", Value: "shop" };

const groupIs = (status: string) => waitForGroup(client, "shop", status, createdWithinMs);
const clusterIs = (status: string) => waitForCluster(client, "items", status, createdWithinMs);

async function multiAz(MultiAZEnabled: boolean): Promise<void> {
  await client.send(commandOf("ModifyReplicationGroup", { ...group, MultiAZEnabled }));
  await groupIs("available");
}

async function expectNotPermitted(name: OperationName, input: object): Promise<void> {
  await expect(client.send(commandOf(name, input))).rejects.toMatchObject({
    ...{ name: "InvalidParameterValueException", $metadata: { httpStatusCode: 400 } },
    message: "Use of cache security groups is not permitted in this API version for your account.",
  });
}

/** The values that a caller has set in the parameter group. */
async function userValues(): Promise<unknown> {
  const command = new DescribeCacheParametersCommand({ ...parameters, Source: "user" });
  const { Parameters = [] } = await client.send(command);
  return Parameters.map((one) => [one.ParameterName, one.ParameterValue]);
}

async function defaultSubnets(): Promise<readonly (string | undefined)[]> {
  const command = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: "default" });
  const { CacheSubnetGroups = [] } = await client.send(command);
  return CacheSubnetGroups[0]?.Subnets?.map((subnet) => subnet.SubnetIdentifier) ?? [];
}

/**
 * A call of every operation that there is, and what it did. They follow one another: each finds what
 * those before it left.
 */
const calls: { readonly [N in OperationName]?: () => Promise<void> } = {
  async CreateCacheParameterGroup() {
    await call("CreateCacheParameterGroup", {
      ...{ ...parameters, CacheParameterGroupFamily: "redis7", Description: "mine" },
    });
  },
  async DescribeCacheParameterGroups() {
    expect(await call("DescribeCacheParameterGroups", parameters)).toMatchObject({
      CacheParameterGroups: [{ ...parameters, CacheParameterGroupFamily: "redis7" }],
    });
  },
  async ModifyCacheParameterGroup() {
    await call("ModifyCacheParameterGroup", { ...parameters, ParameterNameValues: settings });
    expect(await userValues()).toEqual([["maxmemory-policy", "noeviction"]]);
  },
  async DescribeCacheParameters() {
    await call("DescribeCacheParameters", parameters);
    expect(await userValues()).toHaveLength(1);
  },
  async CreateReplicationGroup() {
    await call("CreateReplicationGroup", {
      ...{ ...group, ...small, ...parameters, ReplicationGroupDescription: "all of it" },
      ...{ NumCacheClusters: 2, AutomaticFailoverEnabled: true },
    });
    const inClusterMode = {
      ...{ ...sharded, ...small, ReplicationGroupDescription: "cluster mode", NumNodeGroups: 2 },
      ...{ ClusterMode: "enabled", ReplicasPerNodeGroup: 1, AutomaticFailoverEnabled: true },
    };
    await call("CreateReplicationGroup", inClusterMode, "cluster mode");
    await groupIs("available");
    expect(await nodesOf(server, "shop")).toHaveLength(2);
    await waitForGroup(client, "orders", "available", createdWithinMs);
    expect(await nodesOf(server, "orders")).toHaveLength(4);
  },
  async DescribeReplicationGroups() {
    await call("DescribeReplicationGroups", group);
    await call("DescribeReplicationGroups", sharded, "cluster mode");
    const { ReplicationGroups = [] } = await client.send(new DescribeReplicationGroupsCommand({}));
    expect(ReplicationGroups.map((one) => one.ReplicationGroupId)).toEqual(["orders", "shop"]);
  },
  async CreateCacheCluster() {
    await call(
      "CreateCacheCluster",
      { ...cluster, ...small, Engine: "memcached", NumCacheNodes: 1 },
      "memcached",
    );
    await call(
      "CreateCacheCluster",
      { ...single, ...small, Engine: "redis", NumCacheNodes: 1 },
      "single",
    );
    await clusterIs("available");
    expect(await nodesOf(server, "items")).toHaveLength(1);
    await waitForCluster(client, single.CacheClusterId, "available", createdWithinMs);
  },
  async DescribeCacheClusters() {
    const withNodes = { ShowCacheNodeInfo: true };
    await call("DescribeCacheClusters", cluster, "memcached");
    await call("DescribeCacheClusters", { ...cluster, ...withNodes }, "memcachedWithNodes");
    await call("DescribeCacheClusters", { ...member, ...withNodes }, "member");
    await call("DescribeCacheClusters", { ...shardMember, ...withNodes }, "cluster mode");
    await call("DescribeCacheClusters", { ...single, ...withNodes }, "single");
    const { CacheClusters = [] } = await client.send(new DescribeCacheClustersCommand({}));
    expect(CacheClusters.map((one) => one.CacheClusterId)).toEqual([
      ...["items", "orders-0001-001", "orders-0001-002", "orders-0002-001", "orders-0002-002"],
      ...["sessions", "shop-001", "shop-002"],
    ]);
  },
  async AddTagsToResource() {
    expect(await call("AddTagsToResource", { ResourceName: arn, Tags: [tag] })).toMatchObject({
      TagList: [tag],
    });
  },
  async ListTagsForResource() {
    expect(await call("ListTagsForResource", { ResourceName: arn })).toMatchObject({
      TagList: [tag],
    });
  },
  async RemoveTagsFromResource() {
    const without = { ResourceName: arn, TagKeys: [tag.Key] };
    expect(await call("RemoveTagsFromResource", without)).toMatchObject({ TagList: [] });
  },
  async IncreaseReplicaCount() {
    await call("IncreaseReplicaCount", { ...group, NewReplicaCount: 2, ApplyImmediately: true });
    await groupIs("available");
    expect(await nodesOf(server, "shop")).toHaveLength(3);
  },
  async TestFailover() {
    const before = await primaryOf(server, "shop");
    await call("TestFailover", { ...group, NodeGroupId: "0001" });
    await groupIs("available");
    expect((await primaryOf(server, "shop")).id).not.toBe(before.id);
  },
  async TestMigration() {
    await multiAz(true);
    await call("TestMigration", { ...group, CustomerNodeEndpointList: [...foreign.endpoints] });
    await groupIs("available");
  },
  async StartMigration() {
    await call("StartMigration", { ...group, CustomerNodeEndpointList: [...foreign.endpoints] });
    await groupIs("migrating");
  },
  async CompleteMigration() {
    await call("CompleteMigration", group);
    await groupIs("available");
    const command = new DescribeEventsCommand({ SourceType: "replication-group" });
    const { Events = [] } = await client.send(command);
    expect(Events.map((event) => event.Message)).toContain(
      "Complete Migration successful for shop",
    );
    await multiAz(false);
  },
  async DecreaseReplicaCount() {
    await call("DecreaseReplicaCount", { ...group, NewReplicaCount: 1, ApplyImmediately: true });
    await groupIs("available");
    expect(await nodesOf(server, "shop")).toHaveLength(2);
  },
  async ModifyReplicationGroup() {
    await call("ModifyReplicationGroup", { ...group, AutomaticFailoverEnabled: false });
    expect(await groupIs("available")).toMatchObject({ AutomaticFailover: "disabled" });
  },
  async ModifyCacheCluster() {
    await call("ModifyCacheCluster", { ...cluster, NumCacheNodes: 2, ApplyImmediately: true });
    expect((await clusterIs("available")).CacheNodes).toHaveLength(2);
    expect(await nodesOf(server, "items")).toHaveLength(2);
  },
  async RebootCacheCluster() {
    const [before] = await nodesOf(server, "items");
    await call("RebootCacheCluster", { ...cluster, CacheNodeIdsToReboot: ["0001"] });
    await clusterIs("available");
    expect((await nodesOf(server, "items"))[0]!.pid).not.toBe(before!.pid);
  },
  async DescribeEvents() {
    const answer = await call("DescribeEvents", { SourceType: "cache-cluster" });
    const { Events = [] } = answer as { Events?: { Message: string }[] };
    expect(Events.map((event) => event.Message)).toContain("Cache cluster created");
  },
  async DescribeCacheEngineVersions() {
    const answer = await call("DescribeCacheEngineVersions", {
      Engine: "redis",
      DefaultOnly: true,
    });
    expect(answer).toMatchObject({
      CacheEngineVersions: [{ CacheParameterGroupFamily: "redis7" }],
    });
  },
  async DescribeEngineDefaultParameters() {
    const family = { CacheParameterGroupFamily: "redis7" };
    const answer = await call("DescribeEngineDefaultParameters", family);
    expect(answer).toMatchObject({ EngineDefaults: { ...family, Parameters: expect.any(Array) } });
  },
  async DescribeReservedCacheNodesOfferings() {
    await call("DescribeReservedCacheNodesOfferings", terms);
  },
  async PurchaseReservedCacheNodesOffering() {
    const answer = await client.send(new DescribeReservedCacheNodesOfferingsCommand(terms));
    const [offering] = answer.ReservedCacheNodesOfferings ?? [];
    const { ReservedCacheNodesOfferingId } = offering ?? {};
    const asked = { ReservedCacheNodesOfferingId, ...reservation, CacheNodeCount: 2 };
    expect(await call("PurchaseReservedCacheNodesOffering", asked)).toMatchObject({
      ReservedCacheNode: {
        ...{ ...asked, State: "payment-pending", StartTime: expect.any(Date) },
        ReservationARN: "arn:aws:elasticache:us-east-1:000000000000:reserved-instance:spring",
      },
    });
  },
  async DescribeReservedCacheNodes() {
    await until(
      "the reservation is active",
      async () => {
        const answer = await call("DescribeReservedCacheNodes", reservation);
        const { ReservedCacheNodes: [found] = [] } =
          answer as sdk.DescribeReservedCacheNodesCommandOutput;
        return found?.State === "active" || String(found?.State);
      },
      { withinMs: 10_000 },
    );
  },
  async CreateCacheSecurityGroup() {
    await expectNotPermitted("CreateCacheSecurityGroup", { ...securityGroup, Description: "web" });
  },
  async AuthorizeCacheSecurityGroupIngress() {
    await expectNotPermitted("AuthorizeCacheSecurityGroupIngress", ingress);
  },
  async RevokeCacheSecurityGroupIngress() {
    await expectNotPermitted("RevokeCacheSecurityGroupIngress", ingress);
  },
  async DeleteCacheSecurityGroup() {
    await expectNotPermitted("DeleteCacheSecurityGroup", securityGroup);
  },
  async DescribeCacheSecurityGroups() {
    expect(await call("DescribeCacheSecurityGroups")).toMatchObject({ CacheSecurityGroups: [] });
  },
  async DescribeCacheSubnetGroups() {
    expect(await call("DescribeCacheSubnetGroups")).toMatchObject({
      CacheSubnetGroups: [{ CacheSubnetGroupName: "default", Subnets: [{}, {}, {}] }],
    });
  },
  async CreateCacheSubnetGroup() {
    await call("CreateCacheSubnetGroup", {
      ...{ ...subnets, CacheSubnetGroupDescription: "mine", SubnetIds: await defaultSubnets() },
    });
    expect(await call("DescribeCacheSubnetGroups", subnets)).toMatchObject({
      CacheSubnetGroups: [{ CacheSubnetGroupDescription: "mine", Subnets: [{}, {}, {}] }],
    });
  },
  async ModifyCacheSubnetGroup() {
    const [first] = await defaultSubnets();
    await call("ModifyCacheSubnetGroup", { ...subnets, SubnetIds: [first] });
    expect(await call("DescribeCacheSubnetGroups", subnets)).toMatchObject({
      CacheSubnetGroups: [{ Subnets: [{ SubnetIdentifier: first }] }],
    });
  },
  async DeleteCacheSubnetGroup() {
    await call("DeleteCacheSubnetGroup", subnets);
    await expect(call("DescribeCacheSubnetGroups", subnets)).rejects.toMatchObject({
      Code: "CacheSubnetGroupNotFoundFault",
    });
  },
  async ListAllowedNodeTypeModifications() {
    expect(await call("ListAllowedNodeTypeModifications", group)).toMatchObject({
      ScaleUpModifications: expect.any(Array),
    });
  },
  async DescribeServiceUpdates() {
    await engine.install("7.0.15");
    await server.restart();
    await call("DescribeServiceUpdates", update);
  },
  async DescribeUpdateActions() {
    const wanted = { ...update, ReplicationGroupIds: ["shop"], ShowNodeLevelUpdateStatus: true };
    await call("DescribeUpdateActions", wanted, "group");
    await call("DescribeUpdateActions", { ...update, CacheClusterIds: ["sessions"] }, "cluster");
  },
  async BatchApplyUpdateAction() {
    await call("BatchApplyUpdateAction", updated);
  },
  async BatchStopUpdateAction() {
    await call("BatchStopUpdateAction", updated);
    await groupIs("available");
  },
  async ModifyReplicationGroupShardConfiguration() {
    const fewer = { ...sharded, NodeGroupCount: 1, NodeGroupsToRemove: ["0002"] };
    await call("ModifyReplicationGroupShardConfiguration", { ...fewer, ApplyImmediately: true });
    await waitForGroup(client, "orders", "available", createdWithinMs);
    const nodes = (await nodesOf(server, "orders")).map((node) => node.id);
    expect(nodes.toSorted()).toEqual(["orders-0001-001", "orders-0001-002"]);
  },
  async DeleteReplicationGroup() {
    await call("DeleteReplicationGroup", group);
    await call("DeleteReplicationGroup", sharded, "cluster mode");
    await waitForNoGroup(client, "shop", createdWithinMs);
    await waitForNoGroup(client, "orders", createdWithinMs);
    await expect(nodesOf(server, "shop")).rejects.toThrow("no cache");
  },
  async DeleteCacheCluster() {
    await call("DeleteCacheCluster", cluster);
    await waitForNoCluster(client, "items", createdWithinMs);
    await expect(nodesOf(server, "items")).rejects.toThrow("no cache");
  },
  async ResetCacheParameterGroup() {
    await call("ResetCacheParameterGroup", { ...parameters, ResetAllParameters: true });
    expect(await userValues()).toEqual([]);
  },
  async DeleteCacheParameterGroup() {
    await call("DeleteCacheParameterGroup", parameters);
    await expect(call("DescribeCacheParameterGroups", parameters)).rejects.toMatchObject({
      Code: "CacheParameterGroupNotFound",
    });
  },
  ...globalCalls(() => server, call),
};

const names = Object.keys(operations) as OperationName[];
const implemented = names.filter((name) => typeof operations[name] === "function");

test("every operation that there is has its call here", () => {
  expect(Object.keys(calls).toSorted()).toEqual(implemented.toSorted());
});

describe("what an operation does", () => {
  test.each(Object.entries(calls))("%s", (_, work) => work());
});

test("every answer of the table was given", () => {
  const rows = Object.entries(answers).flatMap(([name, row]) => {
    if (row instanceof AlwaysRefused || row instanceof NotThereYet) return [];
    return Object.keys(row).map((as) => `${name}: ${as}`);
  });
  expect([...given].toSorted()).toEqual(rows.toSorted());
});

test("every operation that is not there yet answers NotImplemented, HTTP 501, and why", async () => {
  const others = names.filter((name) => !implemented.includes(name));
  expect(names.filter((name) => answers[name] instanceof NotThereYet)).toEqual(others);
  for (const name of others) {
    const answer = await signedCall(server, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `Action=${name}&Version=2015-02-02`,
    });
    expect([answer.code, answer.status], name).toEqual(["NotImplemented", 501]);
    expect(answer.text).toContain(`${name} is not implemented: `);
  }
});
