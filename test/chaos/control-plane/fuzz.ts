import * as sdk from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";
import fc from "fast-check";
import { Arena } from "../arena.ts";
import { type Result, target } from "../report.ts";
import { say } from "../suite.ts";
import { countsText, outcome } from "./outcome.ts";

const hangMs = 5_000;
const callsBetweenChecks = 100;
/** How many operations are called; each is to be carried out, not only refused. */
const operationsMin = 16;
const callsAtOnce = 8;
/** Caches get this long between the checks to become available. */
const settleMs = 800;

const groupId = fc.constantFrom("g1", "g2", "g3");
const clusterId = fc.constantFrom("c1", "c2", "c3", "c4");
const member = fc.constantFrom("g1-001", "g1-002", "g2-001", "g3-003", "c1", "nobody");
const nodeType = fc.constantFrom("cache.t4g.micro", "cache.t4g.micro", "cache.r99.huge");
const odd = fc.constantFrom("", "-", "x".repeat(300), "a\u0000b", "ä", "../..", "1abc", "A B");
/** Mostly a good value, sometimes one that no rule allows. */
const mostly = (good: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: odd });
const count = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 2, arbitrary: fc.constantFrom(-1, 0, 6, 41, 2 ** 31) },
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const now = fc.oneof(
  { weight: 9, arbitrary: fc.constant(true) },
  { weight: 1, arbitrary: fc.boolean() },
);

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Calls of one operation, with inputs as `members` make them. */
function calls(
  operation: string,
  members: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Call> {
  return fc.record(members).map((input) => ({ operation, input }));
}

/**
 * Every operation that does something, with valid and invalid input mixed. Caches are created more
 * often than deleted, so that the others find some.
 */
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: calls("CreateReplicationGroup", {
      ...{
        ReplicationGroupId: mostly(groupId),
        ReplicationGroupDescription: fc.string({ maxLength: 20 }),
      },
      ...{ Engine: fc.constantFrom("redis", "Redis", "valkey", "memcached", "oracle") },
      ...{ CacheNodeType: nodeType, NumCacheClusters: maybe(count) },
      ...{ AutomaticFailoverEnabled: maybe(fc.boolean()), MultiAZEnabled: maybe(fc.boolean()) },
      ...{
        PrimaryClusterId: fc.oneof(
          { weight: 9, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: clusterId },
        ),
      },
      Port: maybe(fc.constantFrom(6379, 0, 70_000)),
    }),
  },
  {
    weight: 6,
    arbitrary: calls("CreateCacheCluster", {
      ...{
        CacheClusterId: mostly(clusterId),
        CacheNodeType: nodeType,
        NumCacheNodes: maybe(count),
      },
      ...{ Engine: fc.constantFrom("memcached", "redis", "MEMCACHED", "none") },
      AZMode: maybe(fc.constantFrom("single-az", "cross-az", "all-az")),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("ModifyReplicationGroup", {
      ...{ ReplicationGroupId: mostly(groupId), ApplyImmediately: now },
      ...{ AutomaticFailoverEnabled: maybe(fc.boolean()), MultiAZEnabled: maybe(fc.boolean()) },
      ...{ PrimaryClusterId: maybe(member), ReplicationGroupDescription: maybe(fc.string()) },
      PreferredMaintenanceWindow: maybe(fc.constantFrom("sun:05:00-sun:06:00", "never")),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("ModifyCacheCluster", {
      ...{ CacheClusterId: mostly(clusterId), NumCacheNodes: maybe(count), ApplyImmediately: now },
      CacheNodeIdsToRemove: maybe(
        fc.array(fc.constantFrom("0001", "0002", "9999"), { maxLength: 2 }),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("IncreaseReplicaCount", {
      ...{ ReplicationGroupId: mostly(groupId), NewReplicaCount: count, ApplyImmediately: now },
    }),
  },
  {
    weight: 3,
    arbitrary: calls("DecreaseReplicaCount", {
      ...{
        ReplicationGroupId: mostly(groupId),
        NewReplicaCount: maybe(count),
        ApplyImmediately: now,
      },
      ReplicasToRemove: maybe(fc.array(member, { maxLength: 2 })),
    }),
  },
  {
    weight: 1,
    arbitrary: calls("DeleteReplicationGroup", {
      ...{ ReplicationGroupId: mostly(groupId), RetainPrimaryCluster: maybe(fc.boolean()) },
    }),
  },
  {
    weight: 1,
    arbitrary: calls("DeleteCacheCluster", { CacheClusterId: mostly(fc.oneof(clusterId, member)) }),
  },
  {
    weight: 3,
    arbitrary: calls("RebootCacheCluster", {
      ...{ CacheClusterId: mostly(fc.oneof(clusterId, member)) },
      CacheNodeIdsToReboot: fc.array(fc.constantFrom("0001", "0002", "x"), { maxLength: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("TestFailover", {
      ReplicationGroupId: mostly(groupId),
      NodeGroupId: mostly(fc.constant("0001")),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("DescribeReplicationGroups", { ReplicationGroupId: maybe(mostly(groupId)) }),
  },
  {
    weight: 3,
    arbitrary: calls("DescribeCacheClusters", {
      ...{ CacheClusterId: maybe(mostly(clusterId)), ShowCacheNodeInfo: maybe(fc.boolean()) },
      ...{ MaxRecords: maybe(fc.constantFrom(20, 100, 0, 101)), Marker: maybe(odd) },
    }),
  },
  {
    weight: 3,
    arbitrary: calls("DescribeEvents", {
      ...{
        Duration: maybe(fc.constantFrom(60, -1, 99_999)),
        SourceIdentifier: maybe(mostly(groupId)),
      },
      SourceType: maybe(fc.constantFrom("cache-cluster", "replication-group", "moon")),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("ListAllowedNodeTypeModifications", {
      ReplicationGroupId: maybe(mostly(groupId)),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("CreateCacheParameterGroup", {
      ...{ CacheParameterGroupName: mostly(fc.constantFrom("p1", "p2")), Description: fc.string() },
      CacheParameterGroupFamily: fc.constantFrom("redis7", "memcached1.6", "redis1"),
    }),
  },
  {
    weight: 3,
    arbitrary: calls("DeleteCacheParameterGroup", {
      CacheParameterGroupName: mostly(fc.constantFrom("p1", "p2")),
    }),
  },
);

/** R18: `total` calls of all operations, valid and not, with the invariants checked in between. */
export async function fuzz(total: number, seed: number): Promise<Result> {
  await using arena = await Arena.open({ logLevel: "warn" });
  const failures = new Map<string, number>();
  const answers = new Map<string, number>();
  const wrong: string[] = [];
  const tally = (counts: Map<string, number>, what: string) =>
    counts.set(what, (counts.get(what) ?? 0) + 1);
  const timesMs: number[] = [];
  const sequence = fc.sample(anyCall, { numRuns: total, seed });
  for (let from = 0; from < total; from += callsBetweenChecks) {
    const queue = sequence.slice(from, from + callsBetweenChecks);
    const caller = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const startedMs = performance.now();
        const answer = await send(arena.client, next);
        timesMs.push(performance.now() - startedMs);
        tally(answers, answer === "ok" ? `${next.operation} done` : answer);
        if (answer === "InternalFailure" || answer.startsWith("no answer")) {
          tally(failures, `${answer} to ${JSON.stringify(next)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, caller));
    await arena.settled(settleMs).catch(() => {}); // only so that the next calls find more to do
    wrong.push(
      ...(await invariants(arena)).map((one) => `after ${from + callsBetweenChecks} calls: ${one}`),
    );
    if (from % 1_000 === 0) say(`R18 ${from + callsBetweenChecks} calls`);
  }
  const stuck = await arena.settled(60_000).then(() => "", String);
  const done = [...answers].filter(([what]) => what.endsWith(" done"));
  return await outcome(arena, {
    ...{ id: "R18", title: `${total} calls, valid and invalid`, n: total, timesMs },
    targets: [
      target("no InternalFailure and no hang over 5 s", failures.size === 0, countsText(failures)),
      target(
        "the invariants hold after every 100 calls",
        wrong.length === 0,
        wrong.slice(0, 4).join("; "),
      ),
      target("no cache is stuck on its way for 60 s", stuck === "", stuck),
      target(
        "every operation was carried out at least once",
        total < 5_000 || done.length >= operationsMin,
        countsText(new Map(done)),
      ),
    ],
    notes: [`seed ${seed}`, countsText(answers)],
  });
}

/** "ok", the code of the error, or that no answer came. */
async function send(client: sdk.ElastiCacheClient, { operation, input }: Call): Promise<string> {
  const Command = (sdk as unknown as Record<string, new (input: object) => never>)[
    `${operation}Command`
  ];
  if (Command === undefined) throw new Error(`the SDK has no ${operation}`);
  try {
    await client.send(new Command(input), { abortSignal: AbortSignal.timeout(hangMs) });
    return "ok";
  } catch (error) {
    if (error instanceof sdk.ElastiCacheServiceException) return error.name;
    return `no answer (${String(error)})`;
  }
}

/**
 * Every described node that is to run has a live process of its own, on an address of its own; and
 * whatever runs is described. Changes are on their way, so each gets a while to become true.
 */
async function invariants(arena: Arena): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    await until(
      "every node has its process and address",
      async () => {
        const nodes = (await arena.status()).caches
          .filter((one) => one.state === "available")
          .flatMap((one) => one.shards.flatMap((shard) => shard.nodes));
        const dead = nodes.filter((one) => one.pid === null || !isAlive(one.pid));
        const shared = nodes.length - new Set(nodes.map((one) => one.address)).size;
        if (dead.length > 0) return `without a process: ${dead.map((one) => one.id).join()}`;
        return shared === 0 || `${shared} addresses are given twice`;
      },
      { withinMs: 5_000 },
    );
  } catch (error) {
    wrong.push(String(error));
  }
  return [...wrong, ...(await arena.leftovers(10_000))];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // gone
  }
}
