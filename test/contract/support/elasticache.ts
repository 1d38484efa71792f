import * as sdk from "@aws-sdk/client-elasticache";
import type { Call } from "@larder/server/aws/call.ts";
import { notImplemented } from "@larder/server/aws/not-implemented.ts";
import { queryProtocol } from "@larder/server/aws/query/protocol.ts";
import { type AwsService, defineService } from "@larder/server/aws/service.ts";

export type Handlers = Readonly<Record<string, (input: never, call: Call) => unknown>>;

/** The names of ElastiCache's operations: an operation's schema is an array that starts with 9. */
export const operationNames: readonly string[] = Object.entries(sdk)
  .filter(([, schema]) => Array.isArray(schema) && (schema[0] as unknown) === 9)
  .map(([name]) => name.slice(0, -1));

/** ElastiCache on the wire, with these handlers and no others. */
export function elastiCacheWith(handlers: Handlers): AwsService {
  const absent = notImplemented("the test has no handler for it");
  return defineService({
    name: "elasticache",
    version: "2015-02-02",
    xmlNamespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
    protocol: queryProtocol,
    sdk,
    operations: Object.fromEntries(operationNames.map((name) => [name, handlers[name] ?? absent])),
    secrets: ["AuthToken", "Passwords", "AccessString"],
    context: (call) => call,
  });
}

/** A command of the SDK, by the operation's name. */
export function commandOf(name: string, input: object): sdk.DescribeEventsCommand {
  const command = Reflect.get(sdk, `${name}Command`) as new (input: object) => object;
  return new command(input) as sdk.DescribeEventsCommand;
}
