import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Upstream } from "../../resources/upstream.ts";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second, third] = ["shop-001.0001", "shop-002.0001", "shop-003.0001"] as const;

function foreign(shard: SimulatedShard): Upstream {
  return { kind: "foreign", address: shard.outside.address };
}

/** A shard that follows an engine outside. */
function following(size: number): SimulatedShard {
  const shard = new SimulatedShard(size);
  shard.ask({ upstream: foreign(shard) });
  shard.settle();
  return shard;
}

/** Who each engine follows. */
function chain(shard: SimulatedShard): Readonly<Record<string, string | null>> {
  return Object.fromEntries([...shard.engines].map(([id, one]) => [id, one.primary?.host ?? null]));
}

describe("a shard with an upstream", () => {
  test("starts its primary as a replica of it, and the others as replicas of the primary", () => {
    const shard = following(3);
    const own = shard.engine(first).address.host;
    expect(chain(shard)).toEqual({
      [first]: shard.outside.address.host,
      [second]: own,
      [third]: own,
    });
    expect(shard.status).toMatchObject({ state: "available", primary: first, upstreamLink: "up" });
    expect(shard.status.ready).toEqual([second, third]);
    expect(shard.write()).toBe(false);
  });

  test("that is new is not available before it has the data", () => {
    const shard = new SimulatedShard(1);
    shard.outside.alive = false;
    shard.ask({ upstream: foreign(shard) });
    for (let pass = 0; pass < 20; pass += 1) shard.pass();
    expect(shard.status).toMatchObject({
      state: "creating",
      because: "it copies the data of its upstream",
    });
    shard.outside.alive = true;
    shard.settle();
    expect(shard.status.upstreamLink).toBe("up");
  });

  test("that has the data stays available while the upstream is away", () => {
    const shard = following(2);
    shard.outside.alive = false;
    shard.settle();
    expect(shard.status).toMatchObject({ state: "available", upstreamLink: "down" });
  });

  test("fails over to a replica, which follows the upstream", () => {
    const shard = following(3);
    shard.outside.offset = 500;
    shard.pass();
    shard.kill(first);
    shard.settle();
    expect(shard.status.primary).not.toBe(first);
    const heir = shard.status.primary ?? "";
    expect(shard.engine(heir)).toMatchObject({ role: "replica", primary: shard.outside.address });
    expect(shard.engine(first)).toMatchObject({ primary: shard.engine(heir).address, offset: 500 });
  });

  test("moves its primary on request without the engine's own handover", () => {
    const shard = following(3);
    shard.ask({ handover: { number: 1, to: "shop-003", reason: "promote" } });
    const steps = shard.pass();
    expect(steps.map((one) => one.do)).not.toContain("hand-over");
    shard.settle();
    expect(shard.status).toMatchObject({ primary: third, handledHandover: 1 });
    expect(chain(shard)[third]).toBe(shard.outside.address.host);
    expect(chain(shard)[first]).toBe(shard.engine(third).address.host);
  });

  test("takes writes once it has none any more, and its replicas show anew that they follow", () => {
    const shard = following(2);
    shard.ask({ upstream: null });
    shard.settle();
    expect(shard.engine(first).role).toBe("primary");
    expect(shard.status).toMatchObject({ upstreamLink: null, ready: [second] });
    expect(shard.status.readyEpoch).toBe(shard.status.epoch);
    expect(shard.write()).toBe(true);
  });

  test("takes no writes while it follows nobody, and keeps its data", () => {
    const shard = new SimulatedShard(2);
    shard.settle();
    shard.write();
    shard.ask({ upstream: { kind: "none" } });
    shard.settle();
    expect(shard.status).toMatchObject({ state: "available", upstreamLink: "fenced" });
    expect(shard.write()).toBe(false);
    expect(shard.engine(first).offset).toBe(1);
    shard.ask({ upstream: null });
    shard.settle();
    expect(shard.write()).toBe(true);
    expect(shard.engine(first).offset).toBe(2);
  });
});

describe("a shard whose data caches elsewhere hold", () => {
  test("does not start empty over them; it waits for an upstream", () => {
    const shard = new SimulatedShard(2);
    shard.ask({ heldElsewhere: true });
    shard.settle();
    shard.write();
    shard.kill(first);
    shard.kill(second);
    for (let pass = 0; pass < 50; pass += 1) shard.pass();
    expect(shard.status.dataLost).toBe(true);
    expect([...shard.engines.values()].some((one) => one.alive)).toBe(false);
    shard.ask({ upstream: foreign(shard) });
    shard.settle();
    expect(shard.status).toMatchObject({ dataLost: false, upstreamLink: "up" });
    expect(shard.engine(second).offset).toBe(shard.outside.offset);
  });

  test("does not start empty either while it is to follow nobody", () => {
    const shard = new SimulatedShard(1);
    shard.ask({ heldElsewhere: true, upstream: { kind: "none" } });
    shard.settle();
    shard.kill(first);
    for (let pass = 0; pass < 50; pass += 1) shard.pass();
    expect(shard.status.dataLost).toBe(true);
    expect(shard.engine(first).alive).toBe(false);
  });

  test("starts empty once nobody holds it any more", () => {
    const shard = new SimulatedShard(1);
    shard.ask({ heldElsewhere: true });
    shard.settle();
    shard.kill(first);
    for (let pass = 0; pass < 10; pass += 1) shard.pass();
    shard.ask({ heldElsewhere: false });
    shard.settle();
    expect(shard.status.dataLost).toBe(false);
  });
});

test("whatever is lost and asked for meanwhile, it ends as asked, with nobody writable beside", () => {
  const fault = fc.oneof(
    fc.record({ do: fc.constant("kill" as const), node: fc.constantFrom(first, second, third) }),
    fc.record({
      do: fc.constant("ask" as const),
      upstream: fc.constantFrom("foreign", "none", "nothing"),
    }),
    fc.record({ do: fc.constant("pass" as const), steps: fc.integer({ min: 0, max: 6 }) }),
  );
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 20 }), (faults) => {
      const shard = following(3);
      for (const one of faults) {
        if (one.do === "kill") shard.kill(one.node);
        else if (one.do === "pass") shard.pass(one.steps);
        else if (one.upstream === "foreign") shard.ask({ upstream: foreign(shard) });
        else shard.ask({ upstream: one.upstream === "none" ? { kind: "none" } : null });
      }
      shard.settle(1_000);
      const { upstream } = shard.resource.spec;
      const writable = [...shard.engines.values()].filter((one) => one.role === "primary");
      expect(writable).toHaveLength(upstream === null ? 1 : 0);
      expect(shard.write()).toBe(upstream === null);
      const primary = shard.status.primary ?? "";
      const others = Object.entries(chain(shard)).filter(([id]) => id !== primary);
      expect(others.every(([, host]) => host === shard.engine(primary).address.host)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
