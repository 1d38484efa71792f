import * as sdk from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeOf, type Ec2World, startEc2 } from "./support/ec2-world.ts";
import { newWorld } from "./support/world.ts";

let world: Ec2World;
let ec2: sdk.EC2Client;
let count = 0;
let GroupId: string;

beforeAll(async () => {
  world = await startEc2();
  ec2 = world.ec2;
});

beforeEach(async () => {
  GroupId = await newGroup();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function newGroup(more: Partial<sdk.CreateSecurityGroupRequest> = {}): Promise<string> {
  count += 1;
  const input = { GroupName: `group ${count}`, Description: "made by a test", ...more };
  const created = await ec2.send(new sdk.CreateSecurityGroupCommand(input));
  return created.GroupId!;
}

async function described(id = GroupId): Promise<sdk.SecurityGroup> {
  const command = new sdk.DescribeSecurityGroupsCommand({ GroupIds: [id] });
  return (await ec2.send(command)).SecurityGroups![0]!;
}

const redisFrom = (CidrIp: string, Description?: string): sdk.IpPermission => ({
  ...{ IpProtocol: "tcp", FromPort: 6379, ToPort: 6379 },
  IpRanges: [{ CidrIp, Description }],
});
const allow = (permission: sdk.IpPermission) =>
  new sdk.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] });
const forbid = (permission: sdk.IpPermission) =>
  new sdk.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] });

