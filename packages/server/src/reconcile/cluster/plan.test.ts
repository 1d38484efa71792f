import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evenSlots, slotsIn } from "../../resources/slots.ts";
import { planCluster } from "./plan.ts";
import { clusterIdOf, SimulatedCluster } from "./simulated-cluster.testkit.ts";

const stranger = clusterIdOf(9_999);

/** A cluster that is as asked. */
function settled(sizes: readonly number[]): SimulatedCluster {
  const cluster = new SimulatedCluster(sizes);
  cluster.settle();
  return cluster;
}

function expectWhole(cluster: SimulatedCluster): void {
  expect(cluster.holders().every((count) => count === 1)).toBe(true);
  const everybody = cluster.nodes.map(({ clusterNodeId }) => clusterNodeId).toSorted();
  for (const { known } of cluster.nodes) expect([...known].toSorted()).toEqual(everybody);
}

describe("a new cluster", () => {
  test("gets to know itself, then shares the slots, and is whole", () => {
    const cluster = new SimulatedCluster([2, 2]);
    const [first, second, third, fourth] = cluster.nodes;
    expect(cluster.pass()).toEqual({
      missing: "its nodes get to know each other",
      unclear: false,
      steps: [
        {
          do: "introduce",
          pairs: [
            { node: first?.id, other: second?.address },
            ...[second, third, fourth].map((one) => ({ node: one?.id, other: first?.address })),
          ],
        },
      ],
    });
    const [left, right] = evenSlots(2);
    expect(cluster.pass()).toEqual({
      missing: "its slots are being given out",
      unclear: false,
      steps: [
        { do: "add-slots", node: first?.id, ranges: [left] },
        { do: "add-slots", node: third?.id, ranges: [right] },
      ],
    });
    expect(cluster.pass()).toEqual({ missing: null, unclear: false, steps: [] });
    expectWhole(cluster);
  });

  test("of one node has every slot", () => {
    expectWhole(settled([1]));
  });

  test("gives a shard no slots before it has a primary, and others theirs", () => {
    const cluster = new SimulatedCluster([1, 1]);
    cluster.pass();
    const seen = cluster.see();
    const [first, second] = seen.nodes.map((one) => ({ ...one, isPrimary: one === seen.nodes[1] }));
    const { missing, steps } = planCluster(cluster.layout, {
      ...seen,
      nodes: [first, second].filter((one) => one !== undefined),
    });
    expect(missing).not.toBeNull();
    expect(steps).toEqual([
      { do: "add-slots", node: second?.id, ranges: cluster.layout[1]?.slots },
    ]);
  });

  test("waits for the shards that have no nodes yet", () => {
    const cluster = new SimulatedCluster([1, 1]);
    const seen = cluster.see();
    const { missing, steps } = planCluster(cluster.layout, {
      ...seen,
      nodes: seen.nodes.slice(0, 1),
    });
    expect({ missing, steps }).toEqual({ missing: "some shards have no nodes yet", steps: [] });
  });
});

describe("a cluster that stands", () => {
  test("forgets who left, everywhere, before anybody hears of it again", () => {
    const cluster = settled([2, 1]);
    cluster.node(1).known.add(stranger);
    cluster.gossip();
    expect(cluster.pass().steps).toEqual([
      { do: "forget", clusterNodeId: stranger, nodes: cluster.nodes.map(({ id }) => id) },
    ]);
    cluster.settle();
    expectWhole(cluster);
  });

  test("takes no slot from a shard whose primary is being replaced", () => {
    const cluster = settled([2, 2]);
    cluster.node(0).readable = false;
    expect(cluster.pass()).toEqual({
      missing: `${cluster.node(0).id} cannot be read`,
      unclear: true,
      steps: [],
    });
  });

  test("is not available while a node does not serve, or has not heard of every slot", () => {
    const cluster = settled([1, 1]);
    const seen = cluster.see();
    const [first, ...others] = seen.nodes;
    const view = first?.view ?? null;
    if (first === undefined || view === null) throw new Error("the first node can be read");
    const stalled = { ...first, view: { ...view, ok: false } };
    const { missing, steps } = planCluster(cluster.layout, {
      ...seen,
      nodes: [stalled, ...others],
    });
    expect(missing).toContain(first.id);
    expect(steps).toEqual([]);
  });
});

