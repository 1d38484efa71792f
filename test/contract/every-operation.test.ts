import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { dispatch } from "@larder/server/aws/dispatch.ts";
import type { Call } from "@larder/server/aws/call.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inputOf, outputOf } from "./support/arbitrary.ts";
import {
  commandOf,
  elastiCacheWith,
  type Handlers,
  operationNames,
} from "./support/elasticache.ts";
import { account, credentials, keyRing, memoryLog } from "./support/server.ts";

const call: Call = {
  requestId: "11111111-2222-4333-8444-555555555555",
  account,
  region: "us-east-1",
  principal: keyRing.lookup(credentials.accessKeyId)!.principal,
  now: new Date(0),
};

// The real SDK, its requests handed to the protocol layer without a socket between them.
function clientFor(handlers: Handlers): ElastiCacheClient {
  const service = elastiCacheWith(handlers);
  return new ElastiCacheClient({
    region: "us-east-1",
    endpoint: "http://127.0.0.1",
    credentials,
    maxAttempts: 1,
    requestHandler: {
      async handle(request: { readonly body?: unknown }) {
        const body = Buffer.from(String(request.body));
        const contentType = "application/x-www-form-urlencoded";
        const asked = { queryString: "", contentType, body };
        const answer = await dispatch(service, asked, call, memoryLog());
        const headers = { "content-type": answer.contentType };
        return {
          response: { statusCode: answer.status, headers, body: Buffer.from(answer.body) },
        };
      },
    },
  });
}

const everything = elastiCacheWith(Object.fromEntries(operationNames.map((n) => [n, () => ({})])));

test("ElastiCache has 75 operations", () => {
  expect(operationNames).toHaveLength(75);
});

describe.each(operationNames)("%s", (name) => {
  const { input, output } = everything.operations.get(name)!;

  test("reads every input that the SDK writes", async () => {
    let seen: unknown;
    const client = clientFor({
      [name]: (received) => {
        seen = received;
        return output === null ? undefined : {};
      },
    });
    await fc.assert(
      fc.asyncProperty(inputOf(input!), async (sent) => {
        seen = undefined;
        await client.send(commandOf(name, sent));
        expect(seen).toEqual(sent);
      }),
      { numRuns: 25 },
    );
  });

  test("writes every output so that the SDK reads it", async () => {
    let given: unknown;
    const client = clientFor({ [name]: () => given });
    const required = Object.fromEntries(input!.members.filter((m) => m.required).map(sample));
    await fc.assert(
      fc.asyncProperty(
        output === null ? fc.constant(undefined) : outputOf(output),
        async (sent) => {
          given = sent;
          const { $metadata, ...received } = await client.send(commandOf(name, required));
          expect($metadata.httpStatusCode).toBe(200);
          expect(received).toEqual(sent ?? {});
        },
      ),
      { numRuns: 25 },
    );
  });
});

function sample(member: { readonly name: string; readonly shape: { readonly kind: string } }) {
  const values: Record<string, unknown> = { boolean: true, number: 1, list: [], string: "a" };
  return [member.name, values[member.shape.kind]] as const;
}
