import { Cluster, type Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { migrateSlots, type SlotMigrationOutcome } from "@larder/server/engine/slot-migration.ts";
import type { ClusterView } from "@larder/server/engine/engine.ts";
import type { SlotKeeping } from "@larder/server/engine/slot-keeping.ts";
import { slotsIn } from "@larder/server/resources/slots.ts";
import { until } from "@larder/testkit/until.ts";
import { ClusterBench, type ClusterNode } from "./support/cluster.ts";
import { redisFamily, replicationOf } from "./support/nodes.ts";

/** Keys with this tag all lie in one slot. */
const tag = "{moved}";
const slotOfTag = 1_999;

const range = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index);

function move(
  nodes: readonly ClusterNode[],
  from: number,
  to: number,
  slots: readonly number[],
  goesOn: () => boolean = () => true,
): Promise<SlotMigrationOutcome> {
  const [giver, taker] = [nodes[from], nodes[to]];
  if (giver === undefined || taker === undefined) throw new Error("no such node");
  return migrateSlots({ giver, taker, slots, goesOn, onQuiet: () => {} });
}

/** How long a claim takes to reach everybody. */
const gossipWithinMs = 2_000;

/**
 * Moves the slot of the tag. Its giver's claim becomes a new one when the keys are given, of which
 * the taker has not heard then; the giver hears of its loss only once it had time to spread it.
 */
async function moveWithNewClaim(giver: ClusterNode, taker: ClusterNode): Promise<void> {
  const { slots } = giver;
  const [give, assign] = [slots.give.bind(slots), slots.assign.bind(slots)];
  const late: Pick<SlotKeeping, "give" | "assign"> = {
    async give(...asked) {
      const answers = await give(...asked);
      await giver.control.call("CLUSTER", "BUMPEPOCH");
      return answers;
    },
    async assign(...asked) {
      const endMs = performance.now() + gossipWithinMs;
      await until(
        "the claim spread",
        async () => {
          const isLost = !ownSlots(await taker.cluster.view()).includes(slotOfTag);
          return isLost || performance.now() > endMs || "not yet";
        },
        { withinMs: 2 * gossipWithinMs },
      );
      await assign(...asked);
    },
  };
  Object.assign(slots, late);
  try {
    await move([giver, taker], 0, 1, [slotOfTag]);
  } finally {
    Object.assign(slots, { give, assign });
  }
}

/** A cluster client whose every error is the test's. */
function clusterClient(nodes: readonly ClusterNode[]): Cluster {
  const client = new Cluster(nodes.slice(0, 1).map(({ address }) => address));
  client.on("error", () => {}); // told by the command that fails
  return client;
}

async function keysOn(node: ClusterNode): Promise<number> {
  return node.control.dbsize();
}

/** The number of a key that its slot's giver has given. */
async function movedKey(giver: ClusterNode): Promise<number> {
  const left = new Set(await giver.control.keys("*"));
  return Array.from({ length: 300 }, (_, key) => key).find((key) => !left.has(tag + key)) ?? -1;
}

async function untilSame(what: string, primary: ClusterNode, replica: ClusterNode): Promise<void> {
  await until(
    what,
    async () => {
      const sizes = await Promise.all([keysOn(primary), keysOn(replica)]);
      return sizes[0] === sizes[1] || sizes.join(" and ");
    },
    { withinMs: 10_000 },
  );
}

/** Fails unless every slot has one owner that all agree on, and none is on its way. */
async function expectWhole(nodes: readonly ClusterNode[]): Promise<void> {
  await until(
    "every slot has one owner",
    async () => {
      const views = await Promise.all(nodes.map(({ cluster }) => cluster.view()));
      const open = views.flatMap(({ openSlots }) => openSlots);
      const owned = views.flatMap(ownSlots);
      const states = await Promise.all(nodes.map(({ control }) => agreed(control)));
      if (open.length > 0) return `open: ${JSON.stringify(open)}`;
      if (owned.length !== 16_384 || new Set(owned).size !== 16_384) return `${owned.length} owned`;
      return new Set(states).size === 1 || "the nodes do not agree yet";
    },
    { withinMs: 15_000 },
  );
}

/** The slots that a node says are its own. */
function ownSlots({ self, nodes }: ClusterView): readonly number[] {
  return slotsIn(nodes.find((one) => one.id === self)?.slots ?? []);
}

/** Who a node takes for the owner of which slots. */
async function agreed(control: Redis): Promise<string> {
  const lines = String(await control.call("CLUSTER", "NODES"))
    .trim()
    .split("\n");
  return lines
    .map((line) => [line.split(" ")[0], ...line.split(" ").slice(8)].join(" "))
    .toSorted()
    .join("\n");
}

