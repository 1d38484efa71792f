import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second, third] = ["shop-001.0001", "shop-002.0001", "shop-003.0001"] as const;
const spareId = "shop-001.spare";
const minuteMs = 60_000;

function settled(size: number, automaticFailover = true): SimulatedShard {
  const shard = new SimulatedShard(size, automaticFailover);
  shard.settle();
  return shard;
}

/** A shard that follows an engine outside. */
function following(size: number): SimulatedShard {
  const shard = new SimulatedShard(size);
  shard.ask({ upstream: { kind: "foreign", address: shard.outside.address } });
  shard.settle();
  return shard;
}

/** What was seen while the shard was brought in line. */
interface Course {
  readonly primaries: readonly (string | null)[];
  /** Members that were started anew while they had the primary's role. */
  readonly inPlace: readonly string[];
}

/** Passes until all is as asked. */
function follow(shard: SimulatedShard): Course {
  const primaries = new Set<string | null>();
  const inPlace: string[] = [];
  for (let pass = 0; pass < 200; pass += 1) {
    const { primary } = shard.status;
    const launches = (id: string) => shard.engine(id).spec.launch.number;
    const before = primary === null ? 0 : launches(primary);
    primaries.add(primary);
    shard.pass();
    if (primary !== null && primary === shard.status.primary && launches(primary) > before) {
      inPlace.push(primary);
    }
    const { state, settledGeneration } = shard.status;
    if (state === "available" && settledGeneration === shard.resource.generation) break;
  }
  shard.settle();
  return { primaries: [...primaries], inPlace };
}

function expectRebooted(shard: SimulatedShard, id: string): void {
  expect(shard.status).toMatchObject({ state: "available", spare: null });
  const { spec, status } = shard.engine(id);
  expect(spec.launch).toMatchObject({ number: 2, data: "keep", reboots: 1 });
  expect(status.reboots).toBe(1);
}

describe("the primary, rebooted", () => {
  test.each([2, 3])("of %i nodes hands its role to a replica first", (size) => {
    const shard = settled(size);
    shard.reboot(first);
    const steps = shard.pass();
    expect(steps.map((one) => one.do)).toContain("hand-over");
    const { primaries, inPlace } = follow(shard);
    expect(primaries).toEqual([first, second]);
    expect(inPlace).toEqual([]);
    expectRebooted(shard, first);
    expect(shard.engines.has(spareId)).toBe(false);
    expect(shard.events).not.toContain("Recovering cache nodes 0001");
  });

  test("is left by its clients before it ends", () => {
    const shard = settled(2);
    shard.reboot(first);
    shard.pass();
    shard.pass();
    expect(shard.status.primary).toBe(second);
    expect(shard.engine(first).spec.launch.number).toBe(1);
    shard.settle();
    expectRebooted(shard, first);
  });

  test("without a replica is stood in for by a spare, and gets its role back", () => {
    const shard = settled(1, false);
    shard.write();
    shard.reboot(first);
    const { primaries, inPlace } = follow(shard);
    expect(primaries).toEqual([first, spareId]);
    expect(inPlace).toEqual([]);
    expect(shard.status.primary).toBe(first);
    expect(shard.engine(first).offset).toBe(1);
    expectRebooted(shard, first);
    expect(shard.engines.has(spareId)).toBe(false);
    expect(shard.events.join()).not.toMatch(/Failover|Recover|empty/);
  });

  test("has a spare stand in where no replica is ready, and gets its role back", () => {
    const shard = settled(2);
    shard.broken.add(second);
    shard.reboot(first);
    const primaries = new Set<string | null>();
    for (let pass = 0; pass < 60; pass += 1) {
      shard.pass();
      primaries.add(shard.status.primary);
      expect(shard.write()).toBe(true);
    }
    expect([...primaries]).toEqual([first, spareId]);
    expect(shard.status.primary).toBe(first);
    expect(shard.engine(first).status.reboots).toBe(1);
    expect(shard.status).toMatchObject({ because: expect.stringMatching(/not ready|stands in/) });
    shard.broken.clear();
    shard.settle();
    expectRebooted(shard, first);
  });

  test("hands over to the replica that is ready though another is broken", () => {
    const shard = settled(3);
    shard.broken.add(second);
    shard.reboot(first);
    for (let pass = 0; pass < 30; pass += 1) shard.pass();
    expect(shard.status).toMatchObject({ primary: third, spare: null });
    expect(shard.engine(first).status.reboots).toBe(1);
  });

  test("restarts in place once nobody could stand in for ten minutes", () => {
    const shard = settled(1);
    shard.write();
    shard.broken.add(spareId);
    shard.reboot(first);
    for (let minute = 0; minute < 9; minute += 1) {
      shard.elapse(minuteMs);
      shard.pass();
      expect(shard.engine(first).spec.launch.number).toBe(1);
      expect(shard.write()).toBe(true);
    }
    shard.elapse(2 * minuteMs);
    shard.settle();
    expect(shard.status.primary).toBe(first);
    expect(shard.engine(first).offset).toBe(10);
    expectRebooted(shard, first);
  });

  test("that is rebooted beside all its replicas waits for one of them", () => {
    const shard = settled(2);
    shard.reboot(first);
    shard.reboot(second);
    // A replica that goes in the same pass is nobody to hand over to.
    expect(shard.pass().map((one) => one.do)).not.toContain("hand-over");
    const { inPlace } = follow(shard);
    expect(inPlace).toEqual([]);
    for (const id of [first, second]) expectRebooted(shard, id);
  });

  test.each([true, false])("with an upstream has its role taken; that is up: %s", (alive) => {
    const shard = following(2);
    shard.outside.alive = alive;
    shard.reboot(first);
    const { primaries, inPlace } = follow(shard);
    expect(primaries).toEqual([first, second]);
    expect(inPlace).toEqual([]);
    expectRebooted(shard, first);
    expect(shard.status.upstreamLink).toBe(alive ? "up" : "down");
  });

  test("with an upstream and no replica restarts in place, since nobody writes", () => {
    const shard = following(1);
    shard.outside.alive = false;
    shard.reboot(first);
    expect(follow(shard)).toEqual({ primaries: [first], inPlace: [first] });
    expectRebooted(shard, first);
  });

  test("with an upstream is not restarted while it cannot be read: a replica may be ready", () => {
    const shard = following(2);
    const see = shard.see.bind(shard);
    shard.see = () => {
      const seen = see();
      const members = seen.members.map((one) => (one.id === first ? { ...one, view: null } : one));
      return { ...seen, members };
    };
    shard.reboot(first);
    for (let pass = 0; pass < 5; pass += 1) shard.pass();
    expect(shard.engine(first).spec.launch.number).toBe(1);
    shard.see = see;
    expect(follow(shard).primaries).toEqual([first, second]);
    expectRebooted(shard, first);
  });

  test("of a cache cluster restarts in place", () => {
    const shard = settled(1);
    const owner = { ...shard.resource.owner!, kind: "cache-cluster" as const };
    shard.resource = { ...shard.resource, owner };
    shard.reboot(first);
    expect(follow(shard)).toEqual({ primaries: [first], inPlace: [first] });
    expectRebooted(shard, first);
  });
});

