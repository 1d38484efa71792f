import { expect, test } from "vitest";
import { onDemandUsdPerHour } from "./node-prices.ts";
import { findNodeType, nodeTypesFor } from "./node-types.ts";
import { offeringTypes, type ReservedOffering, reservedNodeState } from "./reserved-node.ts";
import { reservedOfferings, terms } from "./reserved-offerings.ts";

/** What one node costs over the whole term. */
function totalUsd({ fixedUsd, recurringUsdPerHour, durationSeconds }: ReservedOffering): number {
  return fixedUsd + (recurringUsdPerHour * durationSeconds) / 3_600;
}

function offeringsOf(name: string, engine: string): readonly ReservedOffering[] {
  return reservedOfferings.filter((one) => one.nodeType === name && one.engine === engine);
}

test("every node type that can be asked for is offered in six ways with each engine", () => {
  for (const [engine, version] of [
    ["redis", "7.1"],
    ["valkey", "8.0"],
    ["memcached", "1.6.18"],
  ] as const) {
    const offered = new Set(
      reservedOfferings.filter((one) => one.engine === engine).map(({ nodeType }) => nodeType),
    );
    expect(offered).toEqual(new Set(nodeTypesFor(engine, version).map(({ name }) => name)));
  }
  expect(
    offeringsOf("cache.t4g.small", "valkey").map((one) => [one.durationSeconds, one.offeringType]),
  ).toEqual(
    [31_536_000, 94_608_000].flatMap((duration) => offeringTypes.map((type) => [duration, type])),
  );
  expect(reservedOfferings).toHaveLength(67 * 3 * 6);
});

test("prices are the on-demand price less the discount, in the parts that are due", () => {
  // 0.032 an hour on demand: 280.32 a year.
  expect(
    offeringsOf("cache.t4g.small", "redis").map((one) => [one.fixedUsd, one.recurringUsdPerHour]),
  ).toEqual([
    [0, 0.0224],
    [92.51, 0.0106],
    [179.4, 0],
    [0, 0.0166],
    [201.83, 0.0077],
    [378.43, 0],
  ]);
});

test("who pays more at once or for longer pays less", () => {
  for (const one of reservedOfferings) {
    const onDemand = onDemandUsdPerHour(findNodeType(one.nodeType)!, one.engine)!;
    const percent = (100 * totalUsd(one)) / ((onDemand * one.durationSeconds) / 3_600);
    const term = terms.find(({ durationSeconds }) => durationSeconds === one.durationSeconds)!;
    const wanted = 100 - term.discountPercents[one.offeringType];
    expect(Math.abs(percent - wanted), JSON.stringify(one)).toBeLessThan(0.5);
  }
  const percents = terms.flatMap(({ discountPercents }) =>
    offeringTypes.map((type) => discountPercents[type]),
  );
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
});

test("ids are UUIDs, differ, and never change", () => {
  const ids = reservedOfferings.map(({ offeringId }) => offeringId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(offeringsOf("cache.t4g.small", "redis")[0]?.offeringId).toBe(
    "9709c796-ff23-8a91-a1d4-7ecca67b08bb",
  );
});

test("a reservation is paid at once, serves its term, and retires", () => {
  const offering = offeringsOf("cache.t4g.small", "redis")[0]!;
  const spec = { ...offering, nodeCount: 1, startsAt: "2026-03-01T12:00:00.000Z" };
  const stateAt = (time: string) => reservedNodeState(spec, new Date(time));
  expect(stateAt("2026-03-01T12:00:00.000Z")).toBe("payment-pending");
  expect(stateAt("2026-03-01T12:00:01.000Z")).toBe("active");
  expect(stateAt("2027-03-01T11:59:59.999Z")).toBe("active");
  expect(stateAt("2027-03-01T12:00:00.000Z")).toBe("retired");
});
