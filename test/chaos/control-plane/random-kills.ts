import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DecreaseReplicaCountCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ElastiCacheServiceException,
  IncreaseReplicaCountCommand,
  ModifyCacheClusterCommand,
} from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import { setTimeout as pause } from "node:timers/promises";
import { Arena } from "../arena.ts";
import { writesFor } from "../failover/rounds.ts";
import { type Result, target } from "../report.ts";
import { pickOne, seededRandom } from "../seeded-random.ts";
import { say } from "../suite.ts";
import { Writers } from "../writers.ts";
import { countsText, outcome } from "./outcome.ts";

const groupIds = ["alpha", "beta"] as const;
const clusterIds = ["gamma", "delta"] as const;
const callers = 3;
/** The server lives this long at most before it is killed again. */
const lifeMsMax = 1_500;
const convergeWithinMs = 60_000;

/**
 * What was asked for and acknowledged: nodes by cache. Null means none; undefined, that a request
 * was cut off, so that either answer is right until the next one is acknowledged.
 */
type Model = Map<string, number | null | undefined>;

/** The server is killed at random moments while caches are created, changed and deleted. */
export async function randomKills(rounds: number, seed: number): Promise<Result> {
  const random = seededRandom(seed);
  await using arena = await Arena.open();
  await arena.createGroup("untouched", "redis");
  const place = await arena.endpoint("untouched", "primary");
  const writers = new Writers(place, { prefix: "kills", count: 5, everyMs: 2 }).start();
  await writesFor(writers, 100);
  writers.mark();
  const model: Model = new Map([...groupIds, ...clusterIds].map((id) => [id, null]));
  const convergedMs: number[] = [];
  const wrong: string[] = [];
  let calls = 0;
  for (let round = 1; round <= rounds; round += 1) {
    calls += await changeAndKill(arena, model, random);
    const startedMs = performance.now();
    await arena.server.restart();
    wrong.push(...(await convergence(arena, model)).map((one) => `round ${round}: ${one}`));
    convergedMs.push(performance.now() - startedMs);
    say(`KILLS ${round}: as asked after ${Math.round(convergedMs.at(-1) ?? 0)} ms`);
  }
  const errors = countsText(writers.errors);
  const gapMs = await writers.stop();
  return await outcome(arena, {
    ...{ id: "KILLS", title: "kill -9 of the server at random moments", n: rounds },
    timesMs: convergedMs,
    ...(await writers.verify()),
    targets: [
      target(
        "every cache reaches the state asked for",
        wrong.length === 0,
        wrong.slice(0, 5).join("; "),
      ),
      target("a client of an untouched cache sees no error", errors === "", errors),
    ],
    notes: [
      `seed ${seed}; ${calls} calls were acknowledged; longest write gap ${Math.round(gapMs)} ms`,
      "the times are from the server's start until every cache was as asked",
    ],
  });
}

/** Sends requests until the server is killed; resolves with how many were acknowledged. */
async function changeAndKill(arena: Arena, model: Model, random: () => number): Promise<number> {
  const killed = new AbortController();
  let acknowledged = 0;
  const caller = async (ids: readonly string[]) => {
    while (!killed.signal.aborted) {
      const id = pickOne(random, ids);
      if (await change(arena.client, model, id, random)) acknowledged += 1;
      await pause(random() * 60);
    }
  };
  // Each cache has one caller, so that the model knows the order of its requests.
  const ids: readonly string[] = [...groupIds, ...clusterIds];
  const running = Array.from({ length: callers }, (_, index) =>
    caller(ids.filter((_id, at) => at % callers === index)),
  );
  await pause(random() * lifeMsMax);
  await arena.server.kill();
  killed.abort();
  await Promise.all(running);
  return acknowledged;
}

/** Asks for one change of a cache. Refusals change nothing; a cut connection may have. */
async function change(
  client: ElastiCacheClient,
  model: Model,
  id: string,
  random: () => number,
): Promise<boolean> {
  const isGroup = (groupIds as readonly string[]).includes(id);
  const known = model.get(id);
  const roll = random();
  const [request, next] = isGroup
    ? groupRequest(client, id, known ?? null, roll)
    : clusterRequest(client, id, known ?? null, roll);
  try {
    await request();
    model.set(id, next);
    return true;
  } catch (error) {
    if (error instanceof ElastiCacheServiceException && error.$metadata.httpStatusCode === 400)
      return false;
    if (error instanceof ElastiCacheServiceException && error.$metadata.httpStatusCode === 404)
      return false;
    model.set(id, undefined); // cut off: it may have been carried out, or not
    return false;
  }
}

