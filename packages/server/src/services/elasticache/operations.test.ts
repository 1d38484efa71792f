import { expect, test } from "vitest";
import { operations } from "./operations.ts";

/** What answers NotImplemented. This list may only become shorter. */
const absent = [
  ...["CopyServerlessCacheSnapshot", "CopySnapshot"],
  ...["CreateServerlessCache", "CreateServerlessCacheSnapshot"],
  ...["CreateSnapshot", "CreateUser", "CreateUserGroup"],
  ...["DeleteServerlessCache", "DeleteServerlessCacheSnapshot"],
  ...["DeleteSnapshot", "DeleteUser", "DeleteUserGroup"],
  ...["DescribeServerlessCacheSnapshots", "DescribeServerlessCaches"],
  ...["DescribeSnapshots", "DescribeUserGroups", "DescribeUsers"],
  ...["ExportServerlessCacheSnapshot"],
  ...["ModifyServerlessCache", "ModifyUser"],
  ...["ModifyUserGroup"],
];

test("the operations that Larder does not have are these and no others", () => {
  const found = Object.entries(operations).flatMap(([name, operation]) =>
    typeof operation === "function" ? [] : [name],
  );
  expect(found).toEqual(absent);
  expect(Object.keys(operations)).toHaveLength(75);
});
