import * as sdk from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, type Ec2World, startEc2 } from "./support/ec2-world.ts";

let world: Ec2World;
let ec2: sdk.EC2Client;

beforeAll(async () => {
  world = await startEc2();
  ec2 = world.ec2;
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const byText = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));
const named = (name: string, ...values: string[]): sdk.Filter => ({ Name: name, Values: values });

async function newVpc(CidrBlock: string, client = ec2): Promise<string> {
  const { Vpc } = await client.send(new sdk.CreateVpcCommand({ CidrBlock }));
  return Vpc!.VpcId!;
}

async function newSubnet(VpcId: string, CidrBlock: string, zone?: string): Promise<sdk.Subnet> {
  const input = { VpcId, CidrBlock, AvailabilityZone: zone };
  const { Subnet } = await ec2.send(new sdk.CreateSubnetCommand(input));
  return Subnet!;
}

describe("what every account has", () => {
  test("one default VPC, and in each zone a subnet of it", async () => {
    const { Vpcs } = await ec2.send(
      new sdk.DescribeVpcsCommand({ Filters: [named("is-default", "true")] }),
    );
    expect(Vpcs).toEqual([
      expect.objectContaining({ CidrBlock: "127.31.0.0/16", IsDefault: true, State: "available" }),
    ]);
    const { Subnets } = await ec2.send(
      new sdk.DescribeSubnetsCommand({ Filters: [named("vpc-id", Vpcs![0]!.VpcId!)] }),
    );
    const placed = Subnets!.map((one) => [one.AvailabilityZone, one.CidrBlock, one.DefaultForAz]);
    expect(placed.toSorted(byText)).toEqual([
      ["us-east-1a", "127.31.0.0/20", true],
      ["us-east-1b", "127.31.16.0/20", true],
      ["us-east-1c", "127.31.32.0/20", true],
    ]);
    expect(Subnets![0]!.AvailableIpAddressCount).toBe(4091);
  });

  test("zones, regions and attributes of the account", async () => {
    const { AvailabilityZones } = await ec2.send(
      new sdk.DescribeAvailabilityZonesCommand({ ZoneIds: ["use1-az2"] }),
    );
    expect(AvailabilityZones).toEqual([
      expect.objectContaining({ ZoneName: "us-east-1b", ZoneId: "use1-az2", State: "available" }),
    ]);
    const far = await world.in("ap-southeast-2").send(new sdk.DescribeAvailabilityZonesCommand({}));
    expect(far.AvailabilityZones?.map((zone) => zone.ZoneId)).toEqual([
      ...["apse2-az1", "apse2-az2", "apse2-az3"],
    ]);
    const { Regions } = await world.in("eu-west-1").send(new sdk.DescribeRegionsCommand({}));
    expect(Regions?.map((region) => region.RegionName)).toEqual(["eu-west-1", "us-east-1"]);
    const { AccountAttributes } = await ec2.send(new sdk.DescribeAccountAttributesCommand({}));
    const { Vpcs } = await ec2.send(
      new sdk.DescribeVpcsCommand({ Filters: [named("isDefault", "true")] }),
    );
    expect(AccountAttributes).toContainEqual({
      AttributeName: "default-vpc",
      AttributeValues: [{ AttributeValue: Vpcs![0]!.VpcId }],
    });
  });

  test("it can be changed, and cannot be deleted", async () => {
    const client = world.in("eu-central-1");
    const { Vpcs } = await client.send(new sdk.DescribeVpcsCommand({}));
    const VpcId = Vpcs![0]!.VpcId!;
    await client.send(
      new sdk.ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: false } }),
    );
    const Attribute = "enableDnsHostnames";
    expect(
      await client.send(new sdk.DescribeVpcAttributeCommand({ VpcId, Attribute })),
    ).toMatchObject({ EnableDnsHostnames: { Value: false } });
    const after = await client.send(new sdk.DescribeVpcsCommand({}));
    expect(after.Vpcs).toEqual(Vpcs);
    const { Subnets } = await client.send(new sdk.DescribeSubnetsCommand({}));
    const SubnetId = Subnets![0]!.SubnetId!;
    await client.send(
      new sdk.ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: false } }),
    );
    const changed = await client.send(new sdk.DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(changed.Subnets![0]).toEqual({ ...Subnets![0], MapPublicIpOnLaunch: false });
    expect(await codeOf(client.send(new sdk.DeleteVpcCommand({ VpcId })))).toBe(
      "OperationNotPermitted",
    );
    expect(await codeOf(client.send(new sdk.DeleteSubnetCommand({ SubnetId })))).toBe(
      "OperationNotPermitted",
    );
  });
});

