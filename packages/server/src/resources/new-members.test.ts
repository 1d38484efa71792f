import fc from "fast-check";
import { expect, test } from "vitest";
import { freeMemberIds, freeNodeIds, newMember, spreadOver } from "./new-members.ts";

const zones = ["a", "b", "c"];

test("a new cache goes round-robin over the zones", () => {
  expect(spreadOver(zones, [], 5)).toEqual(["a", "b", "c", "a", "b"]);
});

test("new nodes even out what is there", () => {
  expect(spreadOver(zones, ["a", "a", "b"], 3)).toEqual(["c", "b", "c"]);
});

test("from an even start, no zone ever has two nodes more than another", () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), (count) => {
      const chosen = spreadOver(zones, [], count);
      const uses = zones.map((zone) => chosen.filter((one) => one === zone).length);
      expect(chosen).toHaveLength(count);
      expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(1);
    }),
  );
});

test("ids take the lowest free numbers", () => {
  expect(freeMemberIds("shop", new Set(["shop-001", "shop-003"]), 3)).toEqual([
    ...["shop-002", "shop-004", "shop-005"],
  ]);
  expect(freeNodeIds(new Set(["0002"]), 2)).toEqual(["0001", "0003"]);
});

test("a namesake gets another directory", () => {
  const [one, other] = [1, 2].map(() => newMember("shop-001", "0001", "a", new Date(0)));
  expect(one).toMatchObject({ clusterId: "shop-001", cacheNodeId: "0001", zone: "a", reboots: 0 });
  expect(one!.createdAt).toBe("1970-01-01T00:00:00.000Z");
  expect(one!.uid).not.toBe(other!.uid);
});
