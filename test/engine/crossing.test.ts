import { evenSlots } from "@larder/server/resources/slots.ts";
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

const clusterMode = { "cluster-enabled": "yes", "cluster-require-full-coverage": "no" };

function clientOf({ address }: TestNode): Promise<RespConnection> {
  return RespConnection.open(address.host, address.port);
}

async function fill(node: TestNode, keys: number): Promise<void> {
  using client = await clientOf(node);
  for (let key = 0; key < keys; key += 1) await client.send("SET", `k${key}`, String(key));
}

/** What a node answers to a read and a write the moment it was promoted. */
async function use(node: TestNode): Promise<readonly unknown[]> {
  using client = await clientOf(node);
  return [
    await client.send("GET", "k99"),
    await client.send("SET", "after", "1"),
    await client.send("DBSIZE"),
  ];
}

describe.each(redisFamily)("$engine $binaryVersion crosses between modes", (engine) => {
  test("into cluster mode: the heir has every key, and serves at once", async () => {
    await using bench = await NodeBench.open(engine);
    const plain = await bench.start();
    await fill(plain, 100);
    const outside = [{ id: "0001", primary: plain.address, slots: evenSlots(1) }];
    const how = { parameters: clusterMode, following: plain.address, outside };
    const [heir, other] = [await bench.start(how), await bench.start(how)];
    await untilReady(plain, 2);
    await replicationOf(plain).handOver(heir.session, 5_000);
    await plain.session.closed;
    await replicationOf(heir).promote();
    expect(await use(heir)).toEqual(["99", "OK", 101]);
    await replicationOf(other).follow(heir.address);
    await untilReady(heir, 1);
    // The primary that was never in the cluster is forgotten like any other.
    const view = await heir.session.cluster?.view();
    const outsider = view?.nodes.find(({ address }) => address?.host === plain.address.host);
    for (const node of [heir, other]) await node.session.cluster?.forget(outsider?.id ?? "");
    await until(
      "both know each other alone, and serve",
      async () => {
        const views = await Promise.all(
          [heir, other].map(async ({ session }) => session.cluster?.view()),
        );
        const whole = views.every((one) => one?.ok === true && one.nodes.length === 2);
        return whole || JSON.stringify(views);
      },
      { withinMs: 15_000 },
    );
  });

  test("out of cluster mode: a plain replica takes over from a primary of a cluster", async () => {
    await using bench = await NodeBench.open(engine);
    const primary = await bench.start({ parameters: clusterMode });
    await primary.session.cluster?.addSlots([{ first: 0, last: 16_383 }]);
    await until(
      "the cluster serves",
      async () => (await primary.session.cluster?.view())?.ok === true || "not yet",
      { withinMs: 15_000 },
    );
    await fill(primary, 100);
    const heir = await bench.start({ following: primary.address });
    await untilReady(primary, 1);
    await replicationOf(primary).handOver(heir.session, 5_000);
    await primary.session.closed;
    await replicationOf(heir).promote();
    expect(await use(heir)).toEqual(["99", "OK", 101]);
    // Started anew in its directory, it knows of no cluster any more.
    const back = await bench.start({ like: primary, following: heir.address });
    await untilReady(heir, 1);
    expect(back.session.cluster).toBeUndefined();
  });
});
