import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { createElastiCacheService } from "@larder/server/services/elasticache/service.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badRequests, preparations } from "./bad-requests.ts";
import { commandOf } from "./support/elasticache.ts";
import { faultOf } from "./support/fault-of.ts";
import { credentials, startHttp } from "./support/server.ts";
import { newWorld } from "./support/world.ts";

describe("a bad request gets its error and changes nothing", () => {
  const world = newWorld();
  let before: unknown;

  beforeAll(() => {
    for (const { operation, input } of preparations) world.have(operation, input);
    before = world.dump();
  });
  afterAll(() => world[Symbol.dispose]());

  test.each(
    badRequests.map((one) => [`${one.operation} ${JSON.stringify(one.input)}`, one] as const),
  )("%s", (_, { operation, input, code, message }) => {
    expect(faultOf(() => world.ask(operation, input))).toEqual({
      code,
      message: expect.stringMatching(message),
    });
    expect(world.dump()).toEqual(before);
  });

  test("there are at least 60 of them", () => {
    expect(badRequests.length).toBeGreaterThanOrEqual(60);
  });
});

test("over HTTP, the SDK meets the same errors, and nothing changes", async () => {
  using world = newWorld();
  for (const { operation, input } of preparations) world.have(operation, input);
  const before = world.dump();
  await using http = await startHttp([createElastiCacheService(world.call)]);
  const client = new ElastiCacheClient({
    ...{ region: "us-east-1", endpoint: http.url, credentials, maxAttempts: 1 },
  });
  for (const { operation, input, code, message } of badRequests) {
    const error = await client.send(commandOf(operation, input)).then(
      () => null,
      (thrown: Error) => thrown,
    );
    const request = `${operation} ${JSON.stringify(input)}`;
    // The SDK names an error by its shape, which may end in Fault or Exception where the code does not.
    expect(error?.name, request).toContain(code.replace(/Fault$/, ""));
    expect(error?.message, request).toMatch(message);
  }
  expect(world.dump()).toEqual(before);
  client.destroy();
});
