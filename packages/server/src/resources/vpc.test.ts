import fc from "fast-check";
import { expect, test } from "vitest";
import * as vpcs from "./vpc.ts";

const home = { account: "000000000000", region: "us-east-1" };
const vpc = { cidr: "127.31.0.0/16" };

test("a region has a /20 subnet in each of its three zones", () => {
  expect(vpcs.subnetsOf(vpc, home).map(({ zone, cidr }) => [zone, cidr])).toEqual([
    ["us-east-1a", "127.31.0.0/20"],
    ["us-east-1b", "127.31.16.0/20"],
    ["us-east-1c", "127.31.32.0/20"],
  ]);
});

test("ids have AWS's shape, differ between homes, and never change", () => {
  const elsewhere = { ...home, region: "eu-west-1" };
  const another = { ...home, account: "111111111111" };
  const homes = [home, elsewhere, another];
  const ids = homes.flatMap((one) => vpcs.subnetsOf(vpc, one).map((subnet) => subnet.id));
  expect(new Set(ids).size).toBe(9);
  for (const id of ids) expect(id).toMatch(/^subnet-[0-9a-f]{17}$/);
  expect(new Set(homes.map(vpcs.vpcIdOf)).size).toBe(3);
  // Written down: users and Terraform states hold these.
  expect(vpcs.vpcIdOf(home)).toMatchInlineSnapshot(`"vpc-24477ba883d877e02"`);
  expect(ids[0]).toMatchInlineSnapshot(`"subnet-dc2816b722b8504ce"`);
});

test.each([
  ["127.31.0.0/16", "127.31.16.0/20", true, true],
  ["127.31.16.0/20", "127.31.0.0/16", false, true],
  ["127.31.0.0/20", "127.31.16.0/20", false, false],
  ["127.31.0.0/20", "127.31.0.0/20", true, true],
])("%s and %s", (a, b, aContainsB, both) => {
  const [one, other] = [vpcs.parseCidr(a), vpcs.parseCidr(b)];
  expect(vpcs.contains(one, other)).toBe(aContainsB);
  expect([vpcs.overlap(one, other), vpcs.overlap(other, one)]).toEqual([both, both]);
});

test("a block holds its first and last address, and no other's", () => {
  const block = vpcs.parseCidr("127.31.16.0/20");
  expect(vpcs.holds(block, "127.31.16.0")).toBe(true);
  expect(vpcs.holds(block, "127.31.31.255")).toBe(true);
  expect(vpcs.holds(block, "127.31.32.0")).toBe(false);
  expect(vpcs.holds(block, "::1")).toBe(false);
});

test("addresses survive being numbers", () => {
  fc.assert(
    fc.property(fc.ipV4(), (host) => {
      expect(vpcs.formatIpv4(vpcs.parseIpv4(host))).toBe(host);
    }),
  );
});

test("a block spans exactly its addresses", () => {
  const block = vpcs.parseCidr("255.255.255.240/28");
  expect([vpcs.formatIpv4(block.first), vpcs.formatIpv4(block.last)]).toEqual([
    "255.255.255.240",
    "255.255.255.255",
  ]);
});

test.each([
  ["127.31.0.0", /not an IPv4 CIDR block/],
  ["127.31.0.0/33", /not an IPv4 CIDR block/],
  ["127.31.0/16", /not an IPv4 CIDR block/],
  ["127.31.0.0/16/2", /not an IPv4 CIDR block/],
  ["::1/64", /not an IPv4 CIDR block/],
  ["127.31.5.0/16", /127\.31\.0\.0\/16 is the block/],
  ["127.31.0.0/19", /prefix from \/8 to \/18/],
  ["0.0.0.0/0", /prefix from \/8 to \/18/],
])("%s cannot be the VPC", (cidr, why) => {
  expect(vpcs.vpcProblem(cidr)).toMatch(why);
});

test("a /18 is the smallest VPC that holds three subnets", () => {
  expect(vpcs.vpcProblem("127.31.64.0/18")).toBeNull();
  expect(vpcs.subnetsOf({ cidr: "127.31.64.0/18" }, home)[2]?.cidr).toBe("127.31.96.0/20");
});
