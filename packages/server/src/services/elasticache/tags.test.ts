import type { Tag } from "@aws-sdk/client-elasticache";
import { beforeEach, describe, expect, test } from "vitest";
import { refIn } from "../../resources/ref.ts";
import { addCluster, addGroup, faultOf, newCall } from "./call-for-tests.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { createCacheParameterGroup } from "./parameter-groups.ts";
import { validateTags } from "./tag-rules.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
  addCluster(call, "one");
  addGroup(call, "shop");
});

const arn = (resource: string): string => `arn:aws:elasticache:us-east-1:123456789012:${resource}`;

function tagsOf(tags: Record<string, string>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function add(resource: string, tags: Record<string, string>): Tag[] | undefined {
  return addTagsToResource({ ResourceName: arn(resource), Tags: tagsOf(tags) }, call).TagList;
}

function remove(resource: string, ...TagKeys: string[]): Tag[] | undefined {
  return removeTagsFromResource({ ResourceName: arn(resource), TagKeys }, call).TagList;
}

function list(resource: string): Tag[] | undefined {
  return listTagsForResource({ ResourceName: arn(resource) }, call).TagList;
}

function numbered(count: number, prefix = "k"): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [prefix + index, ""]));
}

describe("adding and removing", () => {
  test("both answer with the full list", () => {
    expect(list("cluster:one")).toEqual([]);
    expect(add("cluster:one", { b: "1", a: "2" })).toEqual(tagsOf({ a: "2", b: "1" }));
    expect(add("cluster:ONE", { b: "3" })).toEqual(tagsOf({ a: "2", b: "3" }));
    expect(remove("cluster:one", "a")).toEqual(tagsOf({ b: "3" }));
    expect(list("cluster:one")).toEqual(tagsOf({ b: "3" }));
  });

  test("a key that is not there removes nothing", () => {
    add("cluster:one", { a: "1" });
    expect(faultOf(() => remove("cluster:one", "a", "z"))).toMatch(/^TagNotFound: .*"z"/);
    expect(list("cluster:one")).toEqual(tagsOf({ a: "1" }));
  });

  test("a resource has at most 50", () => {
    add("cluster:one", numbered(50));
    expect(add("cluster:one", { k0: "changed" })).toHaveLength(50);
    expect(faultOf(() => add("cluster:one", { more: "" }))).toMatch(
      /^TagQuotaPerResourceExceeded: /,
    );
  });

  test("a stand-alone cluster's tags are kept with its own resource", () => {
    add("cluster:one", { a: "1" });
    const ref = refIn(call, "cache-cluster", "one");
    expect(call.store.tags(ref)).toEqual(new Map([["a", "1"]]));
  });

  test("a parameter group has tags, a default group has none and takes none", () => {
    const common = { CacheParameterGroupFamily: "redis7", Description: "" };
    createCacheParameterGroup({ CacheParameterGroupName: "mine", ...common }, call);
    expect(add("parametergroup:mine", { a: "1" })).toEqual(tagsOf({ a: "1" }));
    for (const resource of ["parametergroup:default.redis7", "subnetgroup:default"]) {
      expect(list(resource)).toEqual([]);
      expect(faultOf(() => add(resource, { a: "1" }))).toMatch(/default group/);
    }
  });
});

describe("a replication group", () => {
  test("passes its tags to its members, which keep their own", () => {
    add("cluster:shop-001", { own: "1", both: "member" });
    add("replicationgroup:shop", { both: "group", team: "a" });
    expect(list("cluster:shop-001")).toEqual(tagsOf({ both: "group", own: "1", team: "a" }));
    expect(list("cluster:shop-002")).toEqual(tagsOf({ both: "group", team: "a" }));
    expect(remove("replicationgroup:shop", "team")).toEqual(tagsOf({ both: "group" }));
    expect(list("cluster:shop-001")).toEqual(tagsOf({ both: "group", own: "1" }));
  });

  test("keeps its members' tags under their nodes", () => {
    add("replicationgroup:shop", { a: "1" });
    const ref = refIn(call, "node", "shop-002.0001");
    expect(call.store.tags(ref)).toEqual(new Map([["a", "1"]]));
  });

  test("changes nothing when one member would have too many", () => {
    add("cluster:shop-002", numbered(50));
    expect(faultOf(() => add("replicationgroup:shop", { a: "1" }))).toMatch(
      /^TagQuotaPerResourceExceeded: /,
    );
    expect(list("replicationgroup:shop")).toEqual([]);
    expect(list("cluster:shop-001")).toEqual([]);
  });
});