describe("a VPC", () => {
  test("comes with a default security group, takes subnets, and goes without them", async () => {
    const VpcId = await newVpc("127.31.64.0/18");
    const subnet = await newSubnet(VpcId, "127.31.64.0/24", "us-east-1b");
    expect(subnet).toMatchObject({
      ...{ VpcId, AvailabilityZone: "us-east-1b", AvailableIpAddressCount: 251 },
      ...{ DefaultForAz: false, State: "available" },
    });
    const Filters = [named("vpc-id", VpcId)];
    const { SecurityGroups } = await ec2.send(new sdk.DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups).toEqual([expect.objectContaining({ GroupName: "default", VpcId })]);
    expect(await codeOf(ec2.send(new sdk.DeleteVpcCommand({ VpcId })))).toBe("DependencyViolation");
    await ec2.send(new sdk.DeleteSubnetCommand({ SubnetId: subnet.SubnetId }));
    await ec2.send(new sdk.DeleteVpcCommand({ VpcId }));
    expect(await codeOf(ec2.send(new sdk.DescribeVpcsCommand({ VpcIds: [VpcId] })))).toBe(
      "InvalidVpcID.NotFound",
    );
    const left = await ec2.send(new sdk.DescribeSecurityGroupsCommand({ Filters }));
    expect(left.SecurityGroups).toEqual([]);
  });

  test("is its region's own, and may have the addresses of another, as in AWS", async () => {
    const mine = await newVpc("127.31.128.0/20");
    const theirs = await newVpc("127.31.128.0/20", world.in("eu-west-1"));
    expect(await codeOf(ec2.send(new sdk.DescribeVpcsCommand({ VpcIds: [theirs] })))).toBe(
      "InvalidVpcID.NotFound",
    );
    await ec2.send(new sdk.DeleteVpcCommand({ VpcId: mine }));
    await world.in("eu-west-1").send(new sdk.DeleteVpcCommand({ VpcId: theirs }));
  });

  test("has its block in canonical form; its subnets go to the emptiest zone", async () => {
    const VpcId = await newVpc("127.31.129.7/20");
    const { Vpcs } = await ec2.send(new sdk.DescribeVpcsCommand({ VpcIds: [VpcId] }));
    expect(Vpcs![0]!.CidrBlock).toBe("127.31.128.0/20");
    const first = await newSubnet(VpcId, "127.31.128.0/24");
    const second = await newSubnet(VpcId, "127.31.129.0/24");
    expect([first.AvailabilityZone, second.AvailabilityZone]).toEqual(["us-east-1a", "us-east-1b"]);
    for (const { SubnetId } of [first, second]) {
      await ec2.send(new sdk.DeleteSubnetCommand({ SubnetId }));
    }
    await ec2.send(new sdk.DeleteVpcCommand({ VpcId }));
  });

  test("must lie in the server's addresses, and says which these are", async () => {
    const asked = ec2.send(new sdk.CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    await expect(asked).rejects.toThrow(/must lie in 127\.31\.0\.0\/16 .* 127\.31\.192\.0\/18/);
    await using labels = await startEc2("ports");
    expect(await newVpc("10.0.0.0/16", labels.ec2)).toMatch(/^vpc-[0-9a-f]{17}$/);
  });
});

describe("errors", () => {
  let vpcId: string;
  beforeAll(async () => {
    vpcId = await newVpc("127.31.64.0/18");
    await newSubnet(vpcId, "127.31.64.0/24");
  });

  const nowhere = "vpc-00000000000000000";
  const subnetIn = (CidrBlock: string, more: object = {}) =>
    new sdk.CreateSubnetCommand({ VpcId: vpcId, CidrBlock, ...more });
  test.each<[string, () => sdk.DescribeVpcsCommand]>(
    Object.entries({
      "InvalidVpcID.NotFound": [
        () => new sdk.DeleteVpcCommand({ VpcId: nowhere }),
        () => new sdk.CreateSubnetCommand({ VpcId: nowhere, CidrBlock: "127.31.64.0/24" }),
        () => new sdk.CreateSecurityGroupCommand({ ...group, VpcId: nowhere }),
        () => new sdk.CreateTagsCommand({ Resources: [nowhere], Tags: [{ Key: "a" }] }),
      ],
      "InvalidSubnetID.NotFound": [
        () => new sdk.DescribeSubnetsCommand({ SubnetIds: ["subnet-0"] }),
        () => new sdk.DeleteSubnetCommand({ SubnetId: "subnet-0" }),
      ],
      "InvalidVpc.Range": [
        () => new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/29" }),
        () => new sdk.CreateVpcCommand({ CidrBlock: "127.0.0.0/8" }),
        () => new sdk.CreateVpcCommand({ CidrBlock: "127.32.0.0/16" }),
      ],
      "InvalidSubnet.Range": [() => subnetIn("127.31.0.0/24"), () => subnetIn("127.31.64.0/29")],
      "InvalidSubnet.Conflict": [
        () => subnetIn("127.31.64.0/24"),
        () => subnetIn("127.31.64.0/20"),
        () => subnetIn("127.31.64.128/28"),
      ],
      InvalidParameterValue: [
        () => new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0" }),
        () => new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/20/1" }),
        () =>
          new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/18", InstanceTenancy: "dedicated" }),
        () => subnetIn("127.31.65.0/24", { AvailabilityZone: "us-east-1d" }),
        () => subnetIn("127.31.65.0/24", { AvailabilityZone: "eu-west-1a" }),
        () => subnetIn("127.31.65.0/24", tagged("vpc")),
        () => new sdk.DescribeVpcsCommand({ Filters: [named("colour", "red")] }),
        () => new sdk.DescribeVpcsCommand({ MaxResults: 4 }),
        () => new sdk.DescribeVpcsCommand({ NextToken: "made up" }),
        () => new sdk.DescribeRegionsCommand({ RegionNames: ["mars"] }),
        () => new sdk.CreateTagsCommand({ Resources: [vpcId], Tags: [{ Key: "aws:a" }] }),
      ],
      MissingParameter: [() => new sdk.CreateVpcCommand({})],
      UnsupportedOperation: [
        () => new sdk.CreateVpcCommand({ AmazonProvidedIpv6CidrBlock: true }),
        () => subnetIn("127.31.65.0/24", { OutpostArn: "arn" }),
        () =>
          new sdk.ModifySubnetAttributeCommand({
            SubnetId: "subnet-0",
            EnableDns64: { Value: true },
          }),
      ],
      InvalidID: [() => new sdk.CreateTagsCommand({ Resources: ["i-1"], Tags: [{ Key: "a" }] })],
      TagLimitExceeded: [
        () => {
          const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` }));
          return new sdk.CreateTagsCommand({ Resources: [vpcId], Tags });
        },
      ],
      InvalidParameterCombination: [
        () =>
          new sdk.ModifyVpcAttributeCommand({
            ...{ VpcId: vpcId, EnableDnsSupport: { Value: true } },
            EnableDnsHostnames: { Value: true },
          }),
      ],
      NotImplemented: [() => new sdk.DescribeInstancesCommand({})],
    }).flatMap(([code, commands]) =>
      commands.map((command): [string, () => sdk.DescribeVpcsCommand] => [
        code,
        command as () => sdk.DescribeVpcsCommand,
      ]),
    ),
  )("%s", async (code, command) => {
    expect(await codeOf(ec2.send(command()))).toBe(code);
  });

  test("a request that is not verified is refused in EC2's own form", async () => {
    const wrong = { accessKeyId: "nobody", secretAccessKey: "nothing" };
    const endpoint = await ec2.config.endpoint!();
    const url = `http://${endpoint.hostname}:${endpoint.port}`;
    const stranger = new sdk.EC2Client({
      ...{ region: "us-east-1", endpoint: url, credentials: wrong, maxAttempts: 1 },
    });
    const asked = stranger.send(new sdk.DescribeVpcsCommand({}));
    await expect(asked).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    stranger.destroy();
  });
});

const group = { GroupName: "g", Description: "d" };

function tagged(ResourceType: sdk.ResourceType): { TagSpecifications: sdk.TagSpecification[] } {
  return { TagSpecifications: [{ ResourceType, Tags: [{ Key: "a", Value: "b" }] }] };
}

describe("a dry run", () => {
  test("says that the request would have succeeded, and changes nothing", async () => {
    const before = await ec2.send(new sdk.DescribeVpcsCommand({}));
    const input = { CidrBlock: "127.31.96.0/20", DryRun: true };
    const asked = ec2.send(new sdk.CreateVpcCommand(input));
    await expect(asked).rejects.toMatchObject({
      name: "DryRunOperation",
      $metadata: { httpStatusCode: 412 },
    });
    const after = await ec2.send(new sdk.DescribeVpcsCommand({}));
    expect(after.Vpcs).toEqual(before.Vpcs);
    const wrong = { CidrBlock: "10.0.0.0/16", DryRun: true };
    expect(await codeOf(ec2.send(new sdk.CreateVpcCommand(wrong)))).toBe("InvalidVpc.Range");
  });
});

describe("selecting", () => {
  test("by tags, wildcards and several filters", async () => {
    const client = world.in("ca-central-1");
    const create = async (CidrBlock: string, name: string) => {
      const Tags = [{ Key: "Name", Value: name }];
      const TagSpecifications = [{ ResourceType: "vpc" as const, Tags }];
      await client.send(new sdk.CreateVpcCommand({ CidrBlock, TagSpecifications }));
    };
    await create("127.31.64.0/20", "blue-1");
    await create("127.31.80.0/20", "blue-2");
    await create("127.31.96.0/20", "green");
    const find = async (...Filters: sdk.Filter[]) => {
      const { Vpcs } = await client.send(new sdk.DescribeVpcsCommand({ Filters }));
      return Vpcs!.map((vpc) => vpc.CidrBlock!).toSorted();
    };
    expect(await find(named("tag:Name", "blue-*"))).toEqual(["127.31.64.0/20", "127.31.80.0/20"]);
    expect(await find(named("tag:Name", "blue-*"), named("cidr", "*.80.*"))).toEqual([
      "127.31.80.0/20",
    ]);
    expect(await find(named("tag:Name", "green", "blue-2"))).toEqual([
      ...["127.31.80.0/20", "127.31.96.0/20"],
    ]);
    expect(await find(named("tag-key", "Name"), named("is-default", "true"))).toEqual([]);
    expect(await find(named("tag:Name", "Green"))).toEqual([]);
  });

  test("in pages, each item once", async () => {
    const client = world.in("sa-east-1");
    const { Vpc } = await client.send(new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/18" }));
    for (let index = 0; index < 9; index += 1) {
      const CidrBlock = `127.31.${64 + index}.0/24`;
      await client.send(new sdk.CreateSubnetCommand({ VpcId: Vpc!.VpcId, CidrBlock }));
    }
    const seen: string[][] = [];
    for await (const { Subnets } of sdk.paginateDescribeSubnets({ client, pageSize: 5 }, {})) {
      seen.push(Subnets!.map((subnet) => subnet.SubnetId!));
    }
    expect(seen.map((ids) => ids.length)).toEqual([5, 5, 2]);
    expect(new Set(seen.flat()).size).toBe(12);
  });
});

describe("tags", () => {
  test("are added, listed, taken away by key or by value, and go with their resource", async () => {
    const client = world.in("eu-north-1");
    const { Vpc } = await client.send(new sdk.CreateVpcCommand({ CidrBlock: "127.31.64.0/18" }));
    const { Subnets } = await client.send(new sdk.DescribeSubnetsCommand({}));
    const Resources = [Vpc!.VpcId!, Subnets![0]!.SubnetId!];
    const list = async () => {
      const { Tags } = await client.send(new sdk.DescribeTagsCommand({}));
      return Tags!.map((tag) => `${tag.ResourceType} ${tag.Key}=${tag.Value}`).toSorted();
    };
    const Tags = [{ Key: "a", Value: "1" }, { Key: "b", Value: "2" }, { Key: "c" }];
    await client.send(new sdk.CreateTagsCommand({ Resources, Tags }));
    await client.send(
      new sdk.DeleteTagsCommand({ Resources, Tags: [{ Key: "a" }, { Key: "b", Value: "other" }] }),
    );
    expect(await list()).toEqual(["subnet b=2", "subnet c=", "vpc b=2", "vpc c="]);
    const { Vpcs } = await client.send(new sdk.DescribeVpcsCommand({ VpcIds: [Vpc!.VpcId!] }));
    expect(Vpcs![0]!.Tags).toEqual([
      { Key: "b", Value: "2" },
      { Key: "c", Value: "" },
    ]);
    await client.send(new sdk.DeleteTagsCommand({ Resources: [Resources[1]!] }));
    await client.send(new sdk.DeleteVpcCommand({ VpcId: Vpc!.VpcId }));
    expect(await list()).toEqual([]);
  });
});
