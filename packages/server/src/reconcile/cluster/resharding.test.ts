import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClusterNode, OpenSlot } from "../../engine/engine.ts";
import { newGroupStatus, newShardStatus, shardOfGroup, shardRef } from "../../resources/compile.ts";
import type { ReplicationGroupSpec, ShardLayout } from "../../resources/replication-group.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { spreadSlots } from "../../resources/slot-shares.ts";
import { countSlots, evenSlots, rangesOf, slotCount, slotsIn } from "../../resources/slots.ts";
import { planResharding, slotsAtHand } from "./resharding.ts";
import type { SeenCluster, SeenClusterNode } from "./seen.ts";
import type { NodeSlotMove } from "./steps.ts";

const home = { account: "0", region: "us-east-1" };
const idOf = (number: number) => String(number).padStart(4, "0");

/** A cluster of primaries whose slots are plain sets, which plans are carried out on. */
class SimulatedCluster {
  readonly events: string[] = [];
  spec: ReplicationGroupSpec;
  status = newGroupStatus;
  usedBytes = 1;
  readonly #slots = new Map<string, Set<number>>();
  readonly #open = new Map<string, OpenSlot[]>();

  constructor(layout: readonly ShardLayout[], wanted: readonly string[]) {
    for (const { id, slots } of layout) this.#slots.set(id, new Set(slotsIn(slots)));
    for (const id of wanted) if (!this.#slots.has(id)) this.#slots.set(id, new Set());
    const shares = spreadSlots(layout, wanted);
    const shards = shares.map((share) => ({ ...share, members: [], handover: null }));
    this.spec = {
      ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
      ...{ parameterGroup: "default.redis7.cluster.on", subnetGroup: "default" },
      ...{ securityGroupIds: [], maintenanceWindow: "", autoMinorVersionUpgrade: true },
      ...{ update: null, pending: null, description: "", clusterMode: "enabled", shards },
      ...{ automaticFailover: true, multiAz: false, migration: null },
    };
  }

  get group(): Resource<"replication-group"> {
    const { spec, status } = this;
    return resource(refIn(home, "replication-group", "shop"), spec, status);
  }

  get shards(): readonly Resource<"shard">[] {
    return [...this.#slots.keys()].map((id) => {
      const layout = { id, members: [], slots: [], handover: null };
      const ref = shardRef(home, "replication-group", "shop", id);
      return resource(ref, shardOfGroup(this.spec, layout), newShardStatus);
    });
  }

  seen(): SeenCluster {
    const known = [...this.#slots].map(([id, slots]): ClusterNode => ({
      ...{ id: `node-${id}`, address: null, role: "primary", primaryId: null },
      ...{ slots: rangesOf(slots), met: true, failed: false },
    }));
    const nodes = [...this.#slots.keys()].map((id): SeenClusterNode => ({
      ...{ id, shardId: id, isPrimary: true, address: { host: "127.0.0.1", port: 1 } },
      memory: { usedBytes: this.usedBytes, maxBytes: 100 },
      view: { self: `node-${id}`, ok: true, nodes: known, openSlots: this.#open.get(id) ?? [] },
    }));
    return { nodes, routesInForce: true };
  }

  /** One pass. Of each move only so many of the four stages happen. */
  pass(stages = 4, mayBegin = true): ReturnType<typeof planResharding> {
    const hand = slotsAtHand(this.group, this.shards, this.seen());
    const outcome = planResharding(this.group, hand, mayBegin);
    this.status = { ...this.status, ...outcome.status };
    this.events.push(...outcome.events.map(({ message }) => message));
    for (const write of outcome.writes) {
      if (write.write === "spec") this.spec = write.spec as ReplicationGroupSpec;
    }
    for (const step of outcome.steps) {
      if (step.do === "close-slots") this.#close(step.node, step.slots);
      if (step.do === "move-slots") for (const move of step.moves) this.#move(move, stages);
    }
    return outcome;
  }

  held(id: string): ReadonlySet<number> {
    return this.#slots.get(id) ?? new Set();
  }

  /** The node of a shard failed over: what it thought of open slots is gone. */
  forgetOpen(id: string): void {
    this.#open.delete(id);
  }

  get openCount(): number {
    return [...this.#open.values()].flat().length;
  }

  #move({ from, to, slots }: NodeSlotMove, stages: number): void {
    const half = slots.slice(0, Math.ceil(slots.length / 2));
    const [giver, taker] = [this.#slots.get(from)!, this.#slots.get(to)!];
    for (const slot of stages === 4 ? slots : half) {
      if (stages > 0 && !taker.has(slot)) this.#mark(to, slot, "importing", from);
      if (stages > 1 && giver.has(slot)) this.#mark(from, slot, "migrating", to);
      if (stages > 2) {
        giver.delete(slot);
        taker.add(slot);
        this.#close(to, [slot]);
      }
      if (stages > 3) this.#close(from, [slot]);
    }
  }

  #mark(id: string, slot: number, direction: OpenSlot["direction"], peer: string): void {
    this.#close(id, [slot]);
    this.#open.get(id)!.push({ slot, direction, peer: `node-${peer}` });
  }

  #close(id: string, slots: readonly number[]): void {
    const closed = new Set(slots);
    const open = this.#open.get(id) ?? [];
    this.#open.set(
      id,
      open.filter(({ slot }) => !closed.has(slot)),
    );
  }
}

function resource<R extends Ref, S, T>(ref: R, spec: S, status: T) {
  const stamps = { generation: 1, revision: 1, createdAt: "", deletingSince: null, owner: null };
  return { ...ref, ...stamps, spec, status };
}

