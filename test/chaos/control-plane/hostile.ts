import {
  CreateCacheClusterCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  ElastiCacheServiceException,
} from "@aws-sdk/client-elasticache";
import { programPath } from "@larder/testkit/engines.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForNoCluster } from "@larder/testkit/wait-for.ts";
import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { Arena, placeOf } from "../arena.ts";
import { type Result, target, type Target } from "../report.ts";
import { say } from "../suite.ts";

const run = promisify(execFile);
const settleWithinMs = 20_000;

/** R24: things that keep a cache from being created. */
export async function hostileMachine(): Promise<Result> {
  const cases = {
    ...{ nodeAddressTaken, endpointAddressTaken, engineMissing, engineRemoved },
    ...{ directoryUnwritable, fewFiles },
  };
  const targets: Target[] = [];
  const leftovers: string[] = [];
  const timesMs: number[] = [];
  for (const [name, meet] of Object.entries(cases)) {
    const startedMs = performance.now();
    const seen = await meet().catch((error: unknown) => ({
      targets: [target(`${name} comes to an end`, false, String(error))],
      leftovers: [],
    }));
    timesMs.push(performance.now() - startedMs);
    targets.push(...seen.targets);
    leftovers.push(...seen.leftovers);
    say(`R24 ${name}: ${seen.targets.every((one) => one.met) ? "as promised" : "FAILED"}`);
  }
  return {
    ...{
      id: "R24",
      title: "what a machine can lack at create",
      engine: "",
      n: timesMs.length,
      timesMs,
    },
    ...{ acked: null, lost: null, leftovers: leftovers.length },
    targets: [
      ...targets,
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
    notes: ["the times are of whole cases, starting a server included"],
  };
}

interface Seen {
  readonly targets: readonly Target[];
  readonly leftovers: readonly string[];
}

/** Somebody outside Larder listens where the next nodes would. */
function nodeAddressTaken(): Promise<Seen> {
  // The next address is the endpoint's; a node gets the one behind it.
  return addressesTaken("a node's address is taken: another is used", [2, 3]);
}

/** Somebody outside Larder listens where the next endpoint would. */
function endpointAddressTaken(): Promise<Seen> {
  return addressesTaken("an endpoint's address is taken: another is used, or create-failed", [1]);
}

async function addressesTaken(promise: string, steps: readonly number[]): Promise<Seen> {
  await using arena = await Arena.open();
  await create(arena, "first");
  await waitForCluster(arena.client, "first", "available", settleWithinMs);
  const [node] = await arena.nodes("first");
  const { host, port } = placeOf(node?.address);
  const [, , third, fourth] = host.split(".").map(Number);
  const blocked = steps.map((step) => `${arena.prefix}${third}.${(fourth ?? 0) + step}`);
  await using listeners = new AsyncDisposableStack();
  for (const one of blocked) listeners.use(await listen(one, port));
  await create(arena, "second", node?.zone);
  const end = await failure(arena, "second");
  const { endpoints, because } = await arena.cache("second");
  const [second] = await arena.nodes("second");
  const used = [second?.address, ...Object.values(endpoints)];
  const apart = !used.some((one) => blocked.includes(one?.split(":")[0] ?? ""));
  const met = end === "create-failed" || (end === "available" && apart);
  return {
    targets: [target(promise, met, `${end}: ${because}; ${used.join(", ")}`)],
    leftovers: (await arena.leftovers()).filter(
      (one) => !blocked.some((taken) => one.includes(taken)),
    ),
  };
}

/** No engine of that name was installed when the server started. */
async function engineMissing(): Promise<Seen> {
  await using empty = await temporaryDirectory();
  await using arena = await Arena.open({
    env: { LARDER_ENGINE_PATH: empty.path, PATH: empty.path },
  });
  const answer = await create(arena, "none").then(
    () => "taken",
    (error: unknown) => error,
  );
  const refused =
    answer instanceof ElastiCacheServiceException && answer.$metadata.httpStatusCode === 400;
  return {
    targets: [
      target("no engine installed: refused with a sentence", refused, String(answer)),
      target("and nothing was made", (await arena.status()).caches.length === 0),
    ],
    leftovers: await arena.leftovers(),
  };
}

/** The engine's program goes away after the server found it. */
async function engineRemoved(): Promise<Seen> {
  await using folder = await temporaryDirectory();
  chmodSync(folder.path, 0o755);
  const program = join(folder.path, "memcached");
  copyFileSync(programPath("memcached") ?? "", program);
  chmodSync(program, 0o755);
  await using arena = await Arena.open({
    env: { LARDER_ENGINE_PATH: folder.path, PATH: folder.path },
  });
  rmSync(program);
  await create(arena, "late");
  const failed = await failure(arena, "late");
  const events = await told(arena);
  symlinkSync(programPath("memcached") ?? "", program);
  await waitForCluster(arena.client, "late", "available", 60_000);
  return {
    targets: [
      target("a program that went away: create-failed", failed === "create-failed", failed),
      target(
        "an event says why",
        events.some((one) => /memcached/.test(one)),
        events.join("; "),
      ),
      target("and it is available once the program is back", true),
    ],
    leftovers: await arena.leftovers(),
  };
}

/** The directory of node directories is a file, which stops root as well. */
async function directoryUnwritable(): Promise<Seen> {
  await using arena = await Arena.open();
  const nodes = join(arena.server.dataDir, "nodes");
  rmSync(nodes, { recursive: true });
  writeFileSync(nodes, "");
  await create(arena, "nowhere");
  const failed = await failure(arena, "nowhere");
  const events = await told(arena);
  rmSync(nodes);
  await waitForCluster(arena.client, "nowhere", "available", 60_000).catch(() => null);
  const status = await statusOf(arena, "nowhere");
  return {
    targets: [
      target("no directory can be made: create-failed", failed === "create-failed", failed),
      target(
        "an event says why",
        events.some((one) => /nodes/.test(one)),
        events.join("; "),
      ),
      target("and it is available once one can", status === "available", status),
    ],
    leftovers: await arena.leftovers(),
  };
}

/** The server may open only a few files, and its engines with it. */
async function fewFiles(): Promise<Seen> {
  await using arena = await Arena.open();
  const limit = 64;
  const usual = softLimit(arena.server.pid);
  // The soft limit only: raising a hard one again takes rights that a container's root lacks.
  await run("prlimit", [`--pid=${arena.server.pid}`, `--nofile=${limit}:`]);
  const ids = Array.from({ length: 12 }, (_, index) => `files-${index}`);
  const answers = await Promise.all(
    ids.map((id) =>
      create(arena, id).then(
        () => "taken",
        (error: unknown) => String(error),
      ),
    ),
  );
  const taken = ids.filter((_, index) => answers[index] === "taken");
  const ends = await Promise.all(taken.map((id) => failure(arena, id)));
  const settled = ends.filter((one) => one === "create-failed" || one === "available");
  await run("prlimit", [`--pid=${arena.server.pid}`, `--nofile=${usual}:`]);
  await Promise.all(
    taken.map(async (id) => {
      await until(
        `${id} can be deleted`,
        async () => {
          await arena.client.send(new DeleteCacheClusterCommand({ CacheClusterId: id }));
          return true as const;
        },
        { withinMs: settleWithinMs },
      );
      await waitForNoCluster(arena.client, id, settleWithinMs);
    }),
  );
  return {
    targets: [
      target(
        `${limit} open files: every cache ends available or create-failed`,
        taken.length > 0 && settled.length === taken.length,
        ends.join(),
      ),
    ],
    leftovers: await arena.leftovers(),
  };
}

/** How many files a process may open. */
function softLimit(pid: number | null): string {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  return /^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? "1024";
}

async function create(arena: Arena, CacheClusterId: string, zone?: string): Promise<void> {
  await arena.client.send(
    new CreateCacheClusterCommand({
      ...{
        CacheClusterId,
        Engine: "memcached",
        CacheNodeType: "cache.t4g.micro",
        NumCacheNodes: 1,
      },
      ...(zone === undefined ? {} : { PreferredAvailabilityZone: zone }),
    }),
  );
}

/** Waits for `create-failed` or `available`, and says which; never longer than a while. */
async function failure(arena: Arena, id: string): Promise<string> {
  let status = "nothing";
  await until(
    `${id} is available or has failed`,
    async () => {
      status = await statusOf(arena, id);
      return status === "create-failed" || status === "available" || status;
    },
    { withinMs: settleWithinMs },
  ).catch(() => {}); // what it is then is the answer
  return status;
}

async function statusOf(arena: Arena, id: string): Promise<string> {
  const answer = await arena.client.send(new DescribeCacheClustersCommand({ CacheClusterId: id }));
  return answer.CacheClusters?.[0]?.CacheClusterStatus ?? "nothing";
}

/** The events, once there are any. */
async function told(arena: Arena): Promise<readonly string[]> {
  await until("an event was written", async () => (await arena.events()).length > 0 || "none", {
    withinMs: settleWithinMs,
  }).catch(() => {}); // none is the answer then
  return arena.events();
}

async function listen(host: string, port: number): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  };
}
