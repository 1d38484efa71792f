import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClusterView } from "../../engine/engine.ts";
import { decidePrimary } from "./primary.ts";
import type { SeenShard } from "./seen.ts";
import { SimulatedShard } from "./simulated-shard.testkit.ts";

const [first, second, third] = ["shop-001.0001", "shop-002.0001", "shop-003.0001"] as const;
const now = new Date("2026-01-01T01:00:00Z");

/** A shard of three with all well, in which the first is primary. */
function settled(): SimulatedShard {
  const shard = new SimulatedShard(3);
  shard.settle();
  return shard;
}

/** What a look finds in cluster mode, where `holders` say that they have the shard's slots. */
function seenIn(shard: SimulatedShard, holders: readonly string[]): SeenShard {
  const seen = shard.see();
  const members = seen.members.map((one) => ({
    ...one,
    cluster: one.view === null ? null : viewOf(one.id, holders.includes(one.id)),
  }));
  return { ...seen, members };
}

function viewOf(self: string, holds: boolean): ClusterView {
  const about = { address: null, role: "primary", primaryId: null, met: true } as const;
  const slots = holds ? [{ first: 0, last: 16_383 }] : [];
  return { self, ok: true, nodes: [{ ...about, id: self, slots, failed: false }], openSlots: [] };
}

function decide(shard: SimulatedShard, seen: SeenShard) {
  return decidePrimary(shard.resource, shard.status, seen, now);
}

/** What a vote among the engines comes to: `to` has the role and the slots. */
function elect(shard: SimulatedShard, to: string): void {
  Object.assign(shard.engine(to), { role: "primary", primary: null });
}

describe("a primary that the engines elected while nobody looked", () => {
  test("is taken up at once, however the lost one ended", () => {
    const shard = settled();
    shard.kill(first);
    elect(shard, third);
    const { status, replaced, steps } = decide(shard, seenIn(shard, [third]));
    expect(status).toMatchObject({ primary: third, epoch: 2, failover: null });
    expect({ replaced, steps }).toEqual({ replaced: first, steps: [] });
  });

  test("is taken up when the lost one is back, as its replica", () => {
    const shard = settled();
    elect(shard, second);
    Object.assign(shard.engine(first), {
      role: "replica",
      primary: shard.engine(second).address,
    });
    expect(decide(shard, seenIn(shard, [second])).status.primary).toBe(second);
  });

  test("is taken up from one that hangs, whether or not that believes to have the slots", () => {
    const shard = settled();
    shard.engine(first).hung = true;
    elect(shard, second);
    expect(decide(shard, seenIn(shard, [first, second])).status.primary).toBe(second);
  });
});

describe("nobody counts as elected", () => {
  test("beside a primary that has its slots", () => {
    const shard = settled();
    elect(shard, second);
    expect(decide(shard, seenIn(shard, [first, second])).status.primary).toBe(first);
  });

  test("beside a primary that cannot say what it has", () => {
    const shard = settled();
    elect(shard, second);
    const seen = seenIn(shard, [second]);
    const members = seen.members.map((one) => (one.id === first ? { ...one, cluster: null } : one));
    expect(decide(shard, { ...seen, members }).status.primary).toBe(first);
  });

  test("who calls itself primary and has no slots, such as a node that has only just started", () => {
    const shard = settled();
    shard.engine(third).offset += 5;
    shard.kill(first);
    elect(shard, second);
    // The one that has most takes over, as after any loss.
    expect(decide(shard, seenIn(shard, [])).status.primary).toBe(third);
  });

  test("outside of cluster mode", () => {
    const shard = settled();
    elect(shard, second);
    Object.assign(shard.engine(first), { role: "replica" });
    expect(decide(shard, shard.see()).status.primary).toBe(first);
  });
});

test("whatever is found, the primary stays, or the next one is up and holds the slots or the data", () => {
  const member = fc.record({
    state: fc.constantFrom("well", "hung", "dead"),
    role: fc.constantFrom("primary", "replica"),
    holds: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.tuple(member, member, member), (found) => {
      const shard = settled();
      const ids = [first, second, third];
      for (const [index, { state, role }] of found.entries()) {
        const engine = shard.engine(ids[index]!);
        const followed = role === "primary" ? null : shard.engine(first).address;
        Object.assign(engine, { role, primary: followed, hung: state === "hung" });
        if (state === "dead") shard.kill(ids[index]!);
      }
      const holders = ids.filter((_, index) => found[index]?.holds === true);
      const { primary } = decide(shard, seenIn(shard, holders)).status;
      const stands = found[0].state === "well" && found[0].role === "primary" && found[0].holds;
      if (stands) expect(primary).toBe(first);
      if (primary === first) return;
      const next = found[ids.indexOf(primary as typeof first)];
      expect(next?.state).toBe("well");
    }),
  );
});
