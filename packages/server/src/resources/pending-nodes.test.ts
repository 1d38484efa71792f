import { expect, test } from "vitest";
import type { CacheClusterSpec, PendingNodes } from "./cache-cluster.ts";
import { newMember } from "./new-members.ts";
import { withNodesChanged, withPendingNodes } from "./pending-nodes.ts";

const now = new Date("2026-01-01T00:00:00Z");

function clusterOf(
  nodeIds: readonly string[],
  pendingNodes: PendingNodes | null,
): CacheClusterSpec {
  return {
    ...{ engine: "memcached", engineVersion: "1.6.18", nodeType: "cache.t4g.small", port: 11211 },
    ...{ parameterGroup: "default.memcached1.6", subnetGroup: "default", securityGroupIds: [] },
    ...{
      maintenanceWindow: "sun:05:00-sun:06:00",
      autoMinorVersionUpgrade: true,
      update: null,
      pending: null,
    },
    members: nodeIds.map((id) => newMember("items", id, "a", now)),
    azMode: "single-az",
    pendingNodes,
  };
}

const idsOf = (spec: CacheClusterSpec) => spec.members.map(({ cacheNodeId }) => cacheNodeId);

test("without pending nodes nothing changes", () => {
  const spec = clusterOf(["0001"], null);
  expect(withPendingNodes(spec, now)).toBe(spec);
});

test("what waited is added and removed, and waits no more", () => {
  const change = { add: [{ zone: "b" }, { zone: null }], remove: ["0002"] };
  const spec = clusterOf(["0001", "0002"], change);
  const done = withPendingNodes(spec, now);
  expect(done.pendingNodes).toBeNull();
  expect(idsOf(done)).toEqual(["0001", "0003", "0004"]);
  expect(done.members.map(({ zone }) => zone)).toEqual(["a", "b", "a"]);
  expect(done.members[0]).toBe(spec.members[0]);
});

test("the id of a node that still exists is not given again", () => {
  const done = withNodesChanged(
    clusterOf(["0001"], null),
    { add: [{ zone: "a" }], remove: [] },
    new Set(["0002"]),
    now,
  );
  expect(idsOf(done)).toEqual(["0001", "0003"]);
});
