import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { promisify } from "node:util";
import { systemClock } from "@larder/server/base/clock.ts";
import { createStsService } from "@larder/server/services/sts/service.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import type { Store } from "@larder/server/store/store.ts";
import { expect, test } from "vitest";
import { ec2Over } from "./support/ec2.ts";
import { elastiCacheWith } from "./support/elasticache.ts";
import { account, credentials, startHttp } from "./support/server.ts";

const run = promisify(execFile);

// Every AWS CLI on the machine: versions 1 and 2 sign and parse in ways of their own.
const found = await run("which", ["-a", "aws"]).then(
  ({ stdout }) => [
    ...new Set(
      stdout
        .trim()
        .split("\n")
        .map((path) => realpathSync(path)),
    ),
  ],
  () => [],
);

/** Runs a CLI against a server, and reads what it prints. */
function cliOf(aws: string, url: string) {
  return async (...args: string[]): Promise<unknown> => {
    const { stdout } = await run(aws, [...args, "--endpoint-url", url, "--output", "json"], {
      timeout: 25_000,
      env: {
        PATH: process.env["PATH"],
        HOME: "/nonexistent",
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: "eu-west-1",
        AWS_MAX_ATTEMPTS: "1",
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
    return stdout === "" ? null : JSON.parse(stdout);
  };
}

test.skipIf(found.length === 0).each(found)(
  "%s talks to the server",
  { timeout: 90_000 },
  async (aws) => {
    const handlers = {
      CreateCacheSubnetGroup: (input: { SubnetIds: string[]; CacheSubnetGroupName: string }) => ({
        CacheSubnetGroup: {
          CacheSubnetGroupName: input.CacheSubnetGroupName,
          Subnets: input.SubnetIds.map((SubnetIdentifier) => ({ SubnetIdentifier })),
        },
      }),
    };
    await using server = await startHttp([elastiCacheWith(handlers), createStsService()]);
    const cli = cliOf(aws, server.url);
    expect(await cli("sts", "get-caller-identity")).toEqual({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
    const group = ["--cache-subnet-group-name", "a b", "--cache-subnet-group-description", "é"];
    const subnets = ["--subnet-ids", "subnet-1", "subnet-2"];
    const create = ["elasticache", "create-cache-subnet-group", ...group, ...subnets];
    expect(await cli(...create)).toEqual({
      CacheSubnetGroup: {
        CacheSubnetGroupName: "a b",
        Subnets: [{ SubnetIdentifier: "subnet-1" }, { SubnetIdentifier: "subnet-2" }],
      },
    });
    await expect(cli("elasticache", "describe-users")).rejects.toThrow(
      /\(NotImplemented\) when calling the DescribeUsers operation/,
    );
  },
);

test.skipIf(found.length === 0).each(found)(
  "%s chooses networks",
  { timeout: 120_000 },
  async (aws) => {
    using store = openedStore();
    await using server = await startHttp([ec2Over(store.store)]);
    const cli = cliOf(aws, server.url);
    const subnets = ["ec2", "describe-subnets", "--query", "Subnets[].CidrBlock"];
    const inZone = ["--filters", "Name=availability-zone,Values=eu-west-1b"];
    expect(await cli(...subnets, ...inZone)).toEqual(["127.31.16.0/20"]);
    const vpc = ["ec2", "create-vpc", "--query", "Vpc.Tags[0].Value", "--cidr-block"];
    const tags = "ResourceType=vpc,Tags=[{Key=Name,Value=a b}]";
    expect(await cli(...vpc, "127.31.64.0/18", "--tag-specifications", tags)).toBe("a b");
    await expect(cli(...vpc, "10.0.0.0/16")).rejects.toThrow(
      /\(InvalidVpc\.Range\) when calling the CreateVpc operation/,
    );
    const named = ["--group-name", "cache"];
    await cli("ec2", "create-security-group", ...named, "--description", "d");
    const rule = ["--protocol", "tcp", "--port", "6379", "--cidr", "127.31.0.0/16"];
    expect(await cli("ec2", "authorize-security-group-ingress", ...named, ...rule)).toMatchObject({
      Return: true,
    });
    const groups = ["ec2", "describe-security-groups", "--group-names", "cache"];
    const ports = "SecurityGroups[].IpPermissions[].[FromPort,ToPort]";
    expect(await cli(...groups, "--query", ports)).toEqual([[6379, 6379]]);
  },
);

function openedStore(): { readonly store: Store } & Disposable {
  const store = openStore(":memory:", systemClock);
  return { store, [Symbol.dispose]: () => store.close() };
}
