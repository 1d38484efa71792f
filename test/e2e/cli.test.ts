import { CreateReplicationGroupCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import type { StatusReport } from "@larder/server/resources/status-report.ts";
import { freeNetwork } from "@larder/testkit/network.ts";
import { endProcessesBelow, processesBelow } from "@larder/testkit/processes.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const binary = fileURLToPath(new URL("../../packages/cli/bin/larder.js", import.meta.url));
const readyWithinMs = 20_000;
const stoppedWithinMs = 20_000;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly problem: string;
}

/** A shell's view of one Larder: its settings, and the command `larder` run with them. */
class Session implements AsyncDisposable {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly endpoint: string;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(dataDir: string, host: string, cidr: string, cleanup: AsyncDisposableStack) {
    this.dataDir = dataDir;
    this.endpoint = `http://${host}:4566`;
    this.#cleanup = cleanup;
    this.env = {
      PATH: process.env["PATH"] ?? "",
      HOME: dataDir,
      LARDER_DATA_DIR: dataDir,
      LARDER_HOST: host,
      LARDER_VPC_CIDR: cidr,
    };
  }

  static async open(): Promise<Session> {
    await using cleanup = new AsyncDisposableStack();
    const network = cleanup.use(await freeNetwork());
    const directory = cleanup.use(await temporaryDirectory());
    const dataDir = join(directory.path, "data");
    cleanup.defer(() => endProcessesBelow(directory.path));
    return new Session(dataDir, network.serverHost, network.cidr, cleanup.move());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanup.disposeAsync();
  }

  /** Runs a program to its end. */
  run(file: string, args: readonly string[], env = this.env): Promise<Outcome> {
    const outcome = Promise.withResolvers<Outcome>();
    execFile(file, args, { env, timeout: 60_000 }, (error, out, problem) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      outcome.resolve({ code, out, problem });
    });
    return outcome.promise;
  }

  larder(...args: readonly string[]): Promise<Outcome> {
    return this.run(process.execPath, [binary, ...args]);
  }

  /** Starts `larder up`, as the shim runs it, and waits until it says that it is ready. */
  async up(): Promise<Up> {
    const up = new Up(spawn(process.execPath, [binary, "up"], { env: this.env }));
    this.#cleanup.defer(() => up.end());
    await up.untilSays("is ready at", readyWithinMs);
    return up;
  }

  async report(): Promise<StatusReport> {
    const { out, problem } = await this.larder("status", "--json");
    if (problem !== "") throw new Error(problem);
    return JSON.parse(out) as StatusReport;
  }
}

/** A running `larder up`. */
class Up {
  readonly #child: ChildProcess;
  #text = "";
  readonly exit: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => (this.#text += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.#text += chunk.toString()));
    this.exit = new Promise((resolve) => {
      child.on("close", (code) => resolve(code));
    });
  }

  untilSays(text: string, withinMs: number): Promise<void> {
    return until(
      `larder up says "${text}"`,
      () => this.#text.includes(text) || `it said: ${this.#text}`,
      { withinMs },
    );
  }

  /** Has it stop as a service manager does; resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.exit;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop();
  }
}

/** The variables that `larder env` exports, as a shell reads them. */
async function exported(session: Session): Promise<Record<string, string>> {
  const { out } = await session.larder("env");
  const { out: lines } = await session.run("sh", ["-c", `${out}\nenv`]);
  return Object.fromEntries(
    lines.split("\n").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]),
  ) as Record<string, string>;
}

async function createShop(session: Session): Promise<void> {
  const variables = await exported(session);
  expect(variables["AWS_ENDPOINT_URL"]).toBe(session.endpoint);
  using client = new DisposableClient(variables);
  await client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "shop",
      ReplicationGroupDescription: "demo",
      Engine: "redis",
      CacheNodeType: "cache.t4g.micro",
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
    }),
  );
  await waitForGroup(client, "shop", "available", 30_000);
}

