import { beforeEach, expect, test } from "vitest";
import { addCluster, addGroup, faultOf, newCall } from "./call-for-tests.ts";
import type { ElastiCacheCall } from "./operation.ts";
import {
  createCacheParameterGroup,
  deleteCacheParameterGroup,
  describeCacheParameterGroups,
  requireParameterGroup,
} from "./parameter-groups.ts";
import { listTagsForResource } from "./tags.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
});

function create(name: string, family = "redis7"): ReturnType<typeof createCacheParameterGroup> {
  const common = { CacheParameterGroupFamily: family, Description: "for tests" };
  return createCacheParameterGroup({ CacheParameterGroupName: name, ...common }, call);
}

function names(MaxRecords?: number, Marker?: string): (string | undefined)[] {
  const answer = describeCacheParameterGroups({ MaxRecords, Marker }, call);
  return answer.CacheParameterGroups?.map((group) => group.CacheParameterGroupName) ?? [];
}

test("a new group is a copy of its family's defaults, under a lower-case name", () => {
  expect(create("Mine").CacheParameterGroup).toEqual({
    CacheParameterGroupName: "mine",
    CacheParameterGroupFamily: "redis7",
    Description: "for tests",
    IsGlobal: false,
    ARN: "arn:aws:elasticache:us-east-1:123456789012:parametergroup:mine",
  });
  expect(requireParameterGroup(call, "MINE")).toEqual({
    name: "mine",
    family: "redis7",
    values: {},
  });
});

test("tags given with it are its tags", () => {
  const Tags = [{ Key: "team", Value: "shop" }];
  const common = { CacheParameterGroupFamily: "redis7", Description: "" };
  const answer = createCacheParameterGroup({ CacheParameterGroupName: "a", ...common, Tags }, call);
  const ResourceName = answer.CacheParameterGroup?.ARN;
  expect(listTagsForResource({ ResourceName }, call)).toEqual({ TagList: Tags });
});

test.each(["", "1a", "a_b", "a--b", "a-", "default.redis7", "a".repeat(256)])(
  "%j is no name for a group",
  (name) => {
    expect(faultOf(() => create(name))).toMatch(
      /^InvalidParameterValue: .*CacheParameterGroupName is not a valid identifier/,
    );
    expect(names()).toHaveLength(7);
  },
);

test("a name is taken once, a family must be known", () => {
  create("mine");
  expect(faultOf(() => create("MINE"))).toBe(
    "CacheParameterGroupAlreadyExists: Parameter group mine already exists",
  );
  expect(faultOf(() => create("other", "redis9"))).toMatch(
    /^InvalidParameterValue: .*must be one of memcached1.6, redis7, valkey7, valkey8/,
  );
});

test("there can be 300 of them", () => {
  for (let index = 0; index < 300; index += 1) create(`g${index}`);
  expect(faultOf(() => create("one-more"))).toMatch(/^CacheParameterGroupQuotaExceeded: /);
});

test("the default groups are listed with the others, page by page", () => {
  for (let index = 10; index < 40; index += 1) create(`g${index}`);
  const first = describeCacheParameterGroups({ MaxRecords: 20 }, call);
  expect(first.CacheParameterGroups).toHaveLength(20);
  const second = names(20, first.Marker);
  expect(second).toHaveLength(17);
  const firstNames = first.CacheParameterGroups?.map((group) => group.CacheParameterGroupName);
  expect([...(firstNames ?? []), ...second]).toEqual(names());
  expect(names()[0]).toBe("default.memcached1.6");
});

test("one group can be asked for by name", () => {
  const CacheParameterGroupName = "DEFAULT.redis7";
  const answer = describeCacheParameterGroups({ CacheParameterGroupName }, call);
  expect(answer.CacheParameterGroups).toMatchObject([
    {
      CacheParameterGroupName: "default.redis7",
      Description: "Default parameter group for redis7",
    },
  ]);
  expect(
    faultOf(() => describeCacheParameterGroups({ CacheParameterGroupName: "nope" }, call)),
  ).toBe("CacheParameterGroupNotFound: CacheParameterGroup nope not found.");
});

test("a deleted group is gone, with an event of each step", () => {
  create("mine");
  deleteCacheParameterGroup({ CacheParameterGroupName: "Mine" }, call);
  expect(faultOf(() => requireParameterGroup(call, "mine"))).toBe(
    "CacheParameterGroupNotFound: CacheParameterGroup mine not found.",
  );
  const from = "2026-01-01";
  const events = call.store.events({ ...call, from, to: "2027-01-01" });
  expect(events.map(({ sourceId, message }) => `${sourceId}: ${message}`)).toEqual([
    "mine: Cache parameter group deleted",
    "mine: Cache parameter group created",
  ]);
});

test("a group that a cache uses cannot be deleted", () => {
  create("mine");
  addCluster(call, "one", { parameterGroup: "mine" });
  addGroup(call, "two", { parameterGroup: "mine" });
  expect(faultOf(() => deleteCacheParameterGroup({ CacheParameterGroupName: "mine" }, call))).toBe(
    "InvalidCacheParameterGroupState: Cache parameter group mine can not be deleted in the " +
      "current state. It is used by two, one.",
  );
});

test("default and unknown groups cannot be deleted", () => {
  const remove = (name: string) =>
    faultOf(() => deleteCacheParameterGroup({ CacheParameterGroupName: name }, call));
  expect(remove("default.redis7")).toMatch(/^InvalidCacheParameterGroupState: /);
  expect(remove("nope")).toBe("CacheParameterGroupNotFound: CacheParameterGroupnot found: nope");
});

test("groups of another region are not seen", () => {
  create("mine");
  const elsewhere = { ...call, region: "eu-west-1" };
  expect(faultOf(() => requireParameterGroup(elsewhere, "mine"))).toMatch(/not found/);
});
