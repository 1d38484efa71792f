import { expect, test } from "vitest";
import type { EngineName } from "./engine-name.ts";
import { onDemandUsdPerHour } from "./node-prices.ts";
import { findNodeType, nodeTypes } from "./node-types.ts";

function priceOf(name: string, engine: EngineName): number | undefined {
  return onDemandUsdPerHour(findNodeType(name)!, engine);
}

test.each([
  ["cache.t4g.micro", 0.016, 0.0128],
  ["cache.t4g.medium", 0.065, 0.052],
  ["cache.m7g.12xlarge", 3.77, 3.016],
  ["cache.r6gd.16xlarge", 12.477, 9.9816],
])("%s costs what AWS lists: %d, %d with valkey", (name, usd, valkeyUsd) => {
  expect(priceOf(name, "redis")).toBe(usd);
  expect(priceOf(name, "memcached")).toBe(usd);
  expect(priceOf(name, "valkey")).toBe(valkeyUsd);
});

test("every node type has a price, and more of a family costs more", () => {
  const prices = nodeTypes.map((one) => [one.name, onDemandUsdPerHour(one, "redis")] as const);
  expect(prices.filter(([, usd]) => usd === undefined)).toEqual([]);
  for (const [index, [name, usd]] of prices.entries()) {
    const [next, nextUsd] = prices[index + 1] ?? ["", 0];
    if (next.split(".")[1] === name.split(".")[1]) expect(nextUsd, next).toBeGreaterThan(usd!);
  }
});
