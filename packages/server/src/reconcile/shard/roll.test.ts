import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSpare } from "../../resources/spare.ts";
import { type SimulatedEngine, SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second] = ["shop-001.0001", "shop-002.0001"] as const;
const spareId = "shop-001.spare";
const larger = { nodeType: "cache.t4g.medium" } as const;

function settled(size: number, automaticFailover = true): SimulatedShard {
  const shard = new SimulatedShard(size, automaticFailover);
  shard.settle();
  return shard;
}

function withoutSpare(shard: SimulatedShard): readonly SimulatedEngine[] {
  return [...shard.engines.values()].filter((one) => !isSpare(one.spec));
}

function expectReplaced(shard: SimulatedShard): void {
  expect(shard.status).toMatchObject({ state: "available", spare: null });
  expect([...shard.engines.keys()].filter((id) => id.endsWith("spare"))).toEqual([]);
  for (const { status } of shard.engines.values()) {
    expect(status.launchedAs?.nodeType).toBe(shard.resource.spec.nodeType);
  }
}

describe("a change of node type", () => {
  test.each([1, 2, 3, 6])("replaces every node of a shard of %i", (size) => {
    const shard = settled(size);
    shard.ask(larger);
    shard.settle(1_000);
    expectReplaced(shard);
    expect(shard.events.join()).not.toMatch(/Recover|recovery|empty/);
  });

  test.each([1, 2, 3])("keeps a shard of %i writable and as redundant as it was", (size) => {
    const shard = settled(size);
    let written = shard.write() ? 1 : 0;
    shard.pass();
    shard.ask(larger);
    for (let pass = 0; pass < 400 && !isDone(shard); pass += 1) {
      shard.pass();
      expect(shard.write()).toBe(true);
      written += 1;
      const holding = [...shard.engines.values()].filter((one) => one.alive && one.offset > 0);
      expect(holding.length).toBeGreaterThanOrEqual(size);
    }
    shard.settle();
    expectReplaced(shard);
    for (const one of shard.engines.values()) expect(one.offset).toBe(written);
  });

  test("replaces replicas before the primary, and one at a time", () => {
    const shard = settled(3);
    const launches = () => withoutSpare(shard).map((one) => one.spec.launch.number);
    shard.ask(larger);
    while (!isDone(shard)) {
      const before = launches();
      const { primary } = shard.status;
      const wasOutdated = shard.engine(primary ?? "").spec.nodeType !== larger.nodeType;
      shard.pass();
      const raised = launches().filter((number, index) => number !== before[index]).length;
      expect(raised).toBeLessThanOrEqual(1);
      if (shard.status.primary !== primary && wasOutdated) {
        const rest = withoutSpare(shard).filter((one) => one !== shard.engine(primary ?? ""));
        for (const one of rest) expect(one.spec.nodeType).toBe(larger.nodeType);
      }
    }
  });

  test("has a shard without replica served by a spare meanwhile, and gives the role back", () => {
    const shard = settled(1);
    const primaries = new Set<string | null>();
    shard.ask(larger);
    for (let pass = 0; pass < 100 && !isDone(shard); pass += 1) {
      shard.pass();
      primaries.add(shard.status.primary);
    }
    expect([...primaries]).toEqual([first, spareId]);
    shard.settle();
    expect(shard.status.primary).toBe(first);
    expect(shard.events.join()).not.toMatch(/Failover/);
  });

  test("asked for again in the middle replaces the spare too", () => {
    const shard = settled(2);
    shard.ask(larger);
    while (shard.engine(second).spec.nodeType !== larger.nodeType) shard.pass();
    shard.ask({ nodeType: "cache.t4g.micro" });
    shard.settle(1_000);
    expectReplaced(shard);
  });

  test("taken back in the middle leaves no spare behind", () => {
    const shard = settled(3);
    const before = shard.resource.spec.nodeType;
    shard.ask(larger);
    while (!shard.engines.has(spareId)) shard.pass();
    shard.ask({ nodeType: before });
    shard.settle(1_000);
    expectReplaced(shard);
  });
});

