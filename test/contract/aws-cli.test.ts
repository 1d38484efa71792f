import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { promisify } from "node:util";
import { createStsService } from "@larder/server/services/sts/service.ts";
import { expect, test } from "vitest";
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
    const cli = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await run(aws, [...args, "--output", "json"], {
        timeout: 25_000,
        env: {
          PATH: process.env["PATH"],
          HOME: "/nonexistent",
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_DEFAULT_REGION: "eu-west-1",
          AWS_ENDPOINT_URL: server.url,
          AWS_MAX_ATTEMPTS: "1",
          AWS_EC2_METADATA_DISABLED: "true",
        },
      });
      return JSON.parse(stdout);
    };
    const endpoint = ["--endpoint-url", server.url];
    expect(await cli("sts", "get-caller-identity", ...endpoint)).toEqual({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
    const group = ["--cache-subnet-group-name", "a b", "--cache-subnet-group-description", "é"];
    const subnets = ["--subnet-ids", "subnet-1", "subnet-2"];
    const create = ["elasticache", "create-cache-subnet-group", ...group, ...subnets, ...endpoint];
    expect(await cli(...create)).toEqual({
      CacheSubnetGroup: {
        CacheSubnetGroupName: "a b",
        Subnets: [{ SubnetIdentifier: "subnet-1" }, { SubnetIdentifier: "subnet-2" }],
      },
    });
    await expect(cli("elasticache", "describe-users", ...endpoint)).rejects.toThrow(
      /\(NotImplemented\) when calling the DescribeUsers operation/,
    );
  },
);
