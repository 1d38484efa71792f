import { CreateCacheClusterCommand, ModifyCacheClusterCommand } from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster } from "@larder/testkit/wait-for.ts";
import { Arena, placeOf } from "../arena.ts";
import { discoveryAt, roundTrip } from "../memcached-text.ts";
import { type Result, target, within } from "../report.ts";
import type { FailoverOptions } from "./rounds.ts";

/** R23: a memcached node is killed and comes back at the same address. */
export async function memcachedKilled(options: FailoverOptions): Promise<Result> {
  await using arena = await Arena.open();
  await arena.client.send(
    new CreateCacheClusterCommand({
      ...{ CacheClusterId: "web", Engine: "memcached", CacheNodeType: "cache.t4g.small" },
      NumCacheNodes: 3,
    }),
  );
  await waitForCluster(arena.client, "web", "available", 20_000);
  const configuration = await arena.endpoint("web", "configuration");
  const before = await discoveryAt(configuration);
  const timesMs: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    timesMs.push(await killNode(arena, round));
    options.say(`R23 memcached ${round}: back after ${Math.round(timesMs.at(-1) ?? 0)} ms`);
  }
  const after = await discoveryAt(configuration);
  await waitForCluster(arena.client, "web", "available", 20_000);
  await arena.client.send(
    new ModifyCacheClusterCommand({
      ...{ CacheClusterId: "web", NumCacheNodes: 4, ApplyImmediately: true },
    }),
  );
  await until(
    "auto discovery shows the fourth node",
    async () => (await discoveryAt(configuration)).nodes.length === 4 || "not yet",
    { withinMs: 10_000 },
  );
  await waitForCluster(arena.client, "web", "available", 20_000);
  const grown = await discoveryAt(configuration);
  const leftovers = await arena.leftovers();
  return {
    ...{ id: "R23", title: "kill -9 of a memcached node", engine: "memcached" },
    ...{ n: options.rounds, timesMs, acked: null, lost: null, leftovers: leftovers.length },
    targets: [
      ...within(timesMs, { max: 500 }),
      target(
        "the version of the membership stays while nodes die and come back",
        after.version === before.version && after.nodes.join() === before.nodes.join(),
        `${before.version} → ${after.version}`,
      ),
      target(
        "and rises by one when a node joins",
        grown.version === before.version + 1,
        `${before.version} → ${grown.version}`,
      ),
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: [],
  };
}

/** Kills one node, another one each round; resolves with how long its endpoint was away. */
async function killNode(arena: Arena, round: number): Promise<number> {
  const nodes = await arena.nodes("web");
  const victim = nodes[round % nodes.length];
  const place = placeOf(victim?.address);
  await roundTrip(place, "before");
  const startedMs = performance.now();
  arena.signal(victim?.pid ?? null);
  await until(
    "the node answers at its endpoint",
    async () => {
      await roundTrip(place, `after-${round}`);
      const now = (await arena.nodes("web")).find((one) => one.id === victim?.id);
      return now?.pid !== victim?.pid || "still the old process";
    },
    { withinMs: 20_000 },
  );
  return performance.now() - startedMs;
}
