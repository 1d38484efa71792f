import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fault } from "../../aws/fault.ts";
import type { CacheClusterSpec, PendingNodes } from "../../resources/cache-cluster.ts";
import { newMember } from "../../resources/new-members.ts";
import { type NodeCountRequest, requestedNodes } from "./node-count-change.ts";

const zones = ["a", "b", "c"];
const nothing = { remove: [], zones: [], azMode: "single-az" } as const;

function clusterOf(count: number, pendingNodes: PendingNodes | null): CacheClusterSpec {
  const ids = Array.from({ length: count }, (_, index) => String(index + 1).padStart(4, "0"));
  return {
    ...{ engine: "memcached", engineVersion: "1.6.18", nodeType: "cache.t4g.small", port: 11211 },
    ...{ parameterGroup: "default.memcached1.6", subnetGroup: "default", securityGroupIds: [] },
    ...{
      maintenanceWindow: "sun:05:00-sun:06:00",
      autoMinorVersionUpgrade: true,
      update: null,
      pending: null,
    },
    members: ids.map((id) => newMember("items", id, "a", new Date(0))),
    azMode: "single-az",
    pendingNodes,
  };
}

const adding = (count: number): PendingNodes => ({
  add: Array.from({ length: count }, () => ({ zone: "a" })),
  remove: [],
});
const removing = (...ids: readonly string[]): PendingNodes => ({ add: [], remove: ids });

// The table of ModifyCacheCluster in the API reference: three nodes, and what already waits.
describe("a request for other nodes", () => {
  test.each<[string, PendingNodes | null, Partial<NodeCountRequest>, PendingNodes | null]>([
    ["adds", null, { count: 5 }, adding(2)],
    ["adds to a waiting addition", adding(2), { count: 6 }, adding(3)],
    ["replaces a waiting removal by an addition", removing("0001"), { count: 4 }, adding(1)],
    ["removes", null, { count: 2, remove: ["0003"] }, removing("0003")],
    [
      "replaces a waiting removal",
      removing("0001"),
      { count: 1, remove: ["0003", "0002"] },
      removing("0002", "0003"),
    ],
    [
      "replaces a waiting addition by a removal",
      adding(2),
      { count: 2, remove: ["0001"] },
      removing("0001"),
    ],
    ["for the current number cancels an addition", adding(2), { count: 3 }, null],
    ["for the current number cancels a removal", removing("0001"), { count: 3 }, null],
    ["for what already waits changes nothing", adding(2), { count: 5 }, adding(2)],
    ["that names no number keeps what waits", adding(2), {}, adding(2)],
  ])("%s", (_, waiting, request, expected) => {
    const asked = { count: undefined, ...nothing, ...request };
    expect(requestedNodes(clusterOf(3, waiting), asked, zones)).toEqual(expected);
  });

  test("for a part of a waiting addition is refused, with the way out", () => {
    const ask = () => requestedNodes(clusterOf(3, adding(4)), { ...nothing, count: 5 }, zones);
    expect(ask).toThrow(/Set NumCacheNodes to 3/);
  });

  test("is refused, or comes to the number that it names", () => {
    const ids = fc.subarray(["0001", "0002", "0003", "0009"]);
    const request = fc.record({ count: fc.integer({ min: 1, max: 12 }), remove: ids });
    const waiting = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 1, max: 4 }).map(adding),
      fc.subarray(["0001", "0002"], { minLength: 1 }).map((one) => removing(...one)),
    );
    fc.assert(
      fc.property(waiting, request, (before, asked) => {
        let change: PendingNodes | null;
        try {
          change = requestedNodes(clusterOf(3, before), { ...nothing, ...asked }, zones);
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          return;
        }
        const { add, remove } = change ?? { add: [], remove: [] };
        expect(3 + add.length - remove.length).toBe(asked.count);
        expect(new Set(remove).isSubsetOf(new Set(["0001", "0002", "0003"]))).toBe(true);
        expect(add.every(({ zone }) => zone === "a")).toBe(true);
      }),
    );
  });
});
