import { CreateReplicationGroupCommand } from "@aws-sdk/client-elasticache";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { median } from "@larder/testkit/statistics.ts";
import { primaryOf } from "@larder/testkit/status.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { textTable } from "@larder/testkit/text-table.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startBareEngine } from "./bare-engine.ts";
import { type Load, type LoadFigures, putLoad } from "./load.ts";

const ratioMin = 0.97;
const loads: readonly Load[] = [
  { command: "set", pipeline: 1, requests: 150_000 },
  { command: "get", pipeline: 1, requests: 150_000 },
  { command: "set", pipeline: 16, requests: 600_000 },
  { command: "get", pipeline: 16, requests: 600_000 },
];

/** Ours and the bare engine under the same load, right after one another. */
interface Pair {
  readonly ours: LoadFigures;
  readonly bare: LoadFigures;
}

/** Compares the primary endpoint with the bare engine; whether the target was met. */
export async function benchEndpoint(engine: string, rounds: number): Promise<boolean> {
  await using server = await startServer({ logLevel: "warn" });
  const endpoint = await createGroup(server, engine);
  const node = await primaryOf(server, "bench");
  const own = node.address?.split(":")[0] ?? "";
  const [uid = ""] = readdirSync(join(server.dataDir, "nodes"));
  await using directory = await temporaryDirectory();
  const bareHost = server.cidr.replace(".0.0/16", ".200.4");
  const nodeDirectory = join(server.dataDir, "nodes", uid);
  await using bare = await startBareEngine(engine, nodeDirectory, own, bareHost, directory.path);
  const rows: string[][] = [
    ["load", "ours /s", "bare /s", "ratio", "ours p99", "bare p99", "result"],
  ];
  let met = true;
  for (const load of loads) {
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      pairs.push(await measurePair(engine, endpoint, bare.host, load, round % 2 === 0));
    }
    const ratio = median(
      pairs.map((one) => one.ours.requestsPerSecond / one.bare.requestsPerSecond),
    );
    met &&= ratio >= ratioMin;
    rows.push(rowOf(load, pairs, ratio));
  }
  process.stdout.write(`${engine}, ${rounds} pairs each, medians; target: ratio ≥ ${ratioMin}\n`);
  process.stdout.write(`${textTable(rows)}\n`);
  return met;
}

async function createGroup(server: TestServer, engine: string): Promise<string> {
  const client = server.client();
  await client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "bench",
      ReplicationGroupDescription: "bench",
      Engine: engine,
      CacheNodeType: "cache.m6g.large",
      NumCacheClusters: 1,
    }),
  );
  const group = await waitForGroup(client, "bench", "available", 20_000);
  const host = group.NodeGroups?.[0]?.PrimaryEndpoint?.Address;
  if (host === undefined) throw new Error("the group has no primary endpoint");
  return host;
}

/** In turn, so that a machine that gets slower or faster favours neither. */
async function measurePair(
  engine: string,
  ours: string,
  bare: string,
  load: Load,
  oursFirst: boolean,
): Promise<Pair> {
  const [first, second] = oursFirst ? [ours, bare] : [bare, ours];
  const figures = [await putLoad(engine, first, load), await putLoad(engine, second, load)];
  const [a, b] = figures as [LoadFigures, LoadFigures];
  return oursFirst ? { ours: a, bare: b } : { ours: b, bare: a };
}

function rowOf(load: Load, pairs: readonly Pair[], ratio: number): string[] {
  const of = (pick: (pair: Pair) => number, digits = 0) => median(pairs.map(pick)).toFixed(digits);
  return [
    `${load.command.toUpperCase()} -P ${load.pipeline}`,
    of((pair) => pair.ours.requestsPerSecond),
    of((pair) => pair.bare.requestsPerSecond),
    ratio.toFixed(3),
    `${of((pair) => pair.ours.p99Ms, 2)} ms`,
    `${of((pair) => pair.bare.p99Ms, 2)} ms`,
    ratio >= ratioMin ? "PASS" : "FAIL",
  ];
}
