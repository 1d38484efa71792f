import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { page, pageByToken } from "./pagination.ts";

const paging = { operation: "DescribeThings", keyOf: (key: string) => key };
const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n + 1000}`);
const badValue = expect.objectContaining({ code: "InvalidParameterValue" });

test("pages hold every item once, in order, whatever comes and goes between two of them", () => {
  const lists = fc.uniqueArray(fc.string(), { maxLength: 150 });
  fc.assert(
    fc.property(lists, lists, fc.integer({ min: 20, max: 100 }), (first, second, MaxRecords) => {
      const stay = first.filter((key) => second.includes(key) || key.length > 3);
      const later = [...new Set([...stay, ...second])];
      const seen: string[] = [];
      let Marker: string | undefined;
      let items = first;
      do {
        const next = page(items, { Marker, MaxRecords }, paging);
        expect(next.page.length).toBeLessThanOrEqual(MaxRecords);
        seen.push(...next.page);
        Marker = next.Marker;
        items = later;
      } while (Marker !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? -1 : 1)));
      for (const key of stay) expect(seen).toContain(key);
    }),
  );
});

test("no marker follows the last page", () => {
  expect(page(keys(100), {}, paging)).toEqual({ page: keys(100) });
  expect(page(keys(101), {}, paging).Marker).toBeTypeOf("string");
});

test("a list may run downwards", () => {
  const descending = { ...paging, order: "descending" } as const;
  const first = page(keys(30), { MaxRecords: 20 }, descending);
  expect(first.page[0]).toBe("k1029");
  const second = page(keys(30), { MaxRecords: 20, Marker: first.Marker }, descending);
  expect(second.page).toEqual(keys(10).toReversed());
});

test.each([19, 101, 0, -1])("MaxRecords %i is out of bounds", (MaxRecords) => {
  expect(() => page(keys(1), { MaxRecords }, paging)).toThrow(badValue);
});

test("bounds may differ", () => {
  const snapshots = { ...paging, default: 50, min: 20, max: 50 };
  expect(page(keys(60), {}, snapshots).page).toHaveLength(50);
  expect(() => page(keys(1), { MaxRecords: 51 }, snapshots)).toThrow(badValue);
});

test("serverless operations have NextToken and MaxResults", () => {
  const first = pageByToken(keys(3), { MaxResults: 2 }, paging);
  const second = pageByToken(keys(3), { NextToken: first.NextToken }, paging);
  expect([first.page, second]).toEqual([["k1000", "k1001"], { page: ["k1002"] }]);
  expect(() => pageByToken(keys(1), { MaxResults: 0 }, paging)).toThrow(badValue);
});

describe("a marker is refused", () => {
  const marker = page(keys(101), {}, paging).Marker!;
  test("by another operation", () => {
    const other = { ...paging, operation: "DescribeOthers" };
    expect(() => page(keys(101), { Marker: marker }, other)).toThrow(badValue);
  });
  test("when any of its characters is changed", () => {
    for (let at = 0; at < marker.length; at += 1) {
      const changed = marker.slice(0, at) + (marker[at] === "A" ? "B" : "A") + marker.slice(at + 1);
      expect(() => page(keys(101), { Marker: changed }, paging), `at ${at}`).toThrow(badValue);
    }
  });
  test.each(["x", "null", "W10", "%", `${marker}=`, ` ${marker}`])("when it is %j", (bad) => {
    expect(() => page(keys(101), { Marker: bad }, paging)).toThrow(badValue);
  });
});
