import { ElastiCacheServiceException, type ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { badRequests, preparations } from "../contract/bad-requests.ts";
import { commandOf } from "../contract/support/elasticache.ts";
import { type Signing, withHeaders } from "../contract/support/signing.ts";
import { createdWithinMs } from "./support/caches.ts";
import { type Answered, signedCall } from "./support/signed-call.ts";
import { cachesOf, stateOf } from "./support/state.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let server: TestServer;
let client: ElastiCacheClient;
let before: unknown;
let cachesBefore: unknown;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
  for (const { operation, input } of preparations) {
    await client.send(commandOf(operation, input));
    // What comes next may be asked of a cache that was only just made.
    await everythingAvailable();
  }
  before = await stateOf(server, client);
  cachesBefore = await cachesOf(client);
});
afterAll(() => server[Symbol.asyncDispose]());

async function everythingAvailable(): Promise<void> {
  const { groups, clusters } = await cachesOf(client);
  for (const group of groups) {
    await waitForGroup(client, group.ReplicationGroupId!, "available", createdWithinMs);
  }
  for (const cluster of clusters) {
    await waitForCluster(client, cluster.CacheClusterId!, "available", createdWithinMs);
  }
}

/** HTTP statuses of error codes, from the service's model; every other of these is 400. */
const statuses: Readonly<Record<string, number>> = {
  CacheClusterNotFound: 404,
  CacheParameterGroupNotFound: 404,
  GlobalReplicationGroupNotFoundFault: 404,
  NodeGroupNotFoundFault: 404,
  ReplicationGroupNotFoundFault: 404,
  ReservedCacheNodeAlreadyExists: 404,
  ReservedCacheNodesOfferingNotFound: 404,
  ServiceUpdateNotFoundFault: 404,
};

describe("a request that asks for something wrong", () => {
  test.each(
    badRequests.map((one) => [`${one.operation} ${JSON.stringify(one.input)}`, one] as const),
  )("%s", async (_, { operation, input, code, message }) => {
    const error = await client.send(commandOf(operation, input)).then(
      () => expect.unreachable("it succeeded"),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ElastiCacheServiceException);
    expect(error).toMatchObject({
      ...{ Code: code, message: expect.stringMatching(message) },
      $metadata: { httpStatusCode: statuses[code] ?? 400 },
    });
    expect(await cachesOf(client)).toEqual(cachesBefore);
  });
});

const form = { "content-type": "application/x-www-form-urlencoded" };
const version = "Version=2015-02-02";
const creating =
  `Action=CreateReplicationGroup&${version}&ReplicationGroupId=fresh&` +
  "ReplicationGroupDescription=d&CacheNodeType=cache.t4g.small";
const groupQuery = {
  ...{ Action: "CreateReplicationGroup", Version: "2015-02-02", ReplicationGroupId: "fresh" },
  ...{ ReplicationGroupDescription: "d", CacheNodeType: "cache.t4g.small" },
};
const parameter =
  `Action=ModifyCacheParameterGroup&${version}&CacheParameterGroupName=aof&` +
  "ParameterNameValues.ParameterNameValue.1.ParameterName=maxmemory-policy&" +
  "ParameterNameValues.ParameterNameValue.1.ParameterValue=";
const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);