const threeOfFour = [[0, 5_460], [5_461, 10_922], [10_923, 16_383], null] as const;

describe.each(redisFamily)("slot migration on $engine $binaryVersion", (engine) => {
  test("slots move with their keys of every type, and everybody is told", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const client = clusterClient(nodes);
    for (let index = 0; index < 2_000; index += 1) await fill(client, index);
    const before = await keysOn(nodes[0] as ClusterNode);
    const outcome = await move(nodes, 0, 3, range(0, 1_366));
    expect(outcome).toMatchObject({ moved: range(0, 1_366), refusal: null });
    await expectWhole(nodes);
    const [giver, , , taker] = await Promise.all(nodes.map(keysOn));
    expect(outcome.keys).toBe(taker);
    expect((giver ?? 0) + (taker ?? 0)).toBe(before);
    for (let index = 0; index < 2_000; index += 1) await expectFilled(client, index);
    client.disconnect();
  });

  test("a key's time to live moves with it, and an expired key stays away", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const client = clusterClient(nodes);
    await client.set(`${tag}lasting`, "1", "EX", 1_000);
    await client.set(`${tag}short`, "1", "PX", 1);
    await move(nodes, 0, 3, [slotOfTag]);
    expect(await client.ttl(`${tag}lasting`)).toBeGreaterThan(900);
    expect(await client.exists(`${tag}short`)).toBe(0);
    client.disconnect();
  });

  test("clients that read and write all the while meet no error and lose nothing", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const client = clusterClient(nodes);
    const stop = new AbortController();
    const counters = range(0, 300).map((index) => `count:${index}`);
    let rounds = 0;
    const writing = (async () => {
      while (!stop.signal.aborted) {
        rounds += 1;
        const replies = await Promise.all(counters.map((key) => client.incr(key)));
        expect(replies).toEqual(counters.map(() => rounds));
      }
    })();
    for (let turn = 0; turn < 3; turn += 1) {
      await move(nodes, 0, 3, range(0, 500));
      await move(nodes, 3, 0, range(0, 500));
    }
    await until("writers saw it all", () => rounds > 20 || `${rounds} rounds`, {
      withinMs: 20_000,
    });
    stop.abort();
    await writing;
    const counts = await Promise.all(counters.map(async (key) => Number(await client.get(key))));
    expect(counts).toEqual(counters.map(() => rounds));
    client.disconnect();
  });

  test("a slot with more keys than one look shows, binary names among them, moves whole", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const giver = nodes[0] as ClusterNode;
    const names = range(0, 3_000).map((index) =>
      Buffer.concat([
        Buffer.from(tag),
        Buffer.from([0xff, 0x00, 0x0d, 0x0a, index >> 8, index & 255]),
      ]),
    );
    const pipeline = giver.control.pipeline();
    for (const name of names) pipeline.set(name, "x");
    await pipeline.exec();
    const outcome = await move(nodes, 0, 3, [slotOfTag]);
    expect(outcome).toMatchObject({ keys: 3_000, moved: [slotOfTag] });
    const taker = (nodes[3] as ClusterNode).control;
    expect(await taker.exists(...names)).toBe(3_000);
    expect(await giver.control.dbsize()).toBe(0);
  });

  test("what was cut off is finished by the next call, wherever it stopped", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const client = clusterClient(nodes);
    for (let index = 0; index < 1_500; index += 1) await client.set(`${tag}${index}`, "x");
    for (let looks = 0; looks < 12; looks += 1) {
      let left = looks;
      const cut = await move(nodes, 0, 3, [slotOfTag], () => left-- > 0);
      if (cut.moved.length > 0) break;
      // While it stands open nothing is missing, on whichever side it is.
      expect(await client.get(`${tag}0`)).toBe("x");
      expect(await client.get(`${tag}1499`)).toBe("x");
    }
    await move(nodes, 0, 3, [slotOfTag]);
    await expectWhole(nodes);
    expect(await keysOn(nodes[3] as ClusterNode)).toBe(1_500);
    client.disconnect();
  });

  test("half-open states of every kind are finished", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const [giver, , , taker] = nodes as readonly [
      ClusterNode,
      ClusterNode,
      ClusterNode,
      ClusterNode,
    ];
    const client = clusterClient(nodes);
    await client.set(`${tag}a`, "1");
    const states: readonly (() => Promise<void>)[] = [
      () => taker.slots.importFrom([slotOfTag], giver.nodeId),
      async () => {
        await taker.slots.importFrom([slotOfTag], giver.nodeId);
        await giver.slots.migrateTo([slotOfTag], taker.nodeId);
      },
      () => giver.slots.migrateTo([slotOfTag], taker.nodeId),
      async () => {
        // Both hold the key: the taker has a copy that the giver never heard was received.
        await taker.slots.importFrom([slotOfTag], giver.nodeId);
        await taker.control.pipeline().asking().set(`${tag}a`, "stale").exec();
      },
      async () => {
        // The taker owns the slot already; the giver was not told.
        await taker.slots.importFrom([slotOfTag], giver.nodeId);
        await giver.slots.migrateTo([slotOfTag], taker.nodeId);
        await giver.slots.give(
          [{ keys: [Buffer.from(`${tag}a`)], bytes: 0 }],
          taker.address,
          1_000,
        );
        await taker.slots.assign([slotOfTag], taker.nodeId);
      },
    ];
    for (const halfOpen of states) {
      await halfOpen();
      await move(nodes, 0, 3, [slotOfTag]);
      await expectWhole(nodes);
      expect(await client.get(`${tag}a`)).toBe("1");
      expect(await keysOn(taker)).toBe(1);
      expect(await keysOn(giver)).toBe(0);
      await move(nodes, 3, 0, [slotOfTag]);
      // The next state is made by hand: gossip of the last owner must not come in between.
      await expectWhole(nodes);
    }
    client.disconnect();
  });

  test("a giver that has just made its claim newer takes no keys along", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const [one, , , other] = nodes as readonly [ClusterNode, ClusterNode, ClusterNode, ClusterNode];
    for (let key = 0; key < 50; key += 1) await one.control.set(tag + key, "1");
    for (const [giver, taker] of [
      [one, other],
      [other, one],
    ] as const) {
      await moveWithNewClaim(giver, taker);
      await expectWhole(nodes);
      expect(await keysOn(taker)).toBe(50);
    }
  });

  test.each(["giver", "taker"] as const)(
    "the %s's replica goes on where its primary ended, and no key seems to be missing",
    async (lost) => {
      await using bench = await ClusterBench.open(engine);
      const nodes = await bench.start(threeOfFour);
      const [giver, , , taker] = nodes as readonly [
        ClusterNode,
        ClusterNode,
        ClusterNode,
        ClusterNode,
      ];
      const [dying, other] = lost === "giver" ? [giver, taker] : [taker, giver];
      const heir = await bench.startReplica(dying, nodes);
      for (let key = 0; key < 300; key += 1) await giver.control.set(`${tag}${key}`, "1");
      let looks = 2;
      await move(nodes, 0, 3, [slotOfTag], () => looks-- > 0);
      expect(await giver.control.dbsize()).toBe(200);
      await untilSame("the replica has what its primary had", dying, heir);
      process.kill(dying.node.handle.pid, "SIGKILL");
      const direction = lost === "giver" ? "migrating" : "importing";
      const onTheirWay = [{ slots: [slotOfTag], direction, peer: other.address } as const];
      await replicationOf(heir.node).promote(onTheirWay);
      expect((await heir.cluster.view()).openSlots).toMatchObject([
        { slot: slotOfTag, direction, peer: other.nodeId },
      ]);
      const now = nodes.map((one) => (one === dying ? heir : one));
      if (lost === "giver") {
        const moved = `${tag}${await movedKey(heir)}`;
        await expect(heir.control.get(moved)).rejects.toThrow(`ASK ${slotOfTag}`);
      }
      // As the planner waits for it, too: a slot is given to nobody who is known as a replica.
      await until(
        "the other one knows the heir as a primary",
        async () => {
          const { nodes: known } = await other.cluster.view();
          return known.find(({ id }) => id === heir.nodeId)?.role === "primary" || "not yet";
        },
        { withinMs: 15_000 },
      );
      await move(now, 0, 3, [slotOfTag]);
      await expectWhole(now);
      expect(await keysOn(now[3] as ClusterNode)).toBe(300);
    },
  );

  test("functions of one primary are copied to another", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start([[0, 16_383], null]);
    const [giver, taker] = nodes as readonly [ClusterNode, ClusterNode];
    const code = "#!lua name=mine\nredis.register_function('one', function() return 1 end)";
    await giver.control.call("FUNCTION", "LOAD", code);
    const library = await giver.slots.functions();
    await taker.slots.loadFunctions(library);
    await taker.slots.loadFunctions(library);
    expect(await taker.control.call("FCALL", "one", "0")).toBe(1);
  });

  test("an element of 100 MB moves, and a value beyond the limit stays, untouched", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const [giver, , , taker] = nodes as readonly [
      ClusterNode,
      ClusterNode,
      ClusterNode,
      ClusterNode,
    ];
    await giver.control.hset(`${tag}hash`, "field", Buffer.alloc(104_857_600, "x"));
    await giver.control.set(`${tag}small`, "1");
    const outcome = await move(nodes, 0, 3, [slotOfTag]);
    expect(outcome).toMatchObject({ keys: 2, moved: [slotOfTag], refusal: null });
    expect(await taker.control.hstrlen(`${tag}hash`, "field")).toBe(104_857_600);
    await taker.control.hset(`${tag}hash`, "second", Buffer.alloc(178_257_920, "x"));
    const refused = await move(nodes, 3, 0, [slotOfTag]);
    expect(refused.moved).toEqual([]);
    expect(refused.refusal).toMatchObject({ slot: slotOfTag, reason: "item-too-large" });
    await expectWhole(nodes);
    expect(await keysOn(taker)).toBe(2);
  });

  test("slots that would not fit are refused before any is opened", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const [giver, , , taker] = nodes as readonly [
      ClusterNode,
      ClusterNode,
      ClusterNode,
      ClusterNode,
    ];
    for (const key of ["a", "b"]) await giver.control.set(tag + key, Buffer.alloc(3_000_000, "x"));
    await taker.control.config("SET", "maxmemory", "6000000");
    const outcome = await move(nodes, 0, 3, [slotOfTag]);
    expect(outcome.refusal).toMatchObject({ slot: slotOfTag, reason: "taker-full" });
    await expectWhole(nodes);
    expect(await keysOn(giver)).toBe(2);
  });

  test("a taker that hangs fails the move in time, and nothing is lost", async () => {
    await using bench = await ClusterBench.open(engine);
    const nodes = await bench.start(threeOfFour);
    const [giver, , , taker] = nodes as readonly [
      ClusterNode,
      ClusterNode,
      ClusterNode,
      ClusterNode,
    ];
    for (const key of ["a", "b", "c"]) await giver.control.set(tag + key, "1");
    await taker.slots.importFrom([slotOfTag], giver.nodeId);
    await giver.slots.migrateTo([slotOfTag], taker.nodeId);
    process.kill(taker.node.handle.pid, "SIGSTOP");
    const from = performance.now();
    const batch = { keys: [Buffer.from(`${tag}a`)], bytes: 0 };
    const [because] = await giver.slots.give([batch], taker.address, 300);
    expect(because).toMatch("IOERR");
    expect(performance.now() - from).toBeLessThan(2_500);
    expect(await giver.control.get(`${tag}a`)).toBe("1");
    process.kill(taker.node.handle.pid, "SIGCONT");
    await move(nodes, 0, 3, [slotOfTag]);
    expect(await keysOn(taker)).toBe(3);
    await expectWhole(nodes);
  });

  test("the password of the control user is in no error", async () => {
    await using bench = await ClusterBench.open(engine);
    const [giver, taker] = (await bench.start(threeOfFour)) as readonly [ClusterNode, ClusterNode];
    await giver.control.set(`${tag}a`, "1");
    await taker.control.set("k", "v").catch(() => {}); // whichever slot it is in
    const nobody = { host: taker.address.host, port: 1 };
    const [because] = await giver.slots.give(
      [{ keys: [Buffer.from(`${tag}a`)], bytes: 0 }],
      nobody,
      300,
    );
    expect(because).toMatch("IOERR");
    expect(because).not.toContain(bench.bench.password);
  });
});

/** One of five kinds of value, each of another size. */
async function fill(client: Cluster, index: number): Promise<void> {
  const key = `key:${index}`;
  const value = "v".repeat((index * 37) % 3_000);
  switch (index % 5) {
    case 0:
      await client.set(key, value);
      break;
    case 1:
      await client.rpush(key, value, "second");
      break;
    case 2:
      await client.hset(key, { field: value });
      break;
    case 3:
      await client.zadd(key, index, "member");
      break;
    default:
      await client.sadd(key, "one", "two");
  }
}

async function expectFilled(client: Cluster, index: number): Promise<void> {
  const key = `key:${index}`;
  const value = "v".repeat((index * 37) % 3_000);
  switch (index % 5) {
    case 0:
      expect(await client.get(key)).toBe(value);
      break;
    case 1:
      expect(await client.lrange(key, 0, -1)).toEqual([value, "second"]);
      break;
    case 2:
      expect(await client.hget(key, "field")).toBe(value);
      break;
    case 3:
      expect(await client.zscore(key, "member")).toBe(String(index));
      break;
    default:
      expect(await client.scard(key)).toBe(2);
  }
}
