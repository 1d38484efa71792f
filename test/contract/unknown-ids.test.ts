import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-elasticache";
import type { Input, OperationName } from "@larder/server/services/elasticache/operation.ts";
import { operations } from "@larder/server/services/elasticache/operations.ts";
import { createElastiCacheService } from "@larder/server/services/elasticache/service.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cluster, group } from "./support/bad-request.ts";
import { commandOf } from "./support/elasticache.ts";
import { clientOf, startHttp } from "./support/server.ts";
import { newWorld } from "./support/world.ts";

/** Requests that name what is not there, and the exception that the SDK makes of the answer. */
type Unknowns<N extends OperationName> = readonly (readonly [
  input: Input<N> & object,
  exception: keyof typeof sdk,
])[];

const noCluster = "CacheClusterNotFoundFault";
const noGroup = "ReplicationGroupNotFoundFault";
const noParameterGroup = "CacheParameterGroupNotFoundFault";
const noUpdate = "ServiceUpdateNotFoundFault";
const noSubnetGroup = "CacheSubnetGroupNotFoundFault";
const noSecurityGroup = "CacheSecurityGroupNotFoundFault";
const noOffering = "ReservedCacheNodesOfferingNotFoundFault";
const noReservation = "ReservedCacheNodeNotFoundFault";
const wrongValue = "InvalidParameterValueException";

const absentCluster = { CacheClusterId: "absent" };
const absentGroup = { ReplicationGroupId: "absent" };
const shop = { ReplicationGroupId: "shop" };
const absentParameters = { CacheParameterGroupName: "absent" };
const absentSubnetGroup = { CacheSubnetGroupName: "absent" };
const absentSubnets = { SubnetIds: ["subnet-00000000000000000"] };
const absentSecurityGroup = { CacheSecurityGroupName: "absent" };
const absentOffering = { ReservedCacheNodesOfferingId: "00000000-0000-8000-8000-000000000000" };
const settings = [{ ParameterName: "maxmemory-policy", ParameterValue: "noeviction" }];
const ingress = { EC2SecurityGroupName: "absent", EC2SecurityGroupOwnerId: "000000000000" };

const source = { CustomerNodeEndpointList: [{ Address: "127.0.0.1", Port: 6379 }] };

const absentGlobal = { GlobalReplicationGroupId: "absent" };
const noGlobal = "GlobalReplicationGroupNotFoundFault";
const oneNodeGroup = { NodeGroupCount: 1, ApplyImmediately: true };

/** What has tags, by the type in its ARN, and the exception that says that it is not there. */
const taggable = {
  cluster: noCluster,
  replicationgroup: noGroup,
  parametergroup: noParameterGroup,
  subnetgroup: noSubnetGroup,
  securitygroup: noSecurityGroup,
  "reserved-instance": noReservation,
  snapshot: "SnapshotNotFoundFault",
  user: "UserNotFoundFault",
  usergroup: "UserGroupNotFoundFault",
  serverlesscache: "ServerlessCacheNotFoundFault",
  serverlesscachesnapshot: "ServerlessCacheSnapshotNotFoundFault",
} as const;

function absentArns<T extends object>(rest: T) {
  return Object.entries(taggable).map(([type, exception]) => {
    const ResourceName = `arn:aws:elasticache:us-east-1:000000000000:${type}:absent`;
    return [{ ...rest, ResourceName }, exception] as const;
  });
}

