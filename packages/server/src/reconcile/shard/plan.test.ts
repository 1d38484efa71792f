import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second, third] = ["shop-001.0001", "shop-002.0001", "shop-003.0001"] as const;

function settled(size: number, automaticFailover = true): SimulatedShard {
  const shard = new SimulatedShard(size, automaticFailover);
  shard.settle();
  expect(shard.status.state).toBe("available");
  return shard;
}

describe("a new shard", () => {
  test("starts the primary first, and replicas once they can follow it", () => {
    const shard = new SimulatedShard(3);
    shard.pass();
    expect([...shard.engines.keys()]).toEqual([first, second, third]);
    shard.pass();
    expect(shard.engine(first).alive).toBe(true);
    expect(shard.engine(second).alive).toBe(false);
    shard.settle();
    expect(shard.status).toMatchObject({ state: "available", primary: first, epoch: 1 });
    expect(shard.status.ready).toEqual([second, third]);
  });

  test("of one node has both endpoints on it", () => {
    const shard = settled(1);
    const { primary, reader } = shard.status.endpoints;
    expect(shard.engine(first).hosts).toEqual(
      expect.arrayContaining([primary?.host, reader?.host]),
    );
  });

  test("is not available before its replicas acknowledged", () => {
    const shard = new SimulatedShard(2);
    const states: string[] = [];
    for (let pass = 0; pass < 20; pass += 1) {
      shard.pass();
      states.push(shard.status.state);
      const acknowledged = shard.engines.get(second)?.acknowledged ?? false;
      if (!acknowledged) expect(shard.status.state).toBe("creating");
    }
    expect(states.at(-1)).toBe("available");
  });
});

describe("a lost primary", () => {
  test("is replaced by the ready replica with the greatest offset", () => {
    const shard = settled(3);
    shard.engine(third).offset = 7;
    shard.engine(second).offset = 5;
    shard.kill(first);
    shard.pass();
    expect(shard.status).toMatchObject({ primary: third, epoch: 2 });
    shard.settle();
    expect(shard.status.state).toBe("available");
    expect(shard.engine(first)).toMatchObject({ role: "replica", offset: 7 });
    expect(shard.events).toContain(
      "Failover from primary node shop-001 to replica node shop-003 completed",
    );
  });

  test("that only hangs is fenced before anyone is promoted", () => {
    const shard = settled(3);
    shard.engine(first).hung = true;
    const steps = shard.pass();
    expect(steps[0]).toEqual({ do: "fence", node: first });
    expect(shard.status.primary).toBe(first);
    expect(shard.engine(first).alive).toBe(false);
    shard.settle();
    expect(shard.status.primary).not.toBe(first);
  });

  test("that hangs, with nobody to take over, gets time to wake before its data is given up", () => {
    const shard = settled(1);
    shard.write();
    shard.engine(first).hung = true;
    for (let pass = 0; pass < 20; pass += 1) expect(shard.pass()).toEqual([]);
    shard.engine(first).hung = false;
    shard.settle();
    expect(shard.engine(first).offset).toBe(1);
    shard.engine(first).hung = true;
    shard.settle(3_000);
    expect(shard.engine(first)).toMatchObject({ hung: false, offset: 0 });
    expect(shard.events.join()).toMatch(/restarts empty/);
  });

  test("is waited for while candidates still read what it sent", () => {
    const shard = settled(2);
    shard.kill(first);
    const [old, heir] = [shard.engine(first), shard.engine(second)];
    const seenAlive = () => Object.assign(old, { alive: true });
    // The replica's link still shows up, though the process is gone.
    const see = shard.see.bind(shard);
    shard.see = () => {
      const seen = see();
      const members = seen.members.map((one) =>
        one.view === null || one.view.link === null
          ? one
          : { ...one, view: { ...one.view, link: { ...one.view.link, up: true } } },
      );
      return { ...seen, members };
    };
    shard.pass();
    expect(shard.status).toMatchObject({ primary: first, failover: { from: first } });
    expect(heir.role).toBe("replica");
    for (let pass = 0; pass < 30; pass += 1) shard.pass();
    expect(shard.status.primary).toBe(second);
    expect(seenAlive).toBeDefined();
  });

  test("is not started empty while a replica's sync with it just breaks off", () => {
    const shard = settled(3);
    for (let write = 0; write < 5; write += 1) shard.write();
    shard.pass();
    shard.kill(first);
    shard.pass();
    const heir = shard.status.primary ?? "";
    const other = shard.engine(heir === second ? third : second);
    // The next primary dies while the last holder of the data begins to sync with it.
    other.syncing = true;
    shard.kill(heir);
    shard.pass();
    expect(shard.engine(heir).alive).toBe(false);
    other.syncing = false;
    shard.settle();
    expect(shard.engine(shard.status.primary ?? "").offset).toBe(5);
    expect(shard.events.join()).not.toMatch(/restarts empty/);
  });

  test("of a shard without automatic failover comes back with its replicas' data", () => {
    const shard = settled(2, false);
    for (let write = 0; write < 5; write += 1) expect(shard.write()).toBe(true);
    shard.pass();
    shard.kill(first);
    shard.pass();
    expect(shard.holdersOfPrimaryEndpoint()).toEqual([]);
    shard.settle();
    expect(shard.status).toMatchObject({ state: "available", primary: first, returnTo: null });
    expect(shard.engine(first).offset).toBe(5);
  });

  test("without a replica starts again empty, and says so", () => {
    const shard = settled(1);
    shard.kill(first);
    shard.settle();
    expect(shard.status.state).toBe("available");
    expect(shard.events.join()).toMatch(/restarts empty/);
  });
});

