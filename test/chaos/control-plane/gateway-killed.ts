import { CreateCacheClusterCommand } from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster } from "@larder/testkit/wait-for.ts";
import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { Arena } from "../arena.ts";
import { writesFor } from "../failover/rounds.ts";
import { discoveryAt } from "../memcached-text.ts";
import { gatewayPid } from "../records.ts";
import { type Result, target, within } from "../report.ts";
import { say } from "../suite.ts";
import { Writers } from "../writers.ts";
import { countsText, outcome } from "./outcome.ts";

/** R10: the gateway, which carries a reader and a configuration endpoint, is killed. */
export async function gatewayKilled(rounds: number): Promise<Result> {
  await using arena = await Arena.open();
  await arena.createGroup("shop", "redis");
  await arena.client.send(
    new CreateCacheClusterCommand({
      ...{ CacheClusterId: "web", Engine: "memcached", CacheNodeType: "cache.t4g.micro" },
      NumCacheNodes: 2,
    }),
  );
  await waitForCluster(arena.client, "web", "available", 20_000);
  const before = await pidsOf(arena);
  const place = await arena.endpoint("shop", "primary");
  const writers = new Writers(place, { prefix: "r10", count: 5, everyMs: 5 }).start();
  await writesFor(writers, 100);
  writers.mark();
  const timesMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    timesMs.push(await killGateway(arena));
    say(`R10 ${round}: both endpoints back after ${Math.round(timesMs.at(-1) ?? 0)} ms`);
  }
  const errors = countsText(writers.errors);
  await writers.stop();
  const after = await pidsOf(arena);
  return await outcome(arena, {
    ...{ id: "R10", title: "kill -9 of the gateway", n: rounds, timesMs },
    ...(await writers.verify()),
    targets: [
      ...within(timesMs, { max: 2_000 }),
      target("no engine's process changed", after === before, `${before} → ${after}`),
      target("no error through the primary endpoint", errors === "", errors),
    ],
    notes: ["the times are until the reader and the configuration endpoint answered again"],
  });
}

async function killGateway(arena: Arena): Promise<number> {
  const reader = await arena.endpoint("shop", "reader");
  const configuration = await arena.endpoint("web", "configuration");
  const old = gatewayPid(arena.server.dataDir);
  const startedMs = performance.now();
  arena.signal(old);
  await until(
    "a new gateway carries both endpoints",
    async () => {
      if (gatewayPid(arena.server.dataDir) === old) return "still the old gateway";
      using connection = await RespConnection.open(reader.host, reader.port, 500);
      const info = await connection.text("INFO", "replication");
      await discoveryAt(configuration);
      return info.includes("role:slave") || "the reader endpoint leads to no replica";
    },
    { withinMs: 20_000 },
  );
  return performance.now() - startedMs;
}

async function pidsOf(arena: Arena): Promise<string> {
  const nodes = [...(await arena.nodes("shop")), ...(await arena.nodes("web"))];
  return nodes.map((one) => one.pid).join(" ");
}
