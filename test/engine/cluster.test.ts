import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, type ClusterView, controlUser } from "@larder/server/engine/engine.ts";
import { evenSlots, formatSlots, slotsIn } from "@larder/server/resources/slots.ts";
import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { describe, expect, test } from "vitest";
import {
  NodeBench,
  redisFamily,
  replicationOf,
  type TestNode,
  untilReady,
} from "./support/nodes.ts";

const clusterMode = { "cluster-enabled": "yes", "repl-backlog-size": "1048576" };

function clusterOf({ session }: TestNode): Cluster {
  if (session.cluster === undefined) throw new Error("the node is not in cluster mode");
  return session.cluster;
}

/** A connection that may do what clients may not. */
async function controlOf(bench: NodeBench, { address }: TestNode): Promise<RespConnection> {
  const connection = await RespConnection.open(address.host, address.port);
  await connection.send("AUTH", controlUser, bench.password);
  return connection;
}

/** Waits until every node knows every other, and serves. */
async function untilWhole(nodes: readonly TestNode[]): Promise<readonly ClusterView[]> {
  const views: ClusterView[] = [];
  await until(
    "the cluster is whole",
    async () => {
      views.splice(
        0,
        views.length,
        ...(await Promise.all(nodes.map((one) => clusterOf(one).view()))),
      );
      const whole = views.every(
        (view) => view.ok && view.nodes.filter((one) => one.met).length === nodes.length,
      );
      return whole || JSON.stringify(views);
    },
    { withinMs: 20_000 },
  );
  return views;
}

/** Primaries that share all slots. */
async function startCluster(bench: NodeBench, shards: number): Promise<readonly TestNode[]> {
  const nodes = await Promise.all(
    Array.from({ length: shards }, () => bench.start({ parameters: clusterMode })),
  );
  const [seed] = nodes;
  if (seed === undefined) throw new Error("a cluster has a shard");
  const ranges = evenSlots(shards);
  for (const [index, node] of nodes.entries()) {
    if (node !== seed) await clusterOf(seed).meet(node.address);
    await clusterOf(node).addSlots(ranges.slice(index, index + 1));
  }
  await untilWhole(nodes);
  return nodes;
}

