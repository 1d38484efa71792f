import { execFile, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath, type TestEngine } from "@larder/testkit/engines.ts";
import { freeNetwork } from "@larder/testkit/network.ts";
import { endProcessesBelow } from "@larder/testkit/processes.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { until } from "@larder/testkit/until.ts";
import { Redis } from "ioredis";
import type { Place } from "../arena.ts";

const run = promisify(execFile);
const port = 6379;
const rebalancedWithinMs = 900_000;

/** A cluster as its engine's own tool makes it, to compare with. */
export interface BareCluster extends AsyncDisposable {
  readonly place: Place;
  /** Adds an empty primary. */
  grow(): Promise<Place>;
  /** Has the engine's own tool spread the slots over all primaries. */
  rebalance(): Promise<void>;
}

/** Starts primaries by hand, and has the engine's own tool make a cluster of them. */
export async function startBareCluster(engine: TestEngine, shards: number): Promise<BareCluster> {
  await using cleanup = new AsyncDisposableStack();
  const network = cleanup.use(await freeNetwork());
  const directory = cleanup.use(await temporaryDirectory());
  cleanup.defer(() => endProcessesBelow(directory.path));
  const tool = `${engine}-cli`;
  const server = programPath(engine);
  if (server === null) throw new Error(`${engine} is not installed`);
  let count = 0;
  const start = async (): Promise<Place> => {
    count += 1;
    const host = network.address(16, count);
    const cwd = join(directory.path, String(count));
    await mkdir(cwd);
    const settings = {
      ...{ bind: host, port: String(port), dir: cwd, save: "", appendonly: "no" },
      ...{ "cluster-enabled": "yes", "cluster-announce-ip": host, "protected-mode": "no" },
      "cluster-node-timeout": "5000",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    spawn(server, args, { cwd, stdio: "ignore", detached: true }).unref();
    await until(`${host} answers`, () => ask({ host, port }, "PING").then(() => true), {
      withinMs: 10_000,
    });
    return { host, port };
  };
  const places: Place[] = [];
  for (let shard = 0; shard < shards; shard += 1) places.push(await start());
  const names = places.map(({ host }) => `${host}:${port}`);
  await run(tool, ["--cluster", "create", ...names, "--cluster-yes"]);
  const [first] = places;
  if (first === undefined) throw new Error("a cluster has a shard");
  const owned = cleanup.move();
  return {
    place: first,
    async grow() {
      const place = await start();
      await ask(first, "CLUSTER", "MEET", place.host, String(port));
      places.push(place);
      await until(
        "all know the new primary",
        async () => {
          const views = await Promise.all(places.map((one) => ask(one, "CLUSTER", "INFO")));
          const expected = [
            ...["cluster_state:ok", "cluster_slots_assigned:16384"],
            `cluster_known_nodes:${places.length}`,
          ];
          const missing = views.filter((view) => !expected.every((one) => view.includes(one)));
          return missing.length === 0 || `${missing.length} do not`;
        },
        { withinMs: 30_000 },
      );
      return place;
    },
    async rebalance() {
      const what = ["--cluster", "rebalance", `${first.host}:${port}`];
      await until(
        "the tool takes the nodes for agreed",
        async () => {
          const { stdout } = await run(tool, ["--cluster", "check", `${first.host}:${port}`]);
          return stdout.includes("All nodes agree") || stdout;
        },
        { withinMs: 30_000 },
      );
      await run(tool, [...what, "--cluster-use-empty-masters"], {
        ...{ timeout: rebalancedWithinMs, maxBuffer: 64 * 1_048_576 },
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Asks a node one thing. */
export async function ask({ host, port: at }: Place, ...command: string[]): Promise<string> {
  const redis = new Redis({ host, port: at, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on("error", () => {}); // told by the command that fails
  try {
    const [name = "", ...args] = command;
    return String(await redis.call(name, ...args));
  } finally {
    redis.disconnect();
  }
}
