import { beforeEach, describe, expect, test } from "vitest";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { addCluster, addGroup, faultOf, newCall } from "./call-for-tests.ts";
import { describeCacheParameters } from "./describe-parameters.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { createCacheParameterGroup, requireParameterGroup } from "./parameter-groups.ts";
import { modifyCacheParameterGroup, resetCacheParameterGroup } from "./parameter-values.ts";

let call: ElastiCacheCall;
beforeEach(() => {
  call = newCall();
  create("mine", "redis7");
  create("mc", "memcached1.6");
});

function create(CacheParameterGroupName: string, CacheParameterGroupFamily: string): void {
  const common = { CacheParameterGroupFamily, Description: "" };
  createCacheParameterGroup({ CacheParameterGroupName, ...common }, call);
}

function named(
  values: Record<string, string>,
): { ParameterName: string; ParameterValue: string }[] {
  return Object.entries(values).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }));
}

function modify(group: string, values: Record<string, string>): void {
  const ParameterNameValues = named(values);
  modifyCacheParameterGroup({ CacheParameterGroupName: group, ParameterNameValues }, call);
}

function refusal(group: string, values: Record<string, string>): string {
  const before = call.store.list("parameter-group", call);
  const fault = faultOf(() => modify(group, values));
  expect(call.store.list("parameter-group", call)).toEqual(before);
  return fault;
}

function valuesOf(group: string): Readonly<Record<string, string>> {
  return requireParameterGroup(call, group).values;
}

describe("modify", () => {
  test("sets values, one after another", () => {
    modify("MINE", { appendonly: "yes", appendfsync: "always" });
    modify("mine", { appendfsync: "no" });
    expect(valuesOf("mine")).toEqual({ appendonly: "yes", appendfsync: "no" });
  });

  test("keeps a value that is set to the default, so that it reads back as the caller's", () => {
    modify("mine", { "maxmemory-policy": "volatile-lru" });
    const answer = describeCacheParameters(
      { CacheParameterGroupName: "mine", Source: "user" },
      call,
    );
    expect(answer.Parameters).toMatchObject([
      { ParameterName: "maxmemory-policy", ParameterValue: "volatile-lru", Source: "user" },
    ]);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{}, /^InvalidParameterValue: ParameterNameValues must have 1 to 20/],
    [
      { "reserved-memory": "1" },
      /^InvalidParameterValue: Parameter reserved-memory doesn't exist$/,
    ],
    [{ ["__proto__"]: "1" }, /doesn't exist$/],
    [{ maxmemory: "1" }, /^InvalidParameterValue: The parameter maxmemory cannot be modified/],
    [{ activedefrag: "yes" }, /activedefrag cannot be modified/],
    [{ "rename-commands": "flushall blocked" }, /rename-commands must be one of none/],
    [{ "client-output-buffer-limit-normal-hard-limit": "1" }, /must be 0, or .* from 65536/],
    [{ timeout: "5" }, /timeout must be 0, or a whole number from 20/],
    [{ timeout: "20\nrename-command GET x" }, /timeout must be/],
    [{ appendonly: "yes", timeout: "x" }, /timeout must be/],
  ])("refuses %j as a whole", (values, message) => {
    expect(refusal("mine", values)).toMatch(message);
  });

  test("refuses more than 20 parameters, a parameter twice, and one without a value", () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`p${index}`, "1"]));
    expect(refusal("mine", many)).toMatch(/1 to 20/);
    const [one] = named({ timeout: "30" });
    const twice = { CacheParameterGroupName: "mine", ParameterNameValues: [one!, one!] };
    expect(faultOf(() => modifyCacheParameterGroup(twice, call))).toMatch(/more than once/);
    const bare = {
      CacheParameterGroupName: "mine",
      ParameterNameValues: [{ ParameterName: "timeout" }],
    };
    expect(faultOf(() => modifyCacheParameterGroup(bare, call))).toMatch(/needs a ParameterValue/);
  });

  test("refuses default and unknown groups", () => {
    expect(refusal("default.redis7", { appendonly: "yes" })).toMatch(
      /^InvalidCacheParameterGroupState: /,
    );
    expect(refusal("nope", { appendonly: "yes" })).toBe(
      "CacheParameterGroupNotFound: CacheParameterGroup not found: nope",
    );
  });

  test("refuses values that memcached could not start with", () => {
    expect(refusal("mc", { max_item_size: "2000000" })).toMatch(/^InvalidParameterCombination: /);
    modify("mc", { max_item_size: "2097152", watch: "disabled" });
    expect(valuesOf("mc")).toEqual({ max_item_size: "2097152", watch: "disabled" });
  });

  test("refuses values that do not fit the nodes of a cache that uses the group", () => {
    const large = { max_item_size: String(512 * 2 ** 20) };
    addCluster(call, "small", { parameterGroup: "mc", nodeType: "cache.t3.micro" });
    expect(refusal("mc", large)).toMatch(/^InvalidParameterCombination: On cache.t3.micro/);
  });

  test("refuses what no installed engine of the family knows", () => {
    const valkey: InstalledEngine = {
      ...{ engine: "valkey", binaryVersion: "8.0.1", path: "/bin/valkey-server" },
      ...{ serves: ["8.0"], family: "valkey8" },
    };
    create("vk", "valkey8");
    modify("vk", { "commandlog-large-reply-max-len": "64" });
    call = { ...call, installed: [valkey] };
    const change = { "commandlog-large-reply-max-len": "32" };
    expect(refusal("vk", change)).toMatch(/it needs valkey 8.1.0, which this server does not have/);
    const shown = describeCacheParameters({ CacheParameterGroupName: "vk", Source: "user" }, call);
    expect(shown.Parameters).toMatchObject([{ IsModifiable: false }]);
  });

  test.each(["databases", "cluster-enabled", "appendonly"])(
    "changes %s only before use",
    (name) => {
      const value = name === "databases" ? "4" : "yes";
      modify("mine", { [name]: value });
      addGroup(call, "shop", { parameterGroup: "mine" });
      const other = name === "databases" ? "8" : "no";
      expect(refusal("mine", { [name]: other })).toMatch(
        `The parameter ${name} cannot change while shop uses`,
      );
      modify("mine", { [name]: value });
    },
  );

  test("changes the number of databases only while no cache uses the group", () => {
    modify("mine", { databases: "32" });
    addGroup(call, "shop", { parameterGroup: "mine" });
    expect(refusal("mine", { databases: "64" })).toBe(
      "InvalidCacheParameterGroupState: The parameter databases cannot change while shop uses " +
        "the parameter group mine.",
    );
    modify("mine", { databases: "32", timeout: "60" });
    expect(valuesOf("mine")).toEqual({ databases: "32", timeout: "60" });
  });
});