describe("what is outdated", () => {
  test("another name of a version that the running binary serves changes nothing", () => {
    const shard = settled(2);
    shard.ask({ engineVersion: "7.0" });
    shard.settle();
    expect(withoutSpare(shard).map((one) => one.spec.launch.number)).toEqual([1, 1]);
  });

  test("another engine replaces every node", () => {
    const shard = settled(2);
    shard.installedVersion = "8.0.1";
    shard.ask({ engine: "valkey", engineVersion: "8.0" });
    shard.settle(1_000);
    expectReplaced(shard);
    for (const { status } of shard.engines.values()) {
      expect(status.launchedAs).toMatchObject({ engine: "valkey", binaryVersion: "8.0.1" });
    }
  });

  test("a binary that is older than asked for is replaced where a newer one is installed", () => {
    const shard = settled(2);
    shard.ask({ binaryAtLeast: "7.0.16" });
    shard.settle();
    expect(shard.engine(first).status.launchedAs?.binaryVersion).toBe("7.0.15");
    shard.installedVersion = "7.0.16";
    shard.settle(1_000);
    for (const { status } of shard.engines.values()) {
      expect(status.launchedAs?.binaryVersion).toBe("7.0.16");
    }
    expectReplaced(shard);
  });
});

test("a stand-alone node restarts in place", () => {
  const shard = settled(1);
  shard.resource = {
    ...shard.resource,
    owner: { ...shard.resource.owner!, kind: "cache-cluster" },
  };
  shard.ask(larger);
  shard.settle();
  expectReplaced(shard);
  expect(shard.engine(first).spec.launch).toMatchObject({ number: 2, data: "keep" });
});

const fault = fc.record({
  kind: fc.constantFrom("kill", "hang", "cut"),
  node: fc.nat({ max: 3 }),
  passes: fc.integer({ min: 0, max: 6 }),
});

test("whatever fails on the way, everything is replaced, and one node at most takes writes", () => {
  const faults = fc.array(fault, { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), faults, fc.boolean(), (size, list, failover) => {
      const shard = settled(size, failover);
      const check = () => {
        const taking = shard.holdersOfPrimaryEndpoint().filter((one) => one.role === "primary");
        expect(taking.length).toBeLessThanOrEqual(1);
        const spares = [...shard.engines.keys()].filter((id) => id.endsWith("spare"));
        expect(spares.length).toBeLessThanOrEqual(1);
      };
      shard.ask(larger);
      for (const { kind, node, passes } of list) {
        const [id, engine] = [...shard.engines][node % shard.engines.size] ?? [];
        if (id !== undefined && engine?.alive === true) {
          if (kind === "kill") shard.kill(id);
          if (kind === "hang") engine.hung = true;
        }
        if (kind === "cut") shard.pass(passes);
        for (let pass = 0; pass < passes; pass += 1) {
          shard.pass();
          check();
        }
      }
      shard.settle(4_000);
      check();
      expectReplaced(shard);
      expect(shard.write()).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("while a ready replica or the spare lives, a lost primary costs no acknowledged write", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 60 }), (size, passes) => {
      const shard = settled(size);
      let written = 0;
      shard.ask(larger);
      for (let pass = 0; pass < passes; pass += 1) {
        shard.pass();
        if (shard.write()) written += 1;
      }
      shard.pass();
      // Those that are ready for another primary than the present one have not shown it yet.
      const { epoch, readyEpoch, ready, primary } = shard.status;
      const synced = epoch === readyEpoch && ready.length > 0;
      if (!synced) return;
      shard.kill(primary ?? "");
      shard.settle(2_000);
      expect(shard.engine(shard.status.primary ?? "").offset).toBe(written);
    }),
    { numRuns: 300 },
  );
});

function isDone(shard: SimulatedShard): boolean {
  const { state, spare, settledGeneration } = shard.status;
  return state === "available" && spare === null && settledGeneration === shard.resource.generation;
}
