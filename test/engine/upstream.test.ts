import { recordingPrimary } from "@larder/testkit/recording-primary.ts";
import { until } from "@larder/testkit/until.ts";
import { describe, expect, test, vi } from "vitest";
import { NodeBench, redisFamily, replicationOf, type TestNode } from "./support/nodes.ts";
import { tenant } from "./support/tenant.ts";

vi.setConfig({ testTimeout: 60_000 });
const withinMs = 20_000;

/** Waits until the node follows somebody with its link up. */
async function untilLinked(node: TestNode): Promise<void> {
  await until(
    `${node.uid}'s link is up`,
    async () => {
      const { link } = await replicationOf(node).view();
      return link?.up === true || JSON.stringify(link);
    },
    { withinMs },
  );
}

describe.each(redisFamily)("an upstream of $engine $binaryVersion", (engine) => {
  test("that is a stranger is never sent a login, whatever comes before and after", async () => {
    await using bench = await NodeBench.open(engine);
    const { primary, replicas } = await bench.startGroup(1);
    const [replica] = replicas;
    if (replica === undefined) throw new Error("no replica");
    const place = bench.address();
    await using stranger = await recordingPrimary(place.host, place.port);
    const node = replicationOf(replica);
    for (let round = 0; round < 3; round += 1) {
      await node.follow(place, null);
      await node.follow(place, null);
      const before = stranger.connections();
      // The engine tries once a second: what it sends by itself counts too.
      await until(
        "it came back by itself",
        () => stranger.connections() > before + 1 || `${stranger.connections()} connections`,
        { withinMs },
      );
      if (round === 1) await node.promote();
      await node.follow(primary.address, bench.password);
      await untilLinked(replica);
    }
    expect(stranger.received()).toMatch(/PSYNC/i);
    expect(stranger.received()).not.toMatch(/AUTH/i);
    expect(stranger.received()).not.toContain(bench.password);
  });

  test("that is a stranger gets no login of a node that starts as its replica", async () => {
    await using bench = await NodeBench.open(engine);
    const place = bench.address();
    await using stranger = await recordingPrimary(place.host, place.port);
    await bench.start({ following: place, followingPassword: null });
    await until("it came", () => /PSYNC/i.test(stranger.received()) || "not yet", { withinMs });
    expect(stranger.received()).not.toMatch(/AUTH/i);
    expect(stranger.received()).not.toContain(bench.password);
  });

  test("of another cache lets in with that cache's password, and without a new copy", async () => {
    await using bench = await NodeBench.open(engine);
    await using other = await NodeBench.open(engine);
    const upstream = await bench.start();
    const own = await other.start();
    const third = await other.start({ following: own.address });
    await replicationOf(own).follow(upstream.address, bench.password);
    await untilLinked(own);
    await untilLinked(third);
    await using client = await tenant(upstream.address);
    await client.redis.set("k", "v");
    await using reader = await tenant(third.address);
    await until(
      "the chain has it",
      async () => (await reader.redis.get("k")) === "v" || "not yet",
      {
        withinMs,
      },
    );
    expect((await replicationOf(own).view()).replicas.map((one) => one.address)).toEqual([
      third.address,
    ]);
    await expect(reader.redis.set("k", "w")).rejects.toThrow(/^READONLY/);
  });

  test("that is nobody refuses writes, and gives way without a new copy", async () => {
    await using bench = await NodeBench.open(engine);
    await using other = await NodeBench.open(engine);
    const old = await bench.start();
    const heir = await other.start();
    await replicationOf(heir).follow(old.address, bench.password);
    await untilLinked(heir);
    await using writer = await tenant(old.address);
    await writer.redis.set("k", "1");
    await replicationOf(old).follow(old.address, bench.password);
    await writer.ended;
    await using late = await tenant(old.address);
    await expect(late.redis.set("k", "2")).rejects.toThrow(/^READONLY/);
    const fenced = await replicationOf(old).view();
    await until(
      "the heir has everything",
      async () => {
        const { offset, replicationId } = await replicationOf(heir).view();
        return (offset >= fenced.offset && replicationId === fenced.replicationId) || `${offset}`;
      },
      { withinMs },
    );
    await replicationOf(old).follow(heir.address, other.password);
    await replicationOf(heir).promote();
    await untilLinked(old);
    await using client = await tenant(heir.address);
    expect(await client.redis.get("k")).toBe("1");
    expect(await client.redis.info("stats")).toMatch(/sync_full:0/);
  });
});
