import { expect, test } from "vitest";
import { faultOf, newCall } from "./call-for-tests.ts";
import { describeCacheSubnetGroups, requireSubnetGroup } from "./subnet-groups.ts";

const call = newCall();

test("the default group spans the zones of the region", () => {
  const { CacheSubnetGroups = [] } = describeCacheSubnetGroups({}, call);
  expect(CacheSubnetGroups).toHaveLength(1);
  expect(CacheSubnetGroups[0]).toMatchObject({
    CacheSubnetGroupName: "default",
    VpcId: expect.stringMatching(/^vpc-[0-9a-f]{17}$/),
    ARN: "arn:aws:elasticache:us-east-1:123456789012:subnetgroup:default",
    SupportedNetworkTypes: ["ipv4"],
  });
  const zones = CacheSubnetGroups[0]?.Subnets?.map((one) => one.SubnetAvailabilityZone?.Name);
  expect(zones).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
});

test("it is found by its name in any case, and no other is", () => {
  expect(requireSubnetGroup(call, "Default").subnets).toHaveLength(3);
  const input = { CacheSubnetGroupName: "DEFAULT" };
  expect(describeCacheSubnetGroups(input, call).CacheSubnetGroups).toHaveLength(1);
  expect(faultOf(() => describeCacheSubnetGroups({ CacheSubnetGroupName: "nope" }, call))).toBe(
    "CacheSubnetGroupNotFoundFault: CacheSubnetGroup nope not found.",
  );
});