class DisposableClient extends ElastiCacheClient implements Disposable {
  constructor(variables: Readonly<Record<string, string>>) {
    super({
      endpoint: variables["AWS_ENDPOINT_URL"] ?? "",
      region: variables["AWS_REGION"] ?? "",
      credentials: {
        accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
      },
    });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

test(
  "a first session: up, env, status, a crash, a stop, and down",
  { timeout: 180_000 },
  async () => {
    await using session = await Session.open();
    const up = await session.up();
    await createShop(session);

    const { out: table } = await session.larder("status");
    expect(table).toContain("shop  redis 7.1");
    expect(table).toMatch(/shop-00\d\s+primary\s+us-east-1[abc]\s+.*:6379\s+\d+\s+running/);
    const nodes = (report: StatusReport) =>
      report.caches.flatMap((cache) => cache.shards.flatMap((shard) => shard.nodes));
    const pidsBefore = nodes(await session.report()).map((node) => node.pid);
    expect(pidsBefore).toHaveLength(2);

    const second = await session.larder("up");
    expect(second.code).toBe(78);
    expect(second.problem).toMatch(/^larder: another Larder server uses .*\n$/);

    await killServer(session, up);
    expect(nodes(await session.report()).map((node) => node.pid)).toEqual(pidsBefore);

    expect(await up.stop()).toBe(0);
    const nodesOnly = await session.larder("down");
    expect(nodesOnly.code).toBe(1);
    expect(nodesOnly.problem).toContain("but 2 nodes of its caches do");

    const again = await session.up();
    const down = await session.larder("down");
    expect(down).toMatchObject({ code: 0, problem: "" });
    expect(await again.exit).toBe(0);
    await until(
      "nothing works below the data directory",
      () => processesBelow(session.dataDir).length === 0 || "some do",
      { withinMs: stoppedWithinMs },
    );
    expect((await session.larder("down")).out).toContain("Nothing to stop");
  },
);

/** SIGKILL to the server itself; its parent is left, and starts it again. */
async function killServer(session: Session, up: Up): Promise<void> {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const server = pids.find((pid) => isServerOf(session.dataDir, pid));
  if (server === undefined) throw new Error(`no server of ${session.dataDir} runs`);
  process.kill(server, "SIGKILL");
  await up.untilSays("The server is back.", readyWithinMs);
}

function isServerOf(dataDir: string, pid: number): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("/server/src/main.ts") &&
      readFileSync(`/proc/${pid}/environ`, "utf8").includes(`LARDER_DATA_DIR=${dataDir}\0`)
    );
  } catch {
    return false; // it ended between the two looks
  }
}

test("up does not take another server's answers for its own", { timeout: 120_000 }, async () => {
  await using session = await Session.open();
  await session.up();
  // On ports, so that it is the address of the API that the two of them want.
  const own = { LARDER_DATA_DIR: `${session.dataDir}-2`, LARDER_NETWORK: "ports" };
  const env = { ...session.env, ...own };
  const other = await session.run(process.execPath, [binary, "up"], env);
  expect(other.code).not.toBe(0);
  expect(other.out).not.toContain("is ready at");
  expect(other.problem).toMatch(/address already in use/i);
});

test.skipIf(!existsSync("/usr/bin/aws"))(
  "the distribution's aws works after eval, also in a script that it starts",
  { timeout: 120_000 },
  async () => {
    await using session = await Session.open();
    await session.up();
    const env = { ...session.env, PATH: "/usr/bin:/bin" };
    const script = `eval "$("${process.execPath}" "${binary}" env)"
      bash -c 'aws elasticache describe-replication-groups --output json'`;
    const { code, out, problem } = await session.run("bash", ["-c", script], env);
    expect({ code, problem }).toEqual({ code: 0, problem: "" });
    expect(JSON.parse(out)).toEqual({ ReplicationGroups: [] });
  },
);
