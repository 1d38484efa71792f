import { EC2Client } from "@aws-sdk/client-ec2";
import type { Call } from "@larder/server/aws/call.ts";
import { dispatch } from "@larder/server/aws/dispatch.ts";
import type { Member, Shape } from "@larder/server/aws/shape.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inputOf, outputOf } from "./support/arbitrary.ts";
import { ec2Command, ec2OperationNames, ec2With, type Handlers } from "./support/ec2.ts";
import { account, credentials, keyRing, memoryLog } from "./support/server.ts";

const call: Call = {
  requestId: "11111111-2222-4333-8444-555555555555",
  account,
  region: "us-east-1",
  principal: keyRing.lookup(credentials.accessKeyId)!.principal,
  now: new Date(0),
};

// The real SDK, its requests handed to the protocol layer without a socket between them.
function clientFor(handlers: Handlers): EC2Client {
  const service = ec2With(handlers);
  return new EC2Client({
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

const everything = ec2With(Object.fromEntries(ec2OperationNames.map((n) => [n, () => ({})])));

describe.each(ec2OperationNames)("%s", (name) => {
  const { input, output } = everything.operations.get(name)!;
  const needed = input!.members.filter((member) => member.required).map((member) => member.name);

  test("reads every input that the SDK writes", async () => {
    let seen: unknown;
    const client = clientFor({
      [name]: (received) => {
        seen = received;
        return {};
      },
    });
    await fc.assert(
      fc.asyncProperty(inputOf(input!), async (sent) => {
        const expected = written(sent) as object;
        fc.pre(needed.every((member) => member in expected));
        seen = undefined;
        await client.send(ec2Command(name, sent));
        expect(seen).toEqual(expected);
      }),
      { numRuns: 50 },
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
          const { $metadata, ...received } = await client.send(ec2Command(name, required));
          expect($metadata.httpStatusCode).toBe(200);
          expect(received).toEqual(sent ?? {});
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** What reaches the wire: this protocol has no way to write a list or a structure without content. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written).filter((one) => !isNothing(one));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const left = written(member);
    return isNothing(left) ? [] : [[name, left] as const];
  });
  return Object.fromEntries(members);
}

function isNothing(value: unknown): boolean {
  if (value instanceof Date) return false;
  return typeof value === "object" && value !== null
    ? Object.keys(value).length === 0
    : value === undefined;
}

/** The least that a client can send: what is required, and no list or structure without content. */
function sample({ name, shape }: Member): readonly [string, unknown] {
  return [name, sampleOf(shape)];
}

function sampleOf(shape: Shape): unknown {
  if (shape.kind === "list") return [sampleOf(shape.element)];
  if (shape.kind !== "structure") return "a";
  const needed = shape.members.filter((member) => member.required);
  return Object.fromEntries((needed.length > 0 ? needed : shape.members.slice(0, 1)).map(sample));
}