test("the only replica's coming and going costs the primary's clients nothing", () => {
  const shard = settled(2);
  const { reader } = shard.status.endpoints;
  shard.kill(second);
  for (let pass = 0; pass < 10; pass += 1) {
    for (const step of shard.pass()) expect(step.do).not.toBe("drop-clients");
  }
  shard.settle();
  expect(shard.engine(second).hosts).toContain(reader?.host);
  expect(shard.engine(first).hosts).not.toContain(reader?.host);
});

test("a promotion that was asked for is the engine's own handover", () => {
  const shard = settled(3, false);
  shard.ask({ handover: { number: 1, to: "shop-002", reason: "promote" } });
  const steps = shard.pass();
  const { address } = shard.engine(first);
  const endpoint = shard.status.endpoints.primary?.host;
  expect(steps).toEqual([
    // Clients that are cut off by the swap find nobody there rather than a replica.
    { do: "listen", node: first, hosts: [address.host] },
    { do: "hand-over", from: first, to: second, withinMs: expect.any(Number) },
    // In the same pass, so that writes wait for nothing but the engines.
    { do: "listen", node: second, hosts: expect.arrayContaining([endpoint]) },
  ]);
  shard.settle();
  expect(shard.status).toMatchObject({ primary: second, handledHandover: 1, returnTo: null });
});

const fault = fc.record({
  kind: fc.constantFrom("kill", "hang", "write", "cut"),
  node: fc.constantFrom(first, second, third),
  passes: fc.integer({ min: 0, max: 4 }),
});

test("whatever fails, one node at most takes writes, and the shard becomes whole again", () => {
  fc.assert(
    fc.property(fc.array(fault, { maxLength: 12 }), fc.boolean(), (faults, failover) => {
      const shard = settled(3, failover);
      const check = () => {
        const taking = shard.holdersOfPrimaryEndpoint().filter((one) => one.role === "primary");
        expect(taking.length).toBeLessThanOrEqual(1);
      };
      for (const { kind, node, passes } of faults) {
        const engine = shard.engine(node);
        if (kind === "kill" && engine.alive) shard.kill(node);
        if (kind === "hang" && engine.alive) engine.hung = true;
        if (kind === "write") shard.write();
        if (kind === "cut") shard.pass(passes);
        check();
        for (let pass = 0; pass < passes; pass += 1) {
          shard.pass();
          check();
        }
      }
      shard.settle();
      check();
      expect(shard.status.state).toBe("available");
      expect(shard.write()).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("while one ready replica lives, no acknowledged write is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }), (rounds) => {
      const shard = settled(3);
      let written = 0;
      for (const writes of rounds) {
        for (let write = 0; write < writes; write += 1) written += shard.write() ? 1 : 0;
        shard.pass(0);
        shard.kill(shard.status.primary ?? "");
        shard.settle();
      }
      const { primary } = shard.status;
      expect(shard.engine(primary ?? "").offset).toBe(written);
    }),
  );
});
