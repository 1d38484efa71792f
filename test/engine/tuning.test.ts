import type { NodeSettings } from "@larder/server/engine/engine.ts";
import { until } from "@larder/testkit/until.ts";
import { describe, expect, test } from "vitest";
import { configAt } from "./support/config.ts";
import { NodeBench, redisFamily, type TestNode } from "./support/nodes.ts";
import { tenant } from "./support/tenant.ts";

describe.each(redisFamily)("tuning on $engine $binaryVersion", (engine) => {
  const settings = (bench: NodeBench, parameters: NodeSettings["parameters"]): NodeSettings => {
    if (bench.nodeType === undefined) throw new Error("the node type is missing");
    return { installed: engine, nodeType: bench.nodeType, parameters };
  };

  test("changes what is named, and nothing else", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    const parameters = {
      ...{ "reserved-memory-percent": "50", "maxmemory-policy": "allkeys-lru", timeout: "40" },
      "client-output-buffer-limit-pubsub-soft-seconds": "7",
    };
    const named = Object.keys(parameters).filter((name) => name !== "timeout");
    // Twice, as a step may be taken.
    for (const _ of [1, 2]) {
      expect(await tuningOf(node).apply(settings(bench, parameters), named)).toEqual({});
    }
    expect(await configOf(bench, node)).toMatchObject({
      ...{ maxmemory: "735513149", "maxmemory-policy": "allkeys-lru", timeout: "0" },
      "client-output-buffer-limit": expect.stringContaining("pubsub 33554432 8388608 7"),
    });
  });

  test("a value that is refused is named, and keeps none of the others out", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    const parameters = { "lfu-decay-time": "9", "active-expire-effort": "11", timeout: "40" };
    const refusals = await tuningOf(node).apply(
      settings(bench, parameters),
      Object.keys(parameters),
    );
    expect(refusals).toEqual({
      "active-expire-effort": expect.stringContaining("between 1 and 10"),
    });
    expect(await configOf(bench, node)).toMatchObject({
      ...{ "lfu-decay-time": "9", "active-expire-effort": "1", timeout: "40" },
    });
  });

  test("a node that is busy has refused nothing", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start({ parameters: { "lua-time-limit": "20" } });
    await using client = await tenant(node.address);
    await using other = await tenant(node.address);
    const script = client.redis.eval("while true do end", 0).catch(() => null);
    await until(
      "the node is busy",
      async () => (await other.redis.ping().catch(String)).includes("BUSY") || "it answers",
      { withinMs: 5_000 },
    );
    const apply = () => tuningOf(node).apply(settings(bench, { timeout: "40" }), ["timeout"]);
    await expect(apply()).rejects.toThrow("BUSY");
    await other.redis.script("KILL");
    await script;
    expect(await apply()).toEqual({});
    expect((await configOf(bench, node))["timeout"]).toBe("40");
  });
});

function tuningOf({ session }: TestNode) {
  if (session.tuning === undefined) throw new Error("parameters cannot change while it runs");
  return session.tuning;
}

const configOf = (bench: NodeBench, { address }: TestNode) => configAt(address, bench.password);
