import { beforeEach, expect, test } from "vitest";
import { addCluster, addGroup, faultOf, newCall } from "./call-for-tests.ts";
import { listAllowedNodeTypeModifications } from "./node-type-modifications.ts";
import type { ElastiCacheCall } from "./operation.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
  addCluster(call, "one", { nodeType: "cache.t3.small" });
  addGroup(call, "shop", { nodeType: "cache.t3.micro" });
});

test("types are split by whether what is stored is sure to fit", () => {
  const answer = listAllowedNodeTypeModifications({ CacheClusterId: "ONE" }, call);
  const { ScaleUpModifications: up = [], ScaleDownModifications: down = [] } = answer;
  expect(down).toEqual(["cache.t2.micro", "cache.t3.micro", "cache.t4g.micro"]);
  expect(up).toEqual(expect.arrayContaining(["cache.t4g.small", "cache.t2.small"]));
  expect([...up, ...down]).not.toContain("cache.t3.small");
  expect([...up, ...down].filter((name) => name.includes("r6gd"))).toEqual([]);
});

test("a group and its members have the same choice", () => {
  const ofGroup = listAllowedNodeTypeModifications({ ReplicationGroupId: "shop" }, call);
  expect(listAllowedNodeTypeModifications({ CacheClusterId: "shop-002" }, call)).toEqual(ofGroup);
  expect(ofGroup.ScaleDownModifications).toEqual([]);
});

test.each([
  [{}, /^InvalidParameterCombination: /],
  [{ CacheClusterId: "one", ReplicationGroupId: "shop" }, /^InvalidParameterCombination: /],
  [{ CacheClusterId: "nope" }, /^CacheClusterNotFound: /],
  [{ ReplicationGroupId: "nope" }, /^ReplicationGroupNotFoundFault: /],
])("%j is refused", (input, message) => {
  expect(faultOf(() => listAllowedNodeTypeModifications(input, call))).toMatch(message);
});