/** What a cluster is to do when one of its nodes takes a replica for the owner of its slots. */
function afterMistake(mistaken: number): ReturnType<typeof planCluster> {
  const cluster = settled([2, 2]);
  for (const node of cluster.nodes) node.follows = true;
  const seen = cluster.see();
  const [owner, replica] = [cluster.node(0).clusterNodeId, cluster.node(1).clusterNodeId];
  const nodes = seen.nodes.map((one, index) => {
    if (index !== mistaken || one.view === null) return one;
    const slots = one.view.nodes.find(({ id }) => id === owner)?.slots ?? [];
    const claims = new Map([
      [owner, []],
      [replica, slots],
    ]);
    const believed = one.view.nodes.map((of) => ({ ...of, slots: claims.get(of.id) ?? of.slots }));
    return { ...one, view: { ...one.view, nodes: believed } };
  });
  return planCluster(cluster.layout, { ...seen, nodes });
}

test.each([2, 3])(
  "tells node %i's primary whose the slots are that it takes for a replica's",
  (at) => {
    const cluster = settled([2, 2]);
    expect(afterMistake(at)).toEqual({
      missing: `${cluster.node(at).id} has not heard of every slot yet`,
      unclear: false,
      steps: [
        {
          ...{ do: "assign-slots", node: cluster.node(2).id, owner: cluster.node(0).clusterNodeId },
          slots: slotsIn(evenSlots(2).slice(0, 1)),
        },
      ],
    });
  },
);

/** How a cluster may be found: who knows whom, which slots are held, who follows, who left. */
const found = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
  acquaintances: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }),
  held: fc.array(fc.tuple(fc.nat(), fc.nat(16_383), fc.nat(8_000)), { maxLength: 6 }),
  following: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  strangers: fc.array(fc.tuple(fc.nat(), fc.nat(3)), { maxLength: 4 }),
});

function build(about: typeof found extends fc.Arbitrary<infer T> ? T : never): SimulatedCluster {
  const cluster = new SimulatedCluster(about.sizes);
  const { nodes } = cluster;
  const pick = (number: number) => cluster.node(number % nodes.length);
  for (const [one, other] of about.acquaintances) pick(one).known.add(pick(other).clusterNodeId);
  const primaries = nodes.filter((one) => one.isPrimary);
  for (const [one, first, length] of about.held) {
    const holder = primaries[one % primaries.length];
    for (const slot of slotsIn([{ first, last: Math.min(16_383, first + length) }])) {
      if (nodes.every(({ slots }) => !slots.has(slot))) holder?.slots.add(slot);
    }
  }
  for (const [index, node] of nodes.entries()) node.follows = about.following[index] ?? false;
  for (const [one, number] of about.strangers) pick(one).known.add(clusterIdOf(9_000 + number));
  return cluster;
}

test("whoever knows whom, and whatever is held already, each slot comes to one owner", () => {
  fc.assert(
    fc.property(found, (about) => {
      const cluster = build(about);
      const before = cluster.nodes.map(({ slots }) => [...slots]);
      cluster.settle();
      expectWhole(cluster);
      // What somebody has, with the keys in it, is never given to another.
      for (const [index, held] of before.entries()) {
        const { slots } = cluster.node(index);
        expect(held.every((slot) => slots.has(slot))).toBe(true);
      }
      expect(cluster.pass()).toEqual({ missing: null, unclear: false, steps: [] });
    }),
    { numRuns: 25 },
  );
});

test("while any node cannot be read, nothing is done", () => {
  fc.assert(
    fc.property(found, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (about, unread) => {
      const cluster = build(about);
      for (const one of unread) cluster.node(one % cluster.nodes.length).readable = false;
      const { missing, unclear, steps } = planCluster(cluster.layout, cluster.see());
      expect({ steps, unclear }).toEqual({ steps: [], unclear: true });
      expect(missing).not.toBeNull();
    }),
  );
});

test("a look cut off by nodes that cannot be read is made up for later", () => {
  const looks = fc.array(fc.array(fc.nat(), { maxLength: 2 }), { maxLength: 8 });
  fc.assert(
    fc.property(found, looks, (about, unreadAtEach) => {
      const cluster = build(about);
      for (const unread of unreadAtEach) {
        for (const one of unread) cluster.node(one % cluster.nodes.length).readable = false;
        cluster.pass();
        for (const node of cluster.nodes) node.readable = true;
      }
      cluster.settle();
      expectWhole(cluster);
    }),
    { numRuns: 20 },
  );
});
