import { expect, test } from "vitest";
import {
  authorizeCacheSecurityGroupIngress,
  cacheSecurityGroupsNotPermitted,
  createCacheSecurityGroup,
  deleteCacheSecurityGroup,
  describeCacheSecurityGroups,
  revokeCacheSecurityGroupIngress,
} from "./cache-security-groups.ts";
import { faultOf, newCall } from "./call-for-tests.ts";

const call = newCall();
const name = { CacheSecurityGroupName: "web" };
const ingress = { ...name, EC2SecurityGroupName: "web", EC2SecurityGroupOwnerId: "123456789012" };

test.each([
  ["create", () => createCacheSecurityGroup({ ...name, Description: "web" }, call)],
  ["delete", () => deleteCacheSecurityGroup(name, call)],
  ["authorize", () => authorizeCacheSecurityGroupIngress(ingress, call)],
  ["revoke", () => revokeCacheSecurityGroupIngress(ingress, call)],
])("%s is refused as in an account without EC2-Classic", (_, work) => {
  expect(faultOf(work)).toBe(`InvalidParameterValue: ${cacheSecurityGroupsNotPermitted}`);
});

test("there are none to describe", () => {
  expect(describeCacheSecurityGroups({}, call)).toEqual({ CacheSecurityGroups: [] });
  expect(faultOf(() => describeCacheSecurityGroups(name, call))).toBe(
    "CacheSecurityGroupNotFound: CacheSecurityGroup web not found.",
  );
  expect(faultOf(() => describeCacheSecurityGroups({ MaxRecords: 5 }, call))).toMatch(
    /^InvalidParameterValue: .*MaxRecords/,
  );
});
