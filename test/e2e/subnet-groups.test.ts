import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheSubnetGroupCommand,
  DeleteCacheClusterCommand,
  DeleteCacheSubnetGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ModifyCacheSubnetGroupCommand,
} from "@aws-sdk/client-elasticache";
import { holds, parseCidr } from "@larder/server/resources/vpc.ts";
import { waitForNoCluster, waitForNoGroup } from "@larder/testkit/wait-for.ts";
import { credentials, startServer, type TestServer } from "@larder/testkit/server.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCluster, createGroup, nodeAddresses } from "./support/caches.ts";

let server: TestServer;
let ec2: EC2Client;
let elasticache: ElastiCacheClient;
let vpcId: string;

beforeAll(async () => {
  server = await startServer();
  elasticache = server.client();
  const { endpoint } = server;
  ec2 = new EC2Client({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: block("64.0/18") }));
  vpcId = Vpc!.VpcId!;
});

afterAll(async () => {
  ec2.destroy();
  await server[Symbol.asyncDispose]();
});

/** A block in the server's addresses, by its last two numbers and its prefix. */
function block(rest: string): string {
  return server.cidr.replace("0.0/16", rest);
}

async function newSubnet(rest: string, letter: string): Promise<string> {
  const input = { VpcId: vpcId, CidrBlock: block(rest), AvailabilityZone: `us-east-1${letter}` };
  const { Subnet } = await ec2.send(new CreateSubnetCommand(input));
  return Subnet!.SubnetId!;
}

async function newSubnetGroup(CacheSubnetGroupName: string, ...SubnetIds: string[]): Promise<void> {
  const described = { CacheSubnetGroupName, CacheSubnetGroupDescription: "made by a test" };
  await elasticache.send(new CreateCacheSubnetGroupCommand({ ...described, SubnetIds }));
}

const isIn = (host: string, rest: string): boolean => holds(parseCidr(block(rest)), host);

test("nodes and endpoints have addresses of their subnet group, in their zone", async () => {
  const inA = await newSubnet("64.0/24", "a");
  const inB = await newSubnet("65.0/24", "b");
  await newSubnetGroup("two-zones", inA, inB);
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: "caches", Description: "d", VpcId: vpcId }),
  );
  const rule = { IpProtocol: "tcp", FromPort: 6379, ToPort: 6379, CidrIp: server.cidr };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, ...rule }));
  const { primary, reader } = await createGroup(elasticache, "shop", {
    ...{ CacheSubnetGroupName: "two-zones", SecurityGroupIds: [GroupId], MultiAZEnabled: true },
  });
  const { ReplicationGroups } = await elasticache.send(
    new DescribeReplicationGroupsCommand({ ReplicationGroupId: "shop" }),
  );
  const members = ReplicationGroups![0]!.NodeGroups![0]!.NodeGroupMembers!;
  expect(members.map((one) => one.PreferredAvailabilityZone!).toSorted()).toEqual([
    ...["us-east-1a", "us-east-1a", "us-east-1b"],
  ]);
  for (const { ReadEndpoint, PreferredAvailabilityZone } of members) {
    const rest = PreferredAvailabilityZone === "us-east-1a" ? "64.0/24" : "65.0/24";
    expect(isIn(ReadEndpoint!.Address!, rest)).toBe(true);
  }
  expect(isIn(primary.host, "64.0/24") && isIn(reader.host, "64.0/24")).toBe(true);
  const client = new Redis(primary);
  expect(await client.set("a", "1")).toBe("OK");
  client.disconnect();
  await expectSeenInEc2(inA, GroupId);
  await expectKept(inA, inB, GroupId);
  await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: "shop" }));
  await waitForNoGroup(elasticache, "shop", 10_000);
  await takeDown("two-zones", [inA, inB]);
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
});

/** Two nodes and two endpoints of the subnet's 251 addresses are taken; nodes are interfaces. */
async function expectSeenInEc2(subnetId: string, groupId: string): Promise<void> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
  expect(Subnets![0]!.AvailableIpAddressCount).toBe(247);
  const Filters = [
    { Name: "subnet-id", Values: [subnetId] },
    { Name: "group-id", Values: [groupId] },
  ];
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  expect(NetworkInterfaces!.map((one) => one.Description)).toHaveLength(2);
}

/** What a running cache needs cannot be taken from under it. */
async function expectKept(inA: string, inB: string, GroupId: string): Promise<void> {
  const shrunk = { CacheSubnetGroupName: "two-zones", SubnetIds: [inA] };
  await expect(elasticache.send(new ModifyCacheSubnetGroupCommand(shrunk))).rejects.toMatchObject({
    name: "SubnetInUse",
  });
  const group = { CacheSubnetGroupName: "two-zones" };
  await expect(elasticache.send(new DeleteCacheSubnetGroupCommand(group))).rejects.toMatchObject({
    name: "CacheSubnetGroupInUse",
  });
  const kept = { name: "DependencyViolation" };
  await expect(ec2.send(new DeleteSubnetCommand({ SubnetId: inB }))).rejects.toMatchObject(kept);
  await expect(ec2.send(new DeleteSecurityGroupCommand({ GroupId }))).rejects.toMatchObject(kept);
  await expect(ec2.send(new DeleteVpcCommand({ VpcId: vpcId }))).rejects.toMatchObject(kept);
}

async function takeDown(CacheSubnetGroupName: string, subnets: readonly string[]): Promise<void> {
  await elasticache.send(new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName }));
  for (const SubnetId of subnets) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
}

test("a full subnet's zone goes on in the next one", async () => {
  // A /28 has 11 addresses to give: 16 less those that AWS keeps.
  const subnets = [await newSubnet("66.0/28", "c"), await newSubnet("66.16/28", "c")];
  await newSubnetGroup("small", ...subnets);
  const cluster = await createCluster(elasticache, "many", {
    ...{ Engine: "memcached", NumCacheNodes: 12, CacheSubnetGroupName: "small" },
  });
  const hosts = nodeAddresses(cluster).map(({ host }) => host);
  hosts.push(cluster.ConfigurationEndpoint!.Address!);
  expect(new Set(hosts).size).toBe(13);
  const inSubnets = ["66.0/28", "66.16/28"].map(
    (rest) => hosts.filter((host) => isIn(host, rest)).length,
  );
  expect(inSubnets.toSorted((a, b) => a - b)).toEqual([2, 11]);
  const Filters = [{ Name: "vpc-id", Values: [vpcId] }];
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  const free = Subnets!.map((subnet) => subnet.AvailableIpAddressCount);
  expect(free.toSorted((a, b) => a! - b!)).toEqual([0, 9]);
  await elasticache.send(new DeleteCacheClusterCommand({ CacheClusterId: "many" }));
  await waitForNoCluster(elasticache, "many", 10_000);
  await takeDown("small", subnets);
});

test("networks and their groups survive the server", async () => {
  const subnet = await newSubnet("67.0/24", "a");
  await newSubnetGroup("kept", subnet);
  await server.restart();
  const cluster = await createCluster(elasticache, "one", {
    ...{ Engine: "redis", CacheSubnetGroupName: "kept" },
  });
  expect(isIn(nodeAddresses(cluster)[0]!.host, "67.0/24")).toBe(true);
});