describe("a security group", () => {
  test("lets everything out and nothing in, until it is told otherwise", async () => {
    const { IpPermissions, IpPermissionsEgress, VpcId, OwnerId } = await described();
    expect(IpPermissions).toEqual([]);
    expect(IpPermissionsEgress).toEqual([
      expect.objectContaining({ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }),
    ]);
    expect(IpPermissionsEgress![0]).not.toHaveProperty("FromPort");
    expect(VpcId).toMatch(/^vpc-/);
    expect(OwnerId).toBe("000000000000");
  });

  test("lists rules of the same ports as one permission, each peer with its description", async () => {
    const answer = await ec2.send(allow(redisFrom("127.31.0.7/20", "zone a")));
    expect(answer).toMatchObject({
      Return: true,
      SecurityGroupRules: [
        {
          ...{ GroupId, IsEgress: false, IpProtocol: "tcp", FromPort: 6379, ToPort: 6379 },
          ...{ CidrIpv4: "127.31.0.0/20", Description: "zone a" },
          SecurityGroupRuleId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/),
        },
      ],
    });
    await ec2.send(
      allow({
        ...{ IpProtocol: "6", FromPort: 6379, ToPort: 6379 },
        Ipv6Ranges: [{ CidrIpv6: "FE80:0::/64" }],
        UserIdGroupPairs: [{ GroupId }],
      }),
    );
    await ec2.send(allow({ IpProtocol: "icmp", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }));
    expect((await described()).IpPermissions).toEqual([
      {
        ...{ IpProtocol: "tcp", FromPort: 6379, ToPort: 6379, PrefixListIds: [] },
        IpRanges: [{ CidrIp: "127.31.0.0/20", Description: "zone a" }],
        Ipv6Ranges: [{ CidrIpv6: "fe80::/64" }],
        UserIdGroupPairs: [{ GroupId, UserId: "000000000000" }],
      },
      {
        ...{ IpProtocol: "icmp", FromPort: -1, ToPort: -1, PrefixListIds: [] },
        ...{ IpRanges: [{ CidrIp: "0.0.0.0/0" }], Ipv6Ranges: [], UserIdGroupPairs: [] },
      },
    ]);
  });

  test("takes one rule in the request itself, and by the name of a group", async () => {
    const GroupName = (await described()).GroupName!;
    const own = { GroupName, IpProtocol: "udp", FromPort: 1, ToPort: 2, CidrIp: "10.0.0.0/8" };
    await ec2.send(new sdk.AuthorizeSecurityGroupIngressCommand(own));
    const source = { GroupName, SourceSecurityGroupName: GroupName };
    await ec2.send(new sdk.AuthorizeSecurityGroupIngressCommand(source));
    const { IpPermissions } = await described();
    expect(IpPermissions!.map((one) => [one.IpProtocol, one.FromPort])).toEqual([
      ["udp", 1],
      ["-1", undefined],
    ]);
    await ec2.send(new sdk.RevokeSecurityGroupIngressCommand(own));
    expect((await described()).IpPermissions).toHaveLength(1);
  });

  test("loses rules by what they allow or by id; descriptions play no part", async () => {
    await ec2.send(allow(redisFrom("127.31.0.0/20", "zone a")));
    const revoked = await ec2.send(forbid(redisFrom("127.31.0.0/20")));
    expect(revoked).toMatchObject({
      Return: true,
      RevokedSecurityGroupRules: [{ CidrIpv4: "127.31.0.0/20", IsEgress: false }],
    });
    const Filters = [{ Name: "group-id", Values: [GroupId] }];
    const { SecurityGroupRules } = await ec2.send(
      new sdk.DescribeSecurityGroupRulesCommand({ Filters }),
    );
    expect(SecurityGroupRules).toHaveLength(1);
    const SecurityGroupRuleIds = [SecurityGroupRules![0]!.SecurityGroupRuleId!];
    const outwards = { GroupId, SecurityGroupRuleIds };
    await ec2.send(new sdk.RevokeSecurityGroupEgressCommand(outwards));
    expect((await described()).IpPermissionsEgress).toEqual([]);
    expect(await codeOf(ec2.send(new sdk.RevokeSecurityGroupEgressCommand(outwards)))).toBe(
      "InvalidSecurityGroupRuleId.NotFound",
    );
  });

  test("has rules that change and stay themselves", async () => {
    const answer = await ec2.send(allow(redisFrom("127.31.0.0/20", "zone a")));
    await ec2.send(allow(redisFrom("127.31.16.0/20")));
    const id = answer.SecurityGroupRules![0]!.SecurityGroupRuleId!;
    const modify = (rule: sdk.SecurityGroupRuleRequest, SecurityGroupRuleId = id) => {
      const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule: rule }];
      return ec2.send(new sdk.ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));
    };
    const tcp = { IpProtocol: "tcp", FromPort: 6379, ToPort: 6379 };
    await modify({ ...tcp, CidrIpv4: "127.31.0.0/20", Description: "other words" });
    await modify({ IpProtocol: "-1", ReferencedGroupId: GroupId, Description: "members" });
    const Filters = [{ Name: "security-group-rule-id", Values: [id] }];
    const found = await ec2.send(new sdk.DescribeSecurityGroupRulesCommand({ Filters }));
    expect(found.SecurityGroupRules).toEqual([
      expect.objectContaining({
        ...{ IpProtocol: "-1", FromPort: -1, ToPort: -1, Description: "members" },
        ReferencedGroupInfo: { GroupId, UserId: "000000000000" },
      }),
    ]);
    const taken = { ...tcp, CidrIpv4: "127.31.16.0/20" };
    expect(await codeOf(modify(taken))).toBe("InvalidPermission.Duplicate");
    expect(await codeOf(modify({ ...taken, CidrIpv6: "::/0" }))).toBe(
      "InvalidParameterCombination",
    );
    expect(await codeOf(modify(taken, "sgr-0"))).toBe("InvalidSecurityGroupRuleId.NotFound");
  });

  test("has rules with tags of their own, which go with them", async () => {
    const Tags = [{ Key: "a", Value: "b" }];
    const TagSpecifications = [{ ResourceType: "security-group-rule" as const, Tags }];
    const IpPermissions = [redisFrom("127.31.0.0/20")];
    const { SecurityGroupRules } = await ec2.send(
      new sdk.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, TagSpecifications }),
    );
    expect(SecurityGroupRules![0]!.Tags).toEqual(Tags);
    const id = SecurityGroupRules![0]!.SecurityGroupRuleId!;
    await ec2.send(new sdk.CreateTagsCommand({ Resources: [id], Tags: [{ Key: "c" }] }));
    const Filters = [{ Name: "tag:a", Values: ["b"] }];
    const found = await ec2.send(new sdk.DescribeSecurityGroupRulesCommand({ Filters }));
    expect(found.SecurityGroupRules!.map((rule) => rule.Tags)).toEqual([
      [...Tags, { Key: "c", Value: "" }],
    ]);
    await ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }));
    const left = await ec2.send(new sdk.DescribeTagsCommand({}));
    expect(left.Tags).toEqual([]);
  });

  test("cannot go while a rule of another group or a cache needs it", async () => {
    const user = await newGroup();
    const pair = { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] };
    const named = { GroupId: user, IpPermissions: [pair] };
    await ec2.send(new sdk.AuthorizeSecurityGroupIngressCommand(named));
    const remove = () => ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }));
    await expect(remove()).rejects.toMatchObject({ name: "DependencyViolation" });
    await ec2.send(new sdk.RevokeSecurityGroupIngressCommand(named));
    expect(await remove()).toMatchObject({ Return: true, GroupId });
    expect(await codeOf(remove())).toBe("InvalidGroup.NotFound");
  });

  test("is found by name, by its rules and by its VPC", async () => {
    await ec2.send(allow({ ...redisFrom("192.168.7.0/24"), UserIdGroupPairs: [{ GroupId }] }));
    const { GroupName, VpcId } = await described();
    const find = async (Name: string, value: string) => {
      const Filters = [{ Name, Values: [value] }];
      const command = new sdk.DescribeSecurityGroupsCommand({ Filters });
      return (await ec2.send(command)).SecurityGroups!.map((group) => group.GroupId);
    };
    expect(await find("group-name", GroupName!)).toEqual([GroupId]);
    expect(await find("ip-permission.cidr", "192.168.7.0/24")).toEqual([GroupId]);
    expect(await find("egress.ip-permission.cidr", "192.168.7.0/24")).toEqual([]);
    expect(await find("ip-permission.group-id", GroupId)).toEqual([GroupId]);
    expect(await find("vpc-id", VpcId!)).toContain(GroupId);
    const byName = new sdk.DescribeSecurityGroupsCommand({ GroupNames: [GroupName!] });
    expect((await ec2.send(byName)).SecurityGroups).toHaveLength(1);
  });
});

