import * as sdk from "@aws-sdk/client-ec2";
import { ec2QueryProtocol } from "@larder/server/aws/ec2-query/protocol.ts";
import type { Call } from "@larder/server/aws/call.ts";
import { type AwsService, defineService } from "@larder/server/aws/service.ts";
import { operations } from "@larder/server/services/ec2/operations.ts";
import { createEc2Service } from "@larder/server/services/ec2/service.ts";
import type { Store } from "@larder/server/store/store.ts";
import { credentials } from "./server.ts";

export type Handlers = Readonly<Record<string, (input: never, call: Call) => unknown>>;

/** The operations that Larder has. */
export const ec2OperationNames = Object.keys(operations);

/** The default VPC of the tests' servers. */
const vpc = { cidr: "127.31.0.0/16" };

/** EC2 on the wire, with these handlers and no others. */
export function ec2With(handlers: Handlers): AwsService {
  return defineService({
    name: "ec2",
    version: "2016-11-15",
    xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    protocol: ec2QueryProtocol,
    sdk,
    operations: handlers,
    context: (call) => call,
  });
}

/** EC2 as a server has it; on the loopback network unless subnets are to be labels. */
export function ec2Over(store: Store, network: "loopback" | "ports" = "loopback"): AwsService {
  const addresses = network === "loopback" ? vpc.cidr : null;
  return createEc2Service({ store, vpc, region: "us-east-1", addresses });
}

/** A command of the SDK, by the operation's name. */
export function ec2Command(name: string, input: object): sdk.DescribeVpcsCommand {
  const command = Reflect.get(sdk, `${name}Command`) as new (input: object) => object;
  return new command(input) as sdk.DescribeVpcsCommand;
}

/** The real SDK's client for a server; it asks once and does not retry. */
export function ec2Client(url: string, region = "us-east-1"): sdk.EC2Client {
  return new sdk.EC2Client({ endpoint: url, region, credentials, maxAttempts: 1 });
}