test("a replica reboots at once, in place", () => {
  const shard = settled(3);
  shard.reboot(second);
  shard.pass();
  expect(shard.engine(second).spec.launch).toMatchObject({ number: 2, data: "keep" });
  expect(follow(shard).primaries).toEqual([first]);
  expectRebooted(shard, second);
});

const fault = fc.record({
  kind: fc.constantFrom("kill", "hang", "break", "mend", "cut", "reboot"),
  node: fc.nat({ max: 3 }),
  passes: fc.integer({ min: 0, max: 6 }),
});

test("whatever fails on the way, every reboot happens, and one node at most takes writes", () => {
  const faults = fc.array(fault, { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), faults, fc.boolean(), (size, list, failover) => {
      const shard = settled(size, failover);
      const check = () => {
        const taking = shard.holdersOfPrimaryEndpoint().filter((one) => one.role === "primary");
        expect(taking.length).toBeLessThanOrEqual(1);
      };
      shard.reboot(first);
      for (const { kind, node, passes } of list) {
        const [id, engine] = [...shard.engines][node % shard.engines.size] ?? [];
        if (id === undefined || engine === undefined) continue;
        if (kind === "kill" && engine.alive) shard.kill(id);
        if (kind === "hang" && engine.alive) engine.hung = true;
        if (kind === "break") shard.broken.add(id);
        if (kind === "mend") shard.broken.clear();
        if (kind === "reboot") shard.reboot(id);
        if (kind === "cut") shard.pass(passes);
        for (let pass = 0; pass < passes; pass += 1) {
          shard.pass();
          check();
        }
      }
      shard.broken.clear();
      shard.settle(4_000);
      check();
      expect(shard.status).toMatchObject({ state: "available", spare: null });
      for (const member of shard.resource.spec.members) {
        const { status } = shard.engine(`${member.clusterId}.0001`);
        expect(status.reboots).toBe(member.reboots);
      }
      expect(shard.write()).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a reboot without any other fault costs no write, however it is cut off", () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), cuts, (size, list) => {
      const shard = settled(size);
      let written = 0;
      shard.reboot(first);
      for (const steps of list) {
        shard.pass(steps);
        written += shard.write() ? 1 : 0;
      }
      shard.settle(1_000);
      expect(shard.engine(shard.status.primary ?? "").offset).toBe(written);
      expectRebooted(shard, first);
    }),
    { numRuns: 300 },
  );
});