describe("the default group", () => {
  test("lets its members in, can be changed, and cannot be deleted", async () => {
    const client = world.in("eu-west-3");
    const find = async () =>
      (await client.send(new sdk.DescribeSecurityGroupsCommand({}))).SecurityGroups![0]!;
    const group = await find();
    const peers = group.IpPermissions!.flatMap((one) => one.UserIdGroupPairs ?? []);
    expect(peers.map((peer) => peer.GroupId)).toEqual([group.GroupId]);
    await client.send(
      new sdk.RevokeSecurityGroupIngressCommand({
        GroupId: group.GroupId,
        IpPermissions: group.IpPermissions,
      }),
    );
    expect(await find()).toEqual({ ...group, IpPermissions: [] });
    const remove = new sdk.DeleteSecurityGroupCommand({ GroupId: group.GroupId });
    expect(await codeOf(client.send(remove))).toBe("CannotDelete");
  });
});

describe("errors", () => {
  const create = (more: object) =>
    new sdk.CreateSecurityGroupCommand({ GroupName: "g", Description: "d", ...more });
  const asked: Readonly<Record<string, readonly (() => unknown)[]>> = {
    "InvalidGroup.NotFound": [
      () => new sdk.DescribeSecurityGroupsCommand({ GroupIds: ["sg-0"] }),
      () => new sdk.DescribeSecurityGroupsCommand({ GroupNames: ["nobody"] }),
      () => new sdk.DeleteSecurityGroupCommand({ GroupId: "sg-0" }),
      () => allow({ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-0" }] }),
      () => allow({ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId, UserId: "999999999999" }] }),
    ],
    "InvalidPermission.NotFound": [() => forbid(redisFrom("10.0.0.0/8"))],
    InvalidParameterValue: [
      () => create({ GroupName: "default" }),
      () => create({ GroupName: "sg-mine" }),
      () => create({ GroupName: "é" }),
      () => create({ GroupName: "g".repeat(256) }),
      () => create({ Description: "a\u00e9" }),
      () => allow(redisFrom("10.0.0.0")),
      () => allow(redisFrom("10.0.0.0/33")),
      () => allow({ IpProtocol: "-1", Ipv6Ranges: [{ CidrIpv6: "fe80::/129" }] }),
      () => allow({ ...redisFrom("10.0.0.0/8"), IpProtocol: "http" }),
      () => allow({ ...redisFrom("10.0.0.0/8"), IpProtocol: "256" }),
      () => allow({ ...redisFrom("10.0.0.0/8"), ToPort: 6378 }),
      () => allow({ ...redisFrom("10.0.0.0/8"), ToPort: 65_536 }),
      () => allow({ ...redisFrom("10.0.0.0/8"), FromPort: -1 }),
      () => allow({ ...redisFrom("10.0.0.0/8"), FromPort: undefined }),
      () => allow({ ...redisFrom("10.0.0.0/8"), IpProtocol: "icmp" }),
      () => allow(redisFrom("10.0.0.0/8", "a<b")),
    ],
    MissingParameter: [
      () => new sdk.AuthorizeSecurityGroupIngressCommand({ GroupId }),
      () => new sdk.AuthorizeSecurityGroupIngressCommand({ IpPermissions: [redisFrom("::")] }),
      () => allow({ IpProtocol: "-1" }),
      () => allow({ IpRanges: [{ CidrIp: "10.0.0.0/8" }] }),
      () => new sdk.DeleteSecurityGroupCommand({}),
    ],
    InvalidParameterCombination: [
      () =>
        new sdk.AuthorizeSecurityGroupIngressCommand({
          ...{ GroupId, IpPermissions: [redisFrom("10.0.0.0/8")] },
          ...{ IpProtocol: "-1", CidrIp: "10.0.0.0/8" },
        }),
    ],
    UnsupportedOperation: [
      () => allow({ IpProtocol: "-1", PrefixListIds: [{ PrefixListId: "pl-1" }] }),
      () =>
        new sdk.AuthorizeSecurityGroupEgressCommand({
          ...{ GroupId, CidrIp: "10.0.0.0/8", IpProtocol: "-1" },
        }),
    ],
  };
  const rows = Object.entries(asked).flatMap(([code, commands]) =>
    commands.map((command) => [code, command as () => sdk.DescribeVpcsCommand] as const),
  );

  test.each(rows)("%s", async (code, command) => {
    const before = await described();
    expect(await codeOf(ec2.send(command()))).toBe(code);
    expect(await described()).toEqual(before);
  });

  test("InvalidGroup.Duplicate, in one VPC", async () => {
    const { GroupName } = await described();
    expect(await codeOf(newGroup({ GroupName }))).toBe("InvalidGroup.Duplicate");
    const vpc = await ec2.send(new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/18" }));
    const elsewhere = await newGroup({ GroupName, VpcId: vpc.Vpc!.VpcId });
    const pair = { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: elsewhere }] };
    await expect(ec2.send(allow(pair))).rejects.toThrow(/belong to different networks/);
  });

  test("InvalidPermission.Duplicate, in one direction, whatever the spelling", async () => {
    await ec2.send(allow(redisFrom("127.31.0.0/20")));
    const again = { ...redisFrom("127.31.0.9/20", "again"), IpProtocol: "TCP" };
    expect(await codeOf(ec2.send(allow(again)))).toBe("InvalidPermission.Duplicate");
    const outwards = { GroupId, IpPermissions: [redisFrom("127.31.0.0/20")] };
    expect(await codeOf(ec2.send(new sdk.AuthorizeSecurityGroupEgressCommand(outwards)))).toBe("");
  });

  test("RulesPerSecurityGroupLimitExceeded beyond 60 in one direction", async () => {
    const IpRanges = Array.from({ length: 61 }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
    const many = (ranges: sdk.IpRange[]) => allow({ IpProtocol: "-1", IpRanges: ranges });
    expect(await codeOf(ec2.send(many(IpRanges)))).toBe("RulesPerSecurityGroupLimitExceeded");
    expect(await codeOf(ec2.send(many(IpRanges.slice(0, 60))))).toBe("");
  });
});

