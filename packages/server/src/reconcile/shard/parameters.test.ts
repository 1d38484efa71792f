import { expect, test } from "vitest";
import { applyingNode, planParameters } from "./parameters.ts";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

function settled(): SimulatedShard {
  const shard = new SimulatedShard(3);
  shard.settle();
  return shard;
}

test("nodes are asked for what their shard has, unless it is what they have", () => {
  const shard = settled();
  const parameters = { timeout: "60" };
  const seen = { ...shard.see(), parameters };
  const writes = planParameters(shard.resource, seen, []);
  expect(writes.map(({ ref }) => ref.id)).toEqual([...shard.engines.keys()]);
  for (const write of writes) {
    const { spec } = shard.engine(write.ref.id);
    expect(write).toMatchObject({ write: "spec", spec: { ...spec, parameters } });
  }
  expect(planParameters(shard.resource, shard.see(), [])).toEqual([]);
});

test("a launch of the same pass is left alone, since it brings them too", () => {
  const shard = settled();
  const seen = { ...shard.see(), parameters: { timeout: "60" } };
  const [launch, ...rest] = planParameters(shard.resource, seen, []);
  expect(planParameters(shard.resource, seen, [launch!])).toEqual(rest);
});

test("a node that is to become larger gets the parameters of its size when it does", () => {
  const shard = settled();
  shard.ask({ nodeType: "cache.m5.large" });
  const seen = { ...shard.see(), parameters: { timeout: "60" } };
  expect(planParameters(shard.resource, seen, [])).toEqual([]);
  expect(applyingNode(shard.resource, seen)).toBeUndefined();
});

test("a node applies what it can change until that is in force", () => {
  const shard = settled();
  const first = shard.engine("shop-001.0001");
  expect(applyingNode(shard.resource, shard.see())).toBeUndefined();
  const seen = { ...shard.see(), parameters: { databases: "4" } };
  expect(applyingNode(shard.resource, seen)).toBeUndefined();
  const changed = { ...shard.see(), parameters: { timeout: "60" } };
  expect(applyingNode(shard.resource, changed)?.id).toBe("shop-001.0001");
  for (const one of shard.engines.values()) {
    one.status = { ...one.status, parameters: { timeout: "60" } };
  }
  expect(applyingNode(shard.resource, { ...shard.see(), parameters: { timeout: "60" } })).toBe(
    undefined,
  );
  first.status = { ...first.status, parameters: {}, refusedParameters: { timeout: "60" } };
  expect(applyingNode(shard.resource, { ...shard.see(), parameters: { timeout: "60" } })).toBe(
    undefined,
  );
});
