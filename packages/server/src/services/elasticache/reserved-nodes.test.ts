import type { ReservedCacheNode, ReservedCacheNodesOffering } from "@aws-sdk/client-elasticache";
import { beforeEach, describe, expect, test } from "vitest";
import { faultOf, newCall } from "./call-for-tests.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { describeReservedCacheNodesOfferings } from "./reserved-node-offerings.ts";
import {
  describeReservedCacheNodes,
  purchaseReservedCacheNodesOffering,
} from "./reserved-nodes.ts";
import { addTagsToResource, listTagsForResource } from "./tags.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
});

const yearSeconds = 31_536_000;

function offerings(
  filter: Input<"DescribeReservedCacheNodesOfferings"> & object = {},
): ReservedCacheNodesOffering[] {
  const answer = describeReservedCacheNodesOfferings({ MaxRecords: 100, ...filter }, call);
  return answer.ReservedCacheNodesOfferings ?? [];
}

/** The only offering of these terms. */
function offeringId(nodeType: string, engine: string, years: string, type: string): string {
  const found = offerings({
    ...{ CacheNodeType: nodeType, ProductDescription: engine, Duration: years, OfferingType: type },
  });
  expect(found).toHaveLength(1);
  return found[0]?.ReservedCacheNodesOfferingId ?? "";
}

function purchase(
  input: Partial<Input<"PurchaseReservedCacheNodesOffering"> & object> = {},
  at = call,
): ReservedCacheNode | undefined {
  const id = offeringId("cache.t4g.small", "redis", "1", "Partial Upfront");
  const asked = { ReservedCacheNodesOfferingId: id, ...input };
  return purchaseReservedCacheNodesOffering(asked, at).ReservedCacheNode;
}

function reservations(
  filter: Input<"DescribeReservedCacheNodes"> & object = {},
  at = call,
): ReservedCacheNode[] {
  return describeReservedCacheNodes(filter, at).ReservedCacheNodes ?? [];
}

const idsOf = (found: readonly ReservedCacheNode[]) => found.map((one) => one.ReservedCacheNodeId);

/** The same caller, so many milliseconds later. */
function later(ms: number): ElastiCacheCall {
  return { ...call, now: new Date(call.now.getTime() + ms) };
}

describe("offerings", () => {
  test("have every member that AWS fills in", () => {
    const id = offeringId("cache.t4g.small", "redis", "1", "Partial Upfront");
    expect(offerings({ ReservedCacheNodesOfferingId: id.toUpperCase() })).toEqual([
      {
        ReservedCacheNodesOfferingId: id,
        CacheNodeType: "cache.t4g.small",
        Duration: yearSeconds,
        FixedPrice: 92.51,
        UsagePrice: 0,
        ProductDescription: "redis",
        OfferingType: "Partial Upfront",
        RecurringCharges: [{ RecurringChargeAmount: 0.0106, RecurringChargeFrequency: "Hourly" }],
      },
    ]);
  });

  test("can be chosen by each filter, and by all together", () => {
    expect(offerings({ CacheNodeType: "cache.r7g.large" })).toHaveLength(18);
    expect(offerings({ CacheNodeType: "cache.r7g.large", Duration: "3" })).toHaveLength(9);
    expect(offerings({ CacheNodeType: "cache.r7g.large", Duration: "94608000" })).toHaveLength(9);
    expect(offerings({ CacheNodeType: "cache.r7g.large", Duration: "P3Y" })).toHaveLength(9);
    expect(
      offerings({ CacheNodeType: "cache.r7g.large", ProductDescription: "memcached" }),
    ).toHaveLength(6);
    expect(
      offerings({ CacheNodeType: "cache.r7g.large", OfferingType: "All Upfront" }),
    ).toHaveLength(6);
    expect(offerings({ CacheNodeType: "cache.m1.small" })).toEqual([]);
    expect(offerings({ CacheNodeType: "cache.r6gd.xlarge" })).toEqual([]);
    expect(offerings({ OfferingType: "Heavy Utilization" })).toEqual([]);
    const id = offeringId("cache.r7g.large", "valkey", "3", "No Upfront");
    expect(offerings({ ReservedCacheNodesOfferingId: id, Duration: "1" })).toEqual([]);
  });

  test("come in pages, each once", () => {
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const input = Marker === undefined ? {} : { Marker };
      const answer = describeReservedCacheNodesOfferings(input, call);
      const found = answer.ReservedCacheNodesOfferings ?? [];
      expect(found.length).toBeLessThanOrEqual(100);
      seen.push(...found.map((one) => one.ReservedCacheNodesOfferingId ?? ""));
      Marker = answer.Marker;
    } while (Marker !== undefined);
    expect(seen).toHaveLength(1_206);
    expect(new Set(seen).size).toBe(1_206);
  });

  test.each([
    [{ Duration: "2" }, "InvalidParameterValue", /Duration must be one of 1, 31536000, P1Y, 3, /],
    [{ OfferingType: "no upfront" }, "InvalidParameterValue", /OfferingType must be one of/],
    [{ ProductDescription: "mysql" }, "InvalidParameterValue", /ProductDescription must be one of/],
    [{ MaxRecords: 101 }, "InvalidParameterValue", /MaxRecords/],
    [{ ReservedCacheNodesOfferingId: "x" }, "ReservedCacheNodesOfferingNotFound", /x/],
  ])("refuse %j", (filter, code, message) => {
    const fault = faultOf(() => offerings(filter));
    expect(fault.startsWith(`${code}: `)).toBe(true);
    expect(fault).toMatch(message);
  });
});