type Request = readonly [send: () => Promise<unknown>, next: number | null];

function groupRequest(
  client: ElastiCacheClient,
  ReplicationGroupId: string,
  nodes: number | null,
  roll: number,
): Request {
  if (nodes === null || roll < 0.2) {
    const input = {
      ...{ ReplicationGroupId, ReplicationGroupDescription: "kills", Engine: "redis" },
      ...{ CacheNodeType: "cache.t4g.micro", NumCacheClusters: 2 },
    };
    return [() => client.send(new CreateReplicationGroupCommand(input)), 2];
  }
  const resize = { ReplicationGroupId, ApplyImmediately: true };
  if (roll < 0.45) {
    const more = new IncreaseReplicaCountCommand({ ...resize, NewReplicaCount: 2 });
    return [() => client.send(more), 3];
  }
  if (roll < 0.7) {
    const fewer = new DecreaseReplicaCountCommand({ ...resize, NewReplicaCount: 1 });
    return [() => client.send(fewer), 2];
  }
  return [() => client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId })), null];
}

function clusterRequest(
  client: ElastiCacheClient,
  CacheClusterId: string,
  nodes: number | null,
  roll: number,
): Request {
  if (nodes === null || roll < 0.2) {
    const engine = { Engine: "memcached", CacheNodeType: "cache.t4g.micro" };
    const create = new CreateCacheClusterCommand({ CacheClusterId, ...engine, NumCacheNodes: 2 });
    return [() => client.send(create), 2];
  }
  if (roll < 0.7) {
    const NumCacheNodes = nodes === 2 ? 3 : 2;
    const leaving = NumCacheNodes < nodes ? { CacheNodeIdsToRemove: ["0001"] } : {};
    const modify = { CacheClusterId, NumCacheNodes, ApplyImmediately: true, ...leaving };
    return [() => client.send(new ModifyCacheClusterCommand(modify)), NumCacheNodes];
  }
  return [() => client.send(new DeleteCacheClusterCommand({ CacheClusterId })), null];
}

/** What is not as acknowledged, a sentence each; the model takes over where it did not know. */
async function convergence(arena: Arena, model: Model): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [id, asked] of model) {
    const matches = (nodes: number | null) => asked === undefined || nodes === asked;
    try {
      await until(
        `${id} is as asked (${asked === undefined ? "either" : (asked ?? "gone")})`,
        async () => {
          const seen = await look(arena.client, id);
          if (seen === null) return matches(null) || "it is not there";
          if (seen.status !== "available") return `${seen.status}`;
          return matches(seen.nodes) || `${seen.nodes} nodes`;
        },
        { withinMs: convergeWithinMs },
      );
    } catch (error) {
      wrong.push(String(error));
      say(arena.server.logTail());
    }
    const seen = await look(arena.client, id).catch(() => undefined); // counted as wrong already
    model.set(id, seen === undefined ? undefined : (seen?.nodes ?? null));
  }
  const leftovers = await arena.leftovers();
  return [...wrong, ...leftovers];
}

async function look(client: ElastiCacheClient, id: string) {
  const isGroup = (groupIds as readonly string[]).includes(id);
  if (isGroup) {
    const { ReplicationGroups = [] } = await client.send(new DescribeReplicationGroupsCommand({}));
    const found = ReplicationGroups.find((one) => one.ReplicationGroupId === id);
    return found === undefined
      ? null
      : { status: found.Status, nodes: found.MemberClusters?.length ?? 0 };
  }
  const { CacheClusters = [] } = await client.send(new DescribeCacheClustersCommand({}));
  const found = CacheClusters.find((one) => one.CacheClusterId === id);
  return found === undefined
    ? null
    : { status: found.CacheClusterStatus, nodes: found.NumCacheNodes ?? 0 };
}