test("only what is available can be tagged", () => {
  call.store.markDeleting(refIn(call, "cache-cluster", "one"));
  call.store.markDeleting(refIn(call, "replication-group", "shop"));
  const message =
    "InvalidReplicationGroupState: Cluster not in available state to perform tagging operations.";
  expect(faultOf(() => add("cluster:one", { a: "1" }))).toBe(message);
  expect(faultOf(() => list("replicationgroup:shop"))).toBe(message);
  expect(faultOf(() => remove("cluster:shop-001", "a"))).toBe(message);
});

test.each([
  ["shop", "InvalidARN: Input ARN string does not have 7 components."],
  [
    "arn:aws-cn:elasticache:us-east-1:123456789012:cluster:one",
    "InvalidARN: partition field is wrong. Expected value is aws",
  ],
  [
    "arn:aws:rds:us-east-1:123456789012:cluster:one",
    "InvalidARN: service field is wrong. Expected value is elasticache",
  ],
  [
    "arn:aws:elasticache:eu-west-1:123456789012:cluster:one",
    "InvalidARN: region field is wrong. Expected value is us-east-1",
  ],
  [
    "arn:aws:elasticache:us-east-1:999999999999:cluster:one",
    "InvalidARN: account field is wrong. Expected value is 123456789012",
  ],
])("%s is refused", (ResourceName, message) => {
  expect(faultOf(() => listTagsForResource({ ResourceName }, call))).toBe(message);
});

test.each([
  ["cluster:nope", "CacheClusterNotFound"],
  ["replicationgroup:nope", "ReplicationGroupNotFoundFault"],
  ["parametergroup:nope", "CacheParameterGroupNotFound"],
  ["subnetgroup:nope", "CacheSubnetGroupNotFoundFault"],
  ["snapshot:nope", "SnapshotNotFoundFault"],
  ["securitygroup:nope", "CacheSecurityGroupNotFound"],
  ["user:nope", "UserNotFound"],
  ["usergroup:nope", "UserGroupNotFound"],
  ["reserved-instance:nope", "ReservedCacheNodeNotFound"],
  ["serverlesscache:nope", "ServerlessCacheNotFoundFault"],
  ["serverlesscachesnapshot:nope", "ServerlessCacheSnapshotNotFoundFault"],
  ["constructor:nope", "InvalidARN"],
  ["globalreplicationgroup:nope", "InvalidARN"],
  ["cluster:", "InvalidARN"],
])("%s: %s", (resource, code) => {
  expect(faultOf(() => list(resource)).split(":")[0]).toBe(code);
});

describe("what a tag can be", () => {
  test.each([
    { Key: "Team name", Value: "Ünïcode + - = . _ : / @ 日本" },
    { Key: "k".repeat(128), Value: "v".repeat(256) },
    { Key: "empty", Value: "" },
    { Key: "none" },
  ])("%j is one", (tag) => {
    expect([...validateTags([tag])]).toEqual([[tag.Key, tag.Value ?? ""]]);
  });

  test.each([
    [{ Key: "", Value: "x" }],
    [{ Value: "x" }],
    [{ Key: "k".repeat(129), Value: "" }],
    [{ Key: "k", Value: "v".repeat(257) }],
    [{ Key: "aws:owner", Value: "" }],
    [{ Key: "AWS:owner", Value: "" }],
    [{ Key: "a\nb", Value: "" }],
    [{ Key: "a", Value: "x\u2028y" }],
    [{ Key: "<a>", Value: "" }],
  ])("%j is none", (tag) => {
    expect(faultOf(() => validateTags([tag]))).toMatch(/^InvalidParameterValue: /);
  });

  test("a key comes once, and 50 of them at most", () => {
    expect(faultOf(() => validateTags([...tagsOf({ a: "1" }), ...tagsOf({ a: "2" })]))).toMatch(
      /more than once/,
    );
    expect(validateTags(tagsOf(numbered(50))).size).toBe(50);
    expect(faultOf(() => validateTags(tagsOf(numbered(51))))).toMatch(
      /^TagQuotaPerResourceExceeded: /,
    );
    expect(validateTags(undefined).size).toBe(0);
  });
});
