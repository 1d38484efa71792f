import { expect, test } from "vitest";
import { deferService } from "./deferred-service.ts";
import { queryProtocol } from "./query/protocol.ts";
import { defineService } from "./service.ts";

const service = defineService({
  ...{ name: "none", version: "1", xmlNamespace: "urn:none", protocol: queryProtocol },
  ...{ sdk: {}, operations: {}, context: (call) => call },
});

test("a service is loaded once, by whoever asks first", async () => {
  let loads = 0;
  const deferred = deferService("none", queryProtocol, async () => {
    loads += 1;
    return service;
  });
  expect(loads).toBe(0);
  const loaded = await Promise.all([deferred.load(), deferred.load()]);
  expect([...loaded, await deferred.load()]).toEqual([service, service, service]);
  expect(loads).toBe(1);
});

test("loading that failed is tried again by the next request", async () => {
  const outcomes = [Promise.reject(new Error("no memory")), Promise.resolve(service)];
  const deferred = deferService("none", queryProtocol, () => outcomes.shift()!);
  await expect(deferred.load()).rejects.toThrow("no memory");
  expect(await deferred.load()).toBe(service);
});
