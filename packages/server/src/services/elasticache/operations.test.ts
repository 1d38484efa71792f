import { expect, test } from "vitest";
import { operations } from "./operations.ts";

/** What answers NotImplemented. This list may only become shorter. */
const absent = [
  ...["AuthorizeCacheSecurityGroupIngress", "BatchApplyUpdateAction", "BatchStopUpdateAction"],
  ...["CompleteMigration", "CopyServerlessCacheSnapshot", "CopySnapshot"],
  ...["CreateCacheSecurityGroup", "CreateCacheSubnetGroup", "CreateGlobalReplicationGroup"],
  ...["CreateServerlessCache", "CreateServerlessCacheSnapshot", "CreateSnapshot", "CreateUser"],
  ...["CreateUserGroup", "DecreaseNodeGroupsInGlobalReplicationGroup", "DeleteCacheSecurityGroup"],
  ...["DeleteCacheSubnetGroup", "DeleteGlobalReplicationGroup", "DeleteServerlessCache"],
  ...["DeleteServerlessCacheSnapshot", "DeleteSnapshot", "DeleteUser", "DeleteUserGroup"],
  ...["DescribeCacheSecurityGroups", "DescribeGlobalReplicationGroups"],
  ...["DescribeReservedCacheNodes", "DescribeReservedCacheNodesOfferings"],
  ...["DescribeServerlessCacheSnapshots", "DescribeServerlessCaches", "DescribeServiceUpdates"],
  ...["DescribeSnapshots", "DescribeUpdateActions", "DescribeUserGroups", "DescribeUsers"],
  ...["DisassociateGlobalReplicationGroup", "ExportServerlessCacheSnapshot"],
  ...["FailoverGlobalReplicationGroup", "IncreaseNodeGroupsInGlobalReplicationGroup"],
  ...["ModifyCacheSubnetGroup", "ModifyGlobalReplicationGroup"],
  ...["ModifyReplicationGroupShardConfiguration", "ModifyServerlessCache", "ModifyUser"],
  ...["ModifyUserGroup", "PurchaseReservedCacheNodesOffering"],
  ...["RebalanceSlotsInGlobalReplicationGroup"],
  ...["RevokeCacheSecurityGroupIngress", "StartMigration", "TestMigration"],
];

test("the operations that Larder does not have are these and no others", () => {
  const found = Object.entries(operations).flatMap(([name, operation]) =>
    typeof operation === "function" ? [] : [name],
  );
  expect(found).toEqual(absent);
  expect(Object.keys(operations)).toHaveLength(75);
});
