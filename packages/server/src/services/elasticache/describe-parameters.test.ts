import { beforeEach, expect, test } from "vitest";
import { faultOf, newCall } from "./call-for-tests.ts";
import { describeCacheParameters, describeEngineDefaultParameters } from "./describe-parameters.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { createCacheParameterGroup } from "./parameter-groups.ts";
import { modifyCacheParameterGroup } from "./parameter-values.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
});

test("a default group shows every parameter in the API's terms", () => {
  const answer = describeCacheParameters({ CacheParameterGroupName: "default.redis7" }, call);
  expect(answer.Marker).toBeUndefined();
  expect(answer.Parameters).toContainEqual({
    ParameterName: "timeout",
    ParameterValue: "0",
    Description: expect.stringMatching(/idle/),
    Source: "system",
    DataType: "integer",
    AllowedValues: "0,20-",
    IsModifiable: true,
    MinimumEngineVersion: "2.8.6",
    ChangeType: "immediate",
  });
});

test("values that follow from the node type are listed apart", () => {
  const answer = describeCacheParameters({ CacheParameterGroupName: "default.redis7" }, call);
  const specific = answer.CacheNodeTypeSpecificParameters ?? [];
  expect(specific.map(({ ParameterName }) => ParameterName)).toEqual([
    "client-output-buffer-limit-replica-hard-limit",
    "client-output-buffer-limit-replica-soft-limit",
    "maxclients",
    "maxmemory",
  ]);
  expect(specific.at(-1)?.CacheNodeTypeSpecificValues).toContainEqual({
    CacheNodeType: "cache.t4g.small",
    Value: "1471026299",
  });
});

test("a group for cluster mode differs in one value", () => {
  const CacheParameterGroupName = "default.redis7.cluster.on";
  const user = describeCacheParameters({ CacheParameterGroupName, Source: "user" }, call);
  expect(user.Parameters).toMatchObject([
    { ParameterName: "cluster-enabled", ParameterValue: "yes" },
  ]);
});

test("Source chooses what callers set, or the rest", () => {
  const CacheParameterGroupName = "mine";
  const family = { CacheParameterGroupFamily: "redis7", Description: "" };
  createCacheParameterGroup({ CacheParameterGroupName, ...family }, call);
  const ParameterNameValues = [{ ParameterName: "appendonly", ParameterValue: "yes" }];
  modifyCacheParameterGroup({ CacheParameterGroupName, ParameterNameValues }, call);
  const namesWith = (Source?: string) =>
    describeCacheParameters({ CacheParameterGroupName, Source }, call).Parameters?.map(
      ({ ParameterName }) => ParameterName,
    ) ?? [];
  expect(namesWith("user")).toEqual(["appendonly"]);
  expect(namesWith("system")).toEqual(namesWith().filter((name) => name !== "appendonly"));
  expect(namesWith("engine-default")).toEqual([]);
  expect(faultOf(() => namesWith("nobody"))).toMatch(/^InvalidParameterValue: Source must be/);
});

test("an unknown group has no parameters", () => {
  expect(faultOf(() => describeCacheParameters({ CacheParameterGroupName: "nope" }, call))).toBe(
    "CacheParameterGroupNotFound: CacheParameterGroup nope not found.",
  );
});

test("the defaults of a family come page by page, with the marker inside", () => {
  const CacheParameterGroupFamily = "memcached1.6";
  const pages: (string | undefined)[][] = [];
  let Marker: string | undefined;
  do {
    const input = { CacheParameterGroupFamily, MaxRecords: 20, Marker };
    const { EngineDefaults } = describeEngineDefaultParameters(input, call);
    expect(EngineDefaults?.CacheParameterGroupFamily).toBe("memcached1.6");
    const { Parameters = [], CacheNodeTypeSpecificParameters = [] } = EngineDefaults ?? {};
    const rows = [...Parameters, ...CacheNodeTypeSpecificParameters];
    pages.push(rows.map(({ ParameterName }) => ParameterName));
    Marker = EngineDefaults?.Marker;
  } while (Marker !== undefined);
  expect(pages.map(({ length }) => length)).toEqual([20, pages[1]?.length]);
  const all = pages.flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all).toContain("max_cache_memory");
});

test("node types without memcached have no values of it", () => {
  const CacheParameterGroupFamily = "memcached1.6";
  const { EngineDefaults } = describeEngineDefaultParameters({ CacheParameterGroupFamily }, call);
  for (const one of EngineDefaults?.CacheNodeTypeSpecificParameters ?? []) {
    const types = one.CacheNodeTypeSpecificValues?.map(({ CacheNodeType }) => CacheNodeType);
    expect(types).toContain("cache.r6g.large");
    expect(types).not.toContain("cache.r6gd.xlarge");
  }
});

test("an unknown family is refused", () => {
  const input = { CacheParameterGroupFamily: "redis2.6" };
  expect(faultOf(() => describeEngineDefaultParameters(input, call))).toMatch(
    /^InvalidParameterValue: CacheParameterGroupFamily redis2.6/,
  );
});
