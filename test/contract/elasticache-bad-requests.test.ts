import { Fault } from "@larder/server/aws/fault.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badRequests, preparations } from "./bad-requests.ts";
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

function faultOf(work: () => unknown): { code: string; message: string } | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { code: error.code, message: error.message };
  }
}