describe("a purchase", () => {
  test("answers with the reservation, and keeps it", () => {
    const reservation = {
      ReservedCacheNodeId: "spring",
      ReservedCacheNodesOfferingId: offeringId("cache.t4g.small", "redis", "1", "Partial Upfront"),
      CacheNodeType: "cache.t4g.small",
      StartTime: call.now,
      Duration: yearSeconds,
      FixedPrice: 92.51,
      UsagePrice: 0,
      CacheNodeCount: 3,
      ProductDescription: "redis",
      OfferingType: "Partial Upfront",
      State: "payment-pending",
      RecurringCharges: [{ RecurringChargeAmount: 0.0106, RecurringChargeFrequency: "Hourly" }],
      ReservationARN: "arn:aws:elasticache:us-east-1:123456789012:reserved-instance:spring",
    };
    expect(purchase({ ReservedCacheNodeId: "Spring", CacheNodeCount: 3 })).toEqual(reservation);
    expect(reservations({ ReservedCacheNodeId: "SPRING" }, later(1_000))).toEqual([
      { ...reservation, State: "active" },
    ]);
    const over = later(yearSeconds * 1_000);
    expect(reservations({}, over)).toEqual([{ ...reservation, State: "retired" }]);
  });

  test("without an id gets one from its time, and never that of another", () => {
    expect([purchase(), purchase(), purchase()].map((one) => one?.ReservedCacheNodeId)).toEqual([
      "ri-2026-03-01-12-00-00-000",
      "ri-2026-03-01-12-00-00-001",
      "ri-2026-03-01-12-00-00-002",
    ]);
    expect(purchase()?.CacheNodeCount).toBe(1);
  });

  test("can be tagged, then and later", () => {
    purchase({ ReservedCacheNodeId: "spring", Tags: [{ Key: "team", Value: "shop" }] });
    const name = {
      ResourceName: "arn:aws:elasticache:us-east-1:123456789012:reserved-instance:Spring",
    };
    addTagsToResource({ ...name, Tags: [{ Key: "year", Value: "2026" }] }, call);
    expect(listTagsForResource(name, call).TagList).toEqual([
      { Key: "team", Value: "shop" },
      { Key: "year", Value: "2026" },
    ]);
  });

  test("belongs to its region", () => {
    purchase({ ReservedCacheNodeId: "spring" });
    const elsewhere = { ...call, region: "eu-west-1" };
    expect(reservations({}, elsewhere)).toEqual([]);
    expect(purchase({ ReservedCacheNodeId: "spring" }, elsewhere)?.ReservationARN).toContain(
      ":eu-west-1:",
    );
  });

  test.each([
    [{ ReservedCacheNodesOfferingId: "x" }, /^ReservedCacheNodesOfferingNotFound: .*: x$/],
    [{ ReservedCacheNodeId: "SPRING" }, /^ReservedCacheNodeAlreadyExists: .*spring/],
    [{ ReservedCacheNodeId: "a--b" }, /^InvalidParameterValue: .*ReservedCacheNodeId/],
    [{ CacheNodeCount: 0 }, /^InvalidParameterValue: .*CacheNodeCount must be at least 1; it is 0/],
    [{ CacheNodeCount: -1 }, /^InvalidParameterValue: .*CacheNodeCount/],
    [{ CacheNodeCount: 300 }, /^ReservedCacheNodeQuotaExceeded: .*at most 300/],
    [{ Tags: [{ Key: "aws:a", Value: "" }] }, /^InvalidParameterValue: .*aws:/],
  ])("with %j is refused, and nothing is reserved", (input, fault) => {
    purchase({ ReservedCacheNodeId: "spring" });
    expect(faultOf(() => purchase(input))).toMatch(fault);
    expect(idsOf(reservations())).toEqual(["spring"]);
  });

  test("finds room again when a reservation has run out", () => {
    purchase({ ReservedCacheNodeId: "full", CacheNodeCount: 300 });
    expect(faultOf(() => purchase())).toMatch(/^ReservedCacheNodeQuotaExceeded: /);
    const over = later(yearSeconds * 1_000);
    expect(purchase({ ReservedCacheNodeId: "next" }, over)?.State).toBe("payment-pending");
  });
});

