import { evenSlots } from "@larder/server/resources/slots.ts";
import { describeReply, RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { describe, expect, test } from "vitest";
import {
  NodeBench,
  redisFamily,
  replicationOf,
  type TestNode,
  untilReady,
} from "./support/nodes.ts";

const clusterMode = { "cluster-enabled": "yes" };
const withinMs = 15_000;

/** What a node answers to commands, as text. */
async function ask(
  { address }: TestNode,
  ...commands: readonly (readonly string[])[]
): Promise<readonly string[]> {
  using client = await RespConnection.open(address.host, address.port);
  const replies: string[] = [];
  for (const command of commands) replies.push(describeReply(await client.send(...command)));
  return replies;
}

async function untilServes(node: TestNode): Promise<void> {
  await until(
    "the cluster serves",
    async () => (await node.session.cluster?.view())?.ok === true || "not yet",
    { withinMs },
  );
}

/** A cluster of one node, and a node of another cluster that is to follow it. */
async function pair(bench: NodeBench): Promise<readonly [TestNode, TestNode]> {
  const primary = await bench.start({ parameters: clusterMode });
  await primary.session.cluster?.addSlots(evenSlots(1));
  await untilServes(primary);
  const follower = await bench.start(followerOf(primary));
  await untilReady(primary, 1);
  return [primary, follower];
}

function followerOf(primary: TestNode, like?: TestNode) {
  const outside = [{ id: "0001", primary: primary.address, slots: evenSlots(1) }];
  const about = { parameters: clusterMode, following: primary.address, outside };
  return like === undefined ? about : { ...about, like };
}

describe.each(redisFamily)("$engine $binaryVersion in cluster mode", (engine) => {
  test("follows a node of another cluster, which knows nothing of it", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary, follower] = await pair(bench);
    expect(await ask(primary, ["SET", "k", "v"])).toEqual(['"OK"']);
    await until(
      "it is there",
      async () => {
        const [, value] = await ask(follower, ["READONLY"], ["GET", "k"]);
        return value === '"v"' || value!;
      },
      { withinMs },
    );
    const [moved] = await ask(follower, ["SET", "k", "w"]);
    expect(moved).toBe(`MOVED 7629 ${primary.address.host}:${primary.address.port}`);
    expect((await primary.session.cluster?.view())?.nodes).toHaveLength(1);
  });

  test("refuses writes and keeps its place in the stream, until it takes them again", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary] = await pair(bench);
    await ask(primary, ["SET", "k", "v"], ["CONFIG", "RESETSTAT"]);
    await replicationOf(primary).follow(primary.address);
    const fenced = await replicationOf(primary).view();
    expect(fenced).toMatchObject({
      role: "replica",
      link: { primary: primary.address, up: false },
    });
    const [refused, kept] = await ask(primary, ["SET", "k", "w"], ["GET", "k"]);
    expect([refused?.split(" ")[0], kept]).toEqual(["NOREPLICAS", '"v"']);
    await replicationOf(primary).promote();
    expect(await replicationOf(primary).view()).toMatchObject({ role: "primary", link: null });
    expect(await ask(primary, ["SET", "k", "w"])).toEqual(['"OK"']);
  });

  test("swaps roles with its follower, and neither copies what it has", async () => {
    await using bench = await NodeBench.open(engine);
    const [primary, follower] = await pair(bench);
    await ask(primary, ["SET", "k", "v"]);
    await replicationOf(primary).follow(primary.address);
    const { offset, replicationId } = await replicationOf(primary).view();
    await until(
      "the follower has everything",
      async () => {
        const view = await replicationOf(follower).view();
        return (view.replicationId === replicationId && view.offset >= offset) || `${view.offset}`;
      },
      { withinMs },
    );
    await replicationOf(follower).promote();
    await untilServes(follower);
    await primary.session.persistence?.saveAndExit();
    const back = await bench.start(followerOf(follower, primary));
    await untilReady(follower, 1);
    expect(await ask(follower, ["SET", "k", "w"])).toEqual(['"OK"']);
    await until(
      "it is there",
      async () => {
        const [, value] = await ask(back, ["READONLY"], ["GET", "k"]);
        return value === '"w"' || value!;
      },
      { withinMs },
    );
    const [stats] = await ask(follower, ["INFO", "stats"]);
    expect(stats).toContain("sync_full:0");
  });
});
