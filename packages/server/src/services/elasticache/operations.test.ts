import { expect, test } from "vitest";
import { operations } from "./operations.ts";

/** What answers NotImplemented. This list may only become shorter. */
const absent = [
  ...["CopyServerlessCacheSnapshot", "CopySnapshot"],
  ...["CreateGlobalReplicationGroup", "CreateServerlessCache", "CreateServerlessCacheSnapshot"],
  ...["CreateSnapshot", "CreateUser", "CreateUserGroup"],
  ...["DecreaseNodeGroupsInGlobalReplicationGroup"],
  ...["DeleteGlobalReplicationGroup", "DeleteServerlessCache", "DeleteServerlessCacheSnapshot"],
  ...["DeleteSnapshot", "DeleteUser", "DeleteUserGroup", "DescribeGlobalReplicationGroups"],
  ...["DescribeServerlessCacheSnapshots", "DescribeServerlessCaches"],
  ...["DescribeSnapshots", "DescribeUserGroups", "DescribeUsers"],
  ...["DisassociateGlobalReplicationGroup", "ExportServerlessCacheSnapshot"],
  ...["FailoverGlobalReplicationGroup", "IncreaseNodeGroupsInGlobalReplicationGroup"],
  ...["ModifyGlobalReplicationGroup"],
  ...["ModifyServerlessCache", "ModifyUser"],
  ...["ModifyUserGroup", "RebalanceSlotsInGlobalReplicationGroup"],
];

test("the operations that Larder does not have are these and no others", () => {
  const found = Object.entries(operations).flatMap(([name, operation]) =>
    typeof operation === "function" ? [] : [name],
  );
  expect(found).toEqual(absent);
  expect(Object.keys(operations)).toHaveLength(75);
});