test("the caches of a group keep it from being deleted, and are interfaces in it", async () => {
  using caches = newWorld();
  const { createEc2Service } = await import("@larder/server/services/ec2/service.ts");
  const service = createEc2Service({
    ...{ store: caches.store, vpc: caches.call.vpc, region: "us-east-1", addresses: null },
  });
  const run = (name: string, input: object): unknown => {
    const { run: handler } = service.operations.get(name)!;
    if (typeof handler !== "function") throw new Error(`${name} is not there`);
    return handler({ ...input }, caches.call);
  };
  const made = run("CreateSecurityGroup", { GroupName: "caches", Description: "d" });
  const { GroupId: id = "" } = made as sdk.CreateSecurityGroupResult;
  caches.have("CreateCacheCluster", {
    ...{ CacheClusterId: "one", Engine: "redis", CacheNodeType: "cache.t4g.small" },
    ...{ SecurityGroupIds: [id], PreferredAvailabilityZone: "us-east-1b" },
  });
  expect(() => run("DeleteSecurityGroup", { GroupId: id })).toThrow(/dependent object: one/);
  const Filters = [{ Name: "group-id", Values: [id] }];
  const listed = run("DescribeNetworkInterfaces", { Filters });
  expect((listed as sdk.DescribeNetworkInterfacesResult).NetworkInterfaces).toEqual([
    expect.objectContaining({
      ...{ Description: "ElastiCache one", AvailabilityZone: "us-east-1b", Status: "in-use" },
      ...{ Groups: [{ GroupId: id, GroupName: "caches" }], RequesterManaged: true },
    }),
  ]);
  caches.have("DeleteCacheCluster", { CacheClusterId: "one" });
  expect(run("DeleteSecurityGroup", { GroupId: id })).toEqual({ Return: true, GroupId: id });
});