describe.each(redisFamily)("$engine $binaryVersion in cluster mode", (engine) => {
  test("a node knows its cluster by the addresses that nodes have", async () => {
    await using bench = await NodeBench.open(engine);
    const nodes = await startCluster(bench, 3);
    const [view] = await untilWhole(nodes);
    expect(view?.nodes.map(({ address }) => address)).toEqual(
      expect.arrayContaining(nodes.map(({ address }) => address)),
    );
    const own = view?.nodes.find(({ id }) => id === view.self);
    expect(own).toMatchObject({ role: "primary", primaryId: null, met: true, failed: false });
    expect(formatSlots(own?.slots ?? [])).toBe("0-5461");
  });

  test("a replica joins, becomes ready without a key being touched, and takes the role", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await startCluster(bench, 1);
    if (primary === undefined) throw new Error("no primary");
    const replica = await bench.start({ parameters: clusterMode });
    await replicationOf(replica).follow(primary.address);
    await untilReady(primary, 1);
    await untilWhole([primary, replica]);
    const client = await RespConnection.open(primary.address.host, primary.address.port);
    expect(await client.send("DBSIZE")).toBe(0);
    await replicationOf(primary).handOver(replica.session, 5_000);
    expect((await replicationOf(replica).view()).role).toBe("primary");
    expect((await replicationOf(primary).view()).link?.primary).toEqual(replica.address);
    client[Symbol.dispose]();
  });

  test("the role goes back and forth as often as it is asked to", async () => {
    await using bench = await NodeBench.open(engine);
    const [first] = await startCluster(bench, 3);
    if (first === undefined) throw new Error("no primary");
    const second = await bench.start({ parameters: clusterMode });
    await replicationOf(second).follow(first.address);
    await untilReady(first, 1);
    let [from, to] = [first, second];
    for (let round = 1; round <= 4; round += 1) {
      const startedMs = performance.now();
      await replicationOf(from).handOver(to.session, 5_000);
      // The engine's own vote makes who was elected wait for 20 s before it is elected again.
      expect(performance.now() - startedMs).toBeLessThan(4_000);
      expect((await replicationOf(to).view()).role).toBe("primary");
      await replicationOf(from).handOver(to.session, 5_000);
      [from, to] = [to, from];
      await untilReady(from, 1);
    }
  });

  test("a replica takes over from a primary that is gone, alone in its cluster", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await startCluster(bench, 1);
    if (primary === undefined) throw new Error("no primary");
    const replica = await bench.start({ parameters: clusterMode });
    await replicationOf(replica).follow(primary.address);
    await untilReady(primary, 1);
    const client = await RespConnection.open(primary.address.host, primary.address.port);
    await client.send("SET", "a", "1");
    client[Symbol.dispose]();
    await until(
      "the write arrived",
      async () => {
        const [from, to] = [
          await replicationOf(primary).view(),
          await replicationOf(replica).view(),
        ];
        return from.offset === to.offset || `${from.offset} ${to.offset}`;
      },
      { withinMs: 5_000 },
    );
    await bench.runtime.kill(primary.handle);
    await replicationOf(replica).promote();
    const heir = await RespConnection.open(replica.address.host, replica.address.port);
    expect(await heir.send("GET", "a")).toBe("1");
    expect(await heir.send("SET", "a", "2")).toBe("OK");
    heir[Symbol.dispose]();
    // Started again in its directory, the old primary still takes itself for one until it hears.
    const back = await bench.start({ parameters: clusterMode, like: primary });
    await until(
      "it follows",
      async () => {
        await replicationOf(back).follow(replica.address);
        const { link } = await replicationOf(back).view();
        return link?.primary.host === replica.address.host || JSON.stringify(link);
      },
      { withinMs: 15_000 },
    );
  });

  test("an old primary that comes back empty follows its heir, however new its claim was", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await startCluster(bench, 1);
    if (primary === undefined) throw new Error("no primary");
    const replica = await bench.start({ parameters: clusterMode });
    await replicationOf(replica).follow(primary.address);
    await untilReady(primary, 1);
    await untilWhole([primary, replica]);
    await bench.runtime.kill(primary.handle);
    await replicationOf(replica).promote();
    using heir = await RespConnection.open(replica.address.host, replica.address.port);
    expect(await heir.send("SET", "a", "1")).toBe("OK");
    // As if more had happened to it than to its heir: the greater epoch would win the slots.
    const file = join(bench.dataDir, "nodes", primary.uid, "nodes.conf");
    const text = await readFile(file, "utf8");
    const newer = text
      .replace(/(myself,master - \d+ \d+) \d+/, "$1 100")
      .replace(/currentEpoch \d+/, "currentEpoch 100");
    expect(newer).not.toBe(text);
    await writeFile(file, newer);
    const how = { following: replica.address, startsEmpty: true, like: primary };
    const back = await bench.start({ parameters: clusterMode, ...how });
    await until(
      "it follows",
      async () => {
        const { link } = await replicationOf(back).view();
        return link?.up === true || JSON.stringify(link);
      },
      { withinMs: 15_000 },
    );
    expect((await replicationOf(replica).view()).role).toBe("primary");
    expect(await heir.send("GET", "a")).toBe("1");
  });

  test("a slot that two nodes take for each other's is taken by the one that it is given to", async () => {
    await using bench = await NodeBench.open(engine);
    const [first, second] = await startCluster(bench, 2);
    if (first === undefined || second === undefined) throw new Error("no nodes");
    const { self } = await clusterOf(second).view();
    await first.session.slots?.assign([0], self);
    const slotsOf = async (node: TestNode) => {
      const view = await clusterOf(node).view();
      return formatSlots(view.nodes.find(({ id }) => id === view.self)?.slots ?? []);
    };
    expect(await Promise.all([slotsOf(first), slotsOf(second)])).toEqual(["1-8191", "8192-16383"]);
    await clusterOf(second).addSlots([{ first: 0, last: 0 }]);
    expect(await slotsOf(second)).toBe("0-0,8192-16383");
    await untilWhole([first, second]);
  });

  test("an heir that has not heard of its primary's slots does not take over without them", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await startCluster(bench, 1);
    if (primary === undefined) throw new Error("no primary");
    const replica = await bench.start({ parameters: clusterMode });
    await replicationOf(replica).follow(primary.address);
    await untilReady(primary, 1);
    await untilWhole([primary, replica]);
    using control = await controlOf(bench, replica);
    expect(await control.send("CLUSTER", "DELSLOTSRANGE", "0", "16383")).toBe("OK");
    await replicationOf(primary).handOver(replica.session, 5_000);
    const { self, nodes } = await clusterOf(replica).view();
    expect(formatSlots(nodes.find(({ id }) => id === self)?.slots ?? [])).toBe("0-16383");
    expect((await replicationOf(primary).view()).link?.primary).toEqual(replica.address);
  });

  test("a primary that has keys but no slots follows when it is told to", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await startCluster(bench, 1);
    if (primary === undefined) throw new Error("no primary");
    const other = await bench.start({ parameters: clusterMode });
    await clusterOf(other).addSlots([{ first: 0, last: 16_383 }]);
    await untilWhole([other]);
    using control = await controlOf(bench, other);
    expect(await control.send("SET", "a", "1")).toBe("OK");
    expect(await control.send("CLUSTER", "DELSLOTSRANGE", "0", "16383")).toBe("OK");
    await replicationOf(other).follow(primary.address);
    await untilReady(primary, 1);
    expect(await control.send("DBSIZE")).toBe(0);
  });

  test("a node that takes a replica for the owner of slots is told whose they are", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary, other] = await startCluster(bench, 2);
    if (primary === undefined || other === undefined) throw new Error("no primaries");
    const replica = await bench.start({ parameters: clusterMode });
    await replicationOf(replica).follow(primary.address);
    await untilReady(primary, 1);
    const [view] = await untilWhole([primary, replica, other]);
    const owner = view?.self ?? "";
    const follower = view?.nodes.find(({ role }) => role === "replica")?.id ?? "";
    await bench.runtime.kill(other.handle);
    // As if the replica had been the owner when the primary's claim was not known yet.
    const file = join(bench.dataDir, "nodes", other.uid, "nodes.conf");
    const lines = (await readFile(file, "utf8")).split("\n").map((line) => {
      if (line.startsWith(owner)) return line.replace(/ 0-8191$/, "");
      return line.startsWith(follower)
        ? line.replace(/ \d+ connected$/, " 100 connected 0-8191")
        : line;
    });
    await writeFile(file, lines.join("\n"));
    const back = await bench.start({ parameters: clusterMode, like: other });
    const slotsOf = async (id: string) => {
      const { nodes } = await clusterOf(back).view();
      return formatSlots(nodes.find((one) => one.id === id)?.slots ?? []);
    };
    const { slots } = back.session;
    if (slots === undefined) throw new Error("the node keeps no slots");
    await slots.assign(slotsIn([{ first: 0, last: 8_191 }]), owner);
    slots.release();
    expect([await slotsOf(owner), await slotsOf(follower)]).toEqual(["0-8191", ""]);
  });

  test("a node is forgotten", async () => {
    await using bench = await NodeBench.open(engine);
    const nodes = await startCluster(bench, 2);
    const extra = await bench.start({ parameters: clusterMode });
    await clusterOf(nodes[0]!).meet(extra.address);
    const views = await untilWhole([...nodes, extra]);
    const id = views[2]?.self ?? "";
    await bench.runtime.kill(extra.handle);
    for (const node of nodes) await clusterOf(node).forget(id);
    for (const node of nodes) await clusterOf(node).forget(id);
    await untilWhole(nodes);
  });
});