describe("reservations", () => {
  beforeEach(() => {
    purchase({ ReservedCacheNodeId: "one" });
    const other = offeringId("cache.r7g.large", "valkey", "3", "No Upfront");
    purchase({ ReservedCacheNodeId: "two", ReservedCacheNodesOfferingId: other });
  });

  test("can be chosen by each filter", () => {
    const found = (filter: Input<"DescribeReservedCacheNodes"> & object) =>
      idsOf(reservations(filter));
    expect(found({})).toEqual(["one", "two"]);
    expect(found({ CacheNodeType: "cache.r7g.large" })).toEqual(["two"]);
    expect(found({ Duration: "1" })).toEqual(["one"]);
    expect(found({ ProductDescription: "valkey" })).toEqual(["two"]);
    expect(found({ OfferingType: "Partial Upfront" })).toEqual(["one"]);
    const offering = offeringId("cache.r7g.large", "valkey", "3", "No Upfront");
    expect(found({ ReservedCacheNodesOfferingId: offering })).toEqual(["two"]);
    expect(found({ ReservedCacheNodesOfferingId: "x" })).toEqual([]);
    expect(found({ ReservedCacheNodeId: "one", Duration: "3" })).toEqual([]);
  });

  test("come in pages, in order of id", () => {
    for (let index = 0; index < 20; index += 1) purchase({ ReservedCacheNodeId: `n${index}` });
    const first = describeReservedCacheNodes({ MaxRecords: 20 }, call);
    const second = describeReservedCacheNodes({ MaxRecords: 20, Marker: first.Marker }, call);
    expect(first.ReservedCacheNodes).toHaveLength(20);
    expect(idsOf(second.ReservedCacheNodes ?? [])).toEqual(["one", "two"]);
    expect(second.Marker).toBeUndefined();
  });

  test("that are not there, or filters that there never are, are refused", () => {
    expect(faultOf(() => reservations({ ReservedCacheNodeId: "three" }))).toBe(
      "ReservedCacheNodeNotFound: ReservedCacheNode not found: three",
    );
    expect(faultOf(() => reservations({ Duration: "5" }))).toMatch(/^InvalidParameterValue: /);
  });
});

test("a reservation keeps the terms of its day, whatever is offered now", () => {
  purchase({ ReservedCacheNodeId: "spring" });
  const [stored] = call.store.list("reserved-node", call);
  call.store.setSpec(stored!, { ...stored!.spec, fixedUsd: 1_248, recurringUsdPerHour: 0.077 });
  expect(reservations()).toMatchObject([
    { FixedPrice: 1_248, RecurringCharges: [{ RecurringChargeAmount: 0.077 }] },
  ]);
});