function layoutOf(shards: number): readonly ShardLayout[] {
  return evenSlots(shards).map((slots, index) => ({
    ...{ id: idOf(index + 1), members: [], slots: [slots], handover: null },
  }));
}

function runToEnd(cluster: SimulatedCluster): void {
  for (let passes = 0; passes < 400; passes += 1) {
    if (cluster.pass().because === null) return;
  }
  throw new Error("it never comes to its end");
}

describe("resharding", () => {
  test("tells when it begins, how far it is, and when it is over", () => {
    const cluster = new SimulatedCluster(layoutOf(1), ["0001", "0002"]);
    runToEnd(cluster);
    expect(cluster.events[0]).toMatch(/group shop started: 8192 slots are to move$/);
    expect(cluster.events[1]).toMatch(/is 10 percent complete$/);
    expect(cluster.events.at(-1)).toMatch(/completed$/);
    expect(cluster.events).toHaveLength(11);
    expect(cluster.status.resharding).toBeNull();
    expect(cluster.pass().steps).toEqual([]);
  });

  test("a shard without slots gets functions first, and moves go on side by side", () => {
    const cluster = new SimulatedCluster(layoutOf(2), ["0001", "0002", "0003", "0004"]);
    const { steps } = cluster.pass();
    expect(steps.map((step) => step.do)).toEqual([
      "copy-functions",
      "copy-functions",
      "move-slots",
    ]);
    const moves = steps[2]?.do === "move-slots" ? steps[2].moves : [];
    expect(moves.map(({ from, to }) => `${from} ${to}`)).toEqual(["0001 0003", "0002 0004"]);
  });

  test("up to three shards give to one together, and none gives while it takes", () => {
    const pairs = (from: number, to: readonly string[]) => {
      const { steps } = new SimulatedCluster(layoutOf(from), to).pass();
      const last = steps.at(-1);
      const moves = last?.do === "move-slots" ? last.moves : [];
      return moves.map((one) => `${one.from} ${one.to}`);
    };
    expect(pairs(4, ["0001", "0002", "0003", "0004", "0005"])).toEqual([
      ...["0001 0005", "0002 0005", "0003 0005"],
    ]);
    const leaving = pairs(4, ["0001", "0002"]);
    const givers = leaving.map((one) => one.split(" ")[0]);
    expect(new Set(givers).size).toBe(givers.length);
    expect(leaving.every((one) => !givers.includes(one.split(" ")[1]))).toBe(true);
  });

  test("a shard that leaves is kept while it holds slots", () => {
    const cluster = new SimulatedCluster(layoutOf(3), ["0001"]);
    const needed = () =>
      slotsAtHand(cluster.group, cluster.shards, cluster.seen()).needed.map(({ id }) => id);
    cluster.pass();
    expect(needed()).toHaveLength(2);
    runToEnd(cluster);
    expect(needed()).toEqual([]);
  });

  test("nothing new is opened while a node is not well, and what is open is finished", () => {
    const cluster = new SimulatedCluster(layoutOf(1), ["0001", "0002"]);
    expect(cluster.pass(4, false).steps).toEqual([]);
    cluster.pass(2);
    const open = cluster.openCount;
    expect(open).toBeGreaterThan(0);
    cluster.pass(4, false);
    expect(cluster.openCount).toBe(0);
    expect(cluster.held("0002").size).toBe(open / 2);
  });

  test("data that does not fit keeps every shard as it is", () => {
    const cluster = new SimulatedCluster(layoutOf(3), ["0001"]);
    const before = layoutOf(3);
    cluster.usedBytes = 40;
    expect(cluster.pass().steps).toEqual([]);
    expect(cluster.spec.shards.map(({ id, slots }) => ({ id, slots }))).toEqual(
      before.map(({ id, slots }) => ({ id, slots })),
    );
    expect(cluster.events).toEqual([expect.stringMatching(/failed: the data does not fit/)]);
    expect(cluster.pass().because).toBeNull();
  });

  test("what a slot refuses ends it with the layout that was reached", () => {
    const cluster = new SimulatedCluster(layoutOf(2), ["0001", "0002", "0003"]);
    cluster.pass();
    const resharding = { ...cluster.status.resharding!, refusal: "an item is too large" };
    cluster.status = { ...cluster.status, resharding };
    cluster.pass();
    expect(cluster.events.at(-1)).toMatch(/failed: an item is too large/);
    const reached = cluster.spec.shards.map(({ slots }) => countSlots(slots));
    // Both of the others have given a turn of theirs.
    expect(reached[2]).toBe(256);
    expect(reached.reduce((sum, count) => sum + count, 0)).toBe(slotCount);
    expect(cluster.pass()).toMatchObject({ because: null, steps: [] });
  });

  test("wherever it is cut off, and whoever fails over, every slot arrives once", () => {
    const interruptions = fc.array(
      fc.record({ stages: fc.nat(4), forget: fc.option(fc.integer({ min: 1, max: 5 })) }),
      { maxLength: 12 },
    );
    const shards = fc.integer({ min: 1, max: 4 });
    const wanted = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
    fc.assert(
      fc.property(shards, wanted, interruptions, (count, ids, cuts) => {
        const cluster = new SimulatedCluster(layoutOf(count), ids.map(idOf));
        for (const { stages, forget } of cuts) {
          cluster.pass(stages);
          if (forget !== null) cluster.forgetOpen(idOf(forget));
        }
        runToEnd(cluster);
        expect(cluster.openCount).toBe(0);
        for (const { id, slots } of cluster.spec.shards) {
          expect([...cluster.held(id)].toSorted((a, b) => a - b)).toEqual(slotsIn(slots));
        }
      }),
      { numRuns: 10 },
    );
  });
});