/** Requests that would create or change something, were they well signed and well formed. */
const badCalls: readonly (readonly [string, string, number, Signing])[] = [
  ["of an unknown key", "InvalidClientTokenId", 403, { body: creating, accessKeyId: "AKIDOTHER" }],
  ["of a wrong secret", "SignatureDoesNotMatch", 403, { body: creating, secret: "wrong" }],
  ["signed 16 minutes ago", "RequestExpired", 400, { body: creating, date: minutesFromNow(-16) }],
  ["signed in 16 minutes", "RequestExpired", 400, { body: creating, date: minutesFromNow(16) }],
  [
    "presigned for a minute, two minutes ago",
    "RequestExpired",
    400,
    { query: groupQuery, expiresIn: 60, date: minutesFromNow(-2) },
  ],
  ["for a service that is not there", "NotImplemented", 501, { body: creating, service: "s3" }],
  ["for another service's version", "InvalidAction", 400, { body: creating, service: "sts" }],
  ["for no region", "SignatureDoesNotMatch", 403, { body: creating, region: "moon" }],
  ["by PUT", "MethodNotAllowed", 405, { body: creating, method: "PUT" }],
  ["by DELETE", "MethodNotAllowed", 405, { body: creating, method: "DELETE" }],
  [
    "in JSON",
    "MalformedQueryString",
    400,
    { body: "{}", headers: { "content-type": "text/json" } },
  ],
  ["of no content type", "MalformedQueryString", 400, { body: creating, headers: {} }],
  ["of bytes that are no UTF-8", "MalformedQueryString", 400, { body: `${creating}&Engine=%ff` }],
  ["of a cut-off escape", "MalformedQueryString", 400, { body: `${creating}&Engine=%` }],
  ["of more than 1 MiB", "RequestEntityTooLarge", 413, { body: creating.padEnd(1_100_000, "x") }],
  ["without an action", "MissingAction", 400, { body: version }],
  ["of an unknown action", "InvalidAction", 400, { body: `Action=Create&${version}` }],
  ["of another version", "InvalidAction", 400, { body: creating.replace("2015", "2014") }],
  ["without a member", "MissingParameter", 400, { body: creating.replace(/&Repl[^&]*Id=/, "&X=") }],
  ["of a member twice", "InvalidParameterValue", 400, { body: `${creating}&CacheNodeType=x` }],
  ["of a word for a number", "ValidationError", 400, { body: `${creating}&NumCacheClusters=two` }],
  ["of half a number", "ValidationError", 400, { body: `${creating}&NumCacheClusters=1.5` }],
  ["of a huge number", "ValidationError", 400, { body: `${creating}&NumCacheClusters=9999999999` }],
  ["of a word for a boolean", "ValidationError", 400, { body: `${creating}&MultiAZEnabled=maybe` }],
  ["of a value for a list", "ValidationError", 400, { body: `${creating}&Tags=a` }],
  ["of a list for a value", "ValidationError", 400, { body: `${creating}&Engine.member.1=redis` }],
  ["of a list without numbers", "ValidationError", 400, { body: `${creating}&Tags.Tag.one.Key=a` }],
  ["of a NUL", "InvalidParameterValue", 400, { body: `${creating}&Engine=redis%00` }],
  [
    "of a line break in a tag",
    "InvalidParameterValue",
    400,
    { body: `${creating}&Tags.Tag.1.Key=a%0a` },
  ],
  [
    "of a line break in a parameter",
    "InvalidParameterValue",
    400,
    { body: `${parameter}a%0d%0ab` },
  ],
  ["of a line separator", "InvalidParameterValue", 400, { body: `${parameter}a%E2%80%A8b` }],
  ["of another directive", "InvalidParameterValue", 400, { body: `${parameter}noeviction%20x` }],
  [
    "of a wrong time",
    "ValidationError",
    400,
    { body: `Action=DescribeEvents&${version}&StartTime=yesterday` },
  ],
];

describe("a request", () => {
  test.each(badCalls)("%s is refused with %s, HTTP %i", async (_, code, status, signing) => {
    const answer = await signedCall(server, { headers: form, ...signing });
    expect([answer.code, answer.status], answer.text).toEqual([code, status]);
  });

  type Change = Parameters<typeof signedCall>[2];
  const instead =
    (body: string): Change =>
    (request) => ({ ...request, body: Buffer.from(body) });
  const header =
    (name: string, value: string | null): Change =>
    (request) =>
      withHeaders(request, { [name]: value });
  test.each<[string, string, number, Change]>([
    ["that is not signed", "MissingAuthenticationToken", 403, header("authorization", null)],
    ["with a password", "IncompleteSignature", 400, header("authorization", "Basic dGVzdDp0ZXN0")],
    [
      "with half a signature",
      "IncompleteSignature",
      400,
      header("authorization", "AWS4-HMAC-SHA256 Credential=a"),
    ],
    ["without its date", "IncompleteSignature", 400, header("x-amz-date", null)],
    ["with another body than was signed", "SignatureDoesNotMatch", 403, instead(`${creating}x`)],
    [
      "with an unsigned body",
      "SignatureDoesNotMatch",
      403,
      header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ],
  ])("%s is refused with %s, HTTP %i", async (_, code, status, change) => {
    const answer = await signedCall(server, { headers: form, body: creating }, change);
    expect([answer.code, answer.status], answer.text).toEqual([code, status]);
  });

  test.each<[string, number, () => Promise<Answered>]>([
    ["to a path that is not there", 404, () => signedCall(server, { path: "/shop" })],
    [
      "whose method is overridden",
      400,
      () => signedCall(server, { body: creating, headers: { ...form, "x-http-method": "GET" } }),
    ],
    [
      "to end everything, signed for another service",
      403,
      () => signedCall(server, { path: "/larder/down" }),
    ],
    [
      "to end everything, not signed",
      403,
      () =>
        signedCall(
          server,
          { path: "/larder/down", service: "larder" },
          header("authorization", null),
        ),
    ],
  ])("%s is refused with HTTP %i", async (_, status, call) => {
    expect((await call()).status).toBe(status);
  });
});

test("all of them, well over 60, left everything as it was", async () => {
  expect(badRequests.length + badCalls.length).toBeGreaterThanOrEqual(60);
  expect(await stateOf(server, client)).toEqual(before);
});