/** Every operation that there is; none for those that name nothing that has to be there. */
const unknowns: { readonly [N in OperationName]?: Unknowns<N> } = {
  AddTagsToResource: absentArns({ Tags: [{ Key: "a", Value: "b" }] }),
  AuthorizeCacheSecurityGroupIngress: [[{ ...absentSecurityGroup, ...ingress }, wrongValue]],
  BatchApplyUpdateAction: [
    [{ ServiceUpdateName: "absent", ReplicationGroupIds: ["shop"] }, noUpdate],
  ],
  BatchStopUpdateAction: [
    [{ ServiceUpdateName: "absent", ReplicationGroupIds: ["shop"] }, noUpdate],
  ],
  CompleteMigration: [[absentGroup, noGroup]],
  CreateCacheCluster: [
    [{ ...absentCluster, ...absentGroup }, noGroup],
    [{ ...cluster("new"), Engine: "redis", ...absentParameters }, noParameterGroup],
    [{ ...cluster("new"), Engine: "redis", CacheSubnetGroupName: "absent" }, noSubnetGroup],
  ],
  CreateCacheParameterGroup: [
    [{ ...absentParameters, CacheParameterGroupFamily: "absent", Description: "a" }, wrongValue],
  ],
  CreateCacheSecurityGroup: [[{ ...absentSecurityGroup, Description: "a" }, wrongValue]],
  CreateCacheSubnetGroup: [
    [{ ...absentSubnetGroup, CacheSubnetGroupDescription: "a", ...absentSubnets }, "InvalidSubnet"],
  ],
  CreateGlobalReplicationGroup: [
    [{ GlobalReplicationGroupIdSuffix: "x", PrimaryReplicationGroupId: "absent" }, noGroup],
  ],
  CreateReplicationGroup: [
    [{ ...group("new"), PrimaryClusterId: "absent" }, noCluster],
    [{ ...group("new", "absent") }, noParameterGroup],
    [{ ...group("new"), CacheSubnetGroupName: "absent" }, noSubnetGroup],
  ],
  DecreaseNodeGroupsInGlobalReplicationGroup: [
    [{ ...absentGlobal, ...oneNodeGroup, GlobalNodeGroupsToRetain: ["a"] }, noGlobal],
  ],
  DecreaseReplicaCount: [
    [{ ...absentGroup, NewReplicaCount: 1, ApplyImmediately: true }, noGroup],
    [{ ...shop, ReplicasToRemove: ["absent"], ApplyImmediately: true }, wrongValue],
  ],
  DeleteCacheCluster: [[absentCluster, noCluster]],
  DeleteCacheParameterGroup: [[absentParameters, noParameterGroup]],
  DeleteCacheSecurityGroup: [[absentSecurityGroup, wrongValue]],
  DeleteCacheSubnetGroup: [[absentSubnetGroup, noSubnetGroup]],
  DeleteGlobalReplicationGroup: [
    [{ ...absentGlobal, RetainPrimaryReplicationGroup: true }, noGlobal],
  ],
  DeleteReplicationGroup: [[absentGroup, noGroup]],
  DescribeCacheClusters: [[absentCluster, noCluster]],
  DescribeCacheEngineVersions: [],
  DescribeCacheParameterGroups: [[absentParameters, noParameterGroup]],
  DescribeCacheParameters: [[absentParameters, noParameterGroup]],
  DescribeCacheSecurityGroups: [[absentSecurityGroup, noSecurityGroup]],
  DescribeCacheSubnetGroups: [[absentSubnetGroup, noSubnetGroup]],
  DescribeEngineDefaultParameters: [[{ CacheParameterGroupFamily: "absent" }, wrongValue]],
  DescribeEvents: [],
  DescribeGlobalReplicationGroups: [[absentGlobal, noGlobal]],
  DescribeReplicationGroups: [[absentGroup, noGroup]],
  DescribeReservedCacheNodes: [[{ ReservedCacheNodeId: "absent" }, noReservation]],
  DescribeReservedCacheNodesOfferings: [[absentOffering, noOffering]],
  DescribeServiceUpdates: [[{ ServiceUpdateName: "absent" }, noUpdate]],
  DescribeUpdateActions: [],
  DisassociateGlobalReplicationGroup: [
    [{ ...absentGlobal, ReplicationGroupId: "a", ReplicationGroupRegion: "b" }, noGlobal],
  ],
  FailoverGlobalReplicationGroup: [
    [{ ...absentGlobal, PrimaryReplicationGroupId: "a", PrimaryRegion: "b" }, noGlobal],
  ],
  IncreaseNodeGroupsInGlobalReplicationGroup: [[{ ...absentGlobal, ...oneNodeGroup }, noGlobal]],
  IncreaseReplicaCount: [[{ ...absentGroup, NewReplicaCount: 2, ApplyImmediately: true }, noGroup]],
  ListAllowedNodeTypeModifications: [
    [absentCluster, noCluster],
    [absentGroup, noGroup],
  ],
  ListTagsForResource: absentArns({}),
  ModifyCacheCluster: [[absentCluster, noCluster]],
  ModifyCacheParameterGroup: [
    [{ ...absentParameters, ParameterNameValues: settings }, noParameterGroup],
  ],
  ModifyCacheSubnetGroup: [[absentSubnetGroup, noSubnetGroup]],
  ModifyGlobalReplicationGroup: [[{ ...absentGlobal, ApplyImmediately: true }, noGlobal]],
  ModifyReplicationGroup: [
    [absentGroup, noGroup],
    [{ ...shop, ...absentParameters }, noParameterGroup],
    [{ ...shop, PrimaryClusterId: "absent" }, noCluster],
  ],
  ModifyReplicationGroupShardConfiguration: [
    [{ ...absentGroup, NodeGroupCount: 2, ApplyImmediately: true }, noGroup],
  ],
  PurchaseReservedCacheNodesOffering: [[absentOffering, noOffering]],
  RebalanceSlotsInGlobalReplicationGroup: [[{ ...absentGlobal, ApplyImmediately: true }, noGlobal]],
  RebootCacheCluster: [[{ ...absentCluster, CacheNodeIdsToReboot: ["0001"] }, noCluster]],
  RemoveTagsFromResource: absentArns({ TagKeys: ["a"] }),
  ResetCacheParameterGroup: [[{ ...absentParameters, ResetAllParameters: true }, noParameterGroup]],
  RevokeCacheSecurityGroupIngress: [[{ ...absentSecurityGroup, ...ingress }, wrongValue]],
  StartMigration: [[{ ...absentGroup, ...source }, noGroup]],
  TestFailover: [
    [{ ...absentGroup, NodeGroupId: "0001" }, noGroup],
    [{ ...shop, NodeGroupId: "0002" }, "NodeGroupNotFoundFault"],
  ],
  TestMigration: [[{ ...absentGroup, ...source }, noGroup]],
};