describe("reset", () => {
  test("gives back one default, or all of them", () => {
    modify("mine", { timeout: "60", appendonly: "yes", databases: "4" });
    const ParameterNameValues = [{ ParameterName: "timeout" }];
    resetCacheParameterGroup({ CacheParameterGroupName: "mine", ParameterNameValues }, call);
    expect(valuesOf("mine")).toEqual({ appendonly: "yes", databases: "4" });
    resetCacheParameterGroup({ CacheParameterGroupName: "mine", ResetAllParameters: true }, call);
    expect(valuesOf("mine")).toEqual({});
  });

  test("wants names or everything, not both and not neither", () => {
    const reset = (input: object) =>
      faultOf(() => resetCacheParameterGroup({ CacheParameterGroupName: "mine", ...input }, call));
    const ParameterNameValues = [{ ParameterName: "timeout" }];
    expect(reset({ ParameterNameValues, ResetAllParameters: true })).toMatch(
      /^InvalidParameterCombination: /,
    );
    expect(reset({})).toMatch(/^InvalidParameterValue: /);
    expect(reset({ ParameterNameValues: [{ ParameterName: "nope" }] })).toMatch(/doesn't exist/);
  });

  test("does not leave what memcached could not start with", () => {
    modify("mc", { max_item_size: "65536", slab_chunk_max: "16384" });
    const ParameterNameValues = [{ ParameterName: "slab_chunk_max" }];
    const input = { CacheParameterGroupName: "mc", ParameterNameValues };
    expect(faultOf(() => resetCacheParameterGroup(input, call))).toMatch(
      /^InvalidParameterCombination: /,
    );
    expect(valuesOf("mc")).toEqual({ max_item_size: "65536", slab_chunk_max: "16384" });
  });

  test("leaves the number of databases of a cache that uses the group", () => {
    modify("mine", { databases: "4" });
    addGroup(call, "shop", { parameterGroup: "mine" });
    const input = { CacheParameterGroupName: "mine", ResetAllParameters: true };
    expect(faultOf(() => resetCacheParameterGroup(input, call))).toMatch(/databases cannot change/);
  });
});