const rows = Object.entries(unknowns).flatMap(([operation, requests]) =>
  requests.map(([input, exception]) => [operation, input, exception] as const),
);

test("every operation that there is says what it answers", () => {
  const implemented = Object.entries(operations).filter(([, one]) => typeof one === "function");
  expect(Object.keys(unknowns)).toEqual(implemented.map(([name]) => name));
});

describe("what is not there", () => {
  const world = newWorld();
  let http: Awaited<ReturnType<typeof startHttp>>;
  let client: sdk.ElastiCacheClient;
  let before: unknown;

  beforeAll(async () => {
    world.have("CreateReplicationGroup", {
      ...{ ...group("shop"), NumCacheClusters: 3, AutomaticFailoverEnabled: true },
    });
    before = world.dump();
    http = await startHttp([createElastiCacheService(world.call)]);
    client = clientOf(http.url);
  });
  afterAll(async () => {
    client.destroy();
    await http.close();
    world[Symbol.dispose]();
  });

  test.each(rows)("%s %j: %s", async (operation, input, exception) => {
    const error = await client.send(commandOf(operation, input)).then(
      () => null,
      (thrown: sdk.ElastiCacheServiceException) => thrown,
    );
    expect(error?.name, error?.message).toBe(exception);
    expect(error?.$metadata.httpStatusCode).toBe(statusOf(exception));
    expect(error?.$fault).toBe("client");
    expect(modelledErrors(operation)).toContain(exception);
    expect(world.dump()).toEqual(before);
  });
});

/** The HTTP status that the model gives an exception. */
function statusOf(exception: keyof typeof sdk): number {
  const schema = Reflect.get(sdk, `${exception}$`) as readonly unknown[];
  return (schema[3] as { readonly httpError: number }).httpError;
}

// At run time an operation's schema does not list its exceptions; its declarations do.
const commands = join(
  createRequire(import.meta.url).resolve("@aws-sdk/client-elasticache/package.json"),
  "../dist-types/commands",
);

/** The exceptions that the model gives an operation. */
function modelledErrors(operation: string): readonly string[] {
  const declaration = readFileSync(join(commands, `${operation}Command.d.ts`), "utf8");
  return [...declaration.matchAll(/@throws \{@link (\w+)\}/g)].map((match) => match[1] ?? "");
}
