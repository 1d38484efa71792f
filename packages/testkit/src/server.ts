import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { nodeOptions } from "@larder/server/boot/node-options.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freeNetwork, type FreeNetwork } from "./network.ts";
import { endProcessesBelow } from "./processes.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { until } from "./until.ts";

const entry = fileURLToPath(new URL("../../server/src/main.ts", import.meta.url));
const port = 4566;
const readyWithinMs = 20_000;
const stopWithinMs = 10_000;
const logTailLines = 30;

/** The key pair of every test server. */
export const credentials = { accessKeyId: "test", secretAccessKey: "test" } as const;

export interface ServerOptions {
  readonly network?: "loopback" | "ports";
  readonly failureTimeoutMs?: number;
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
  /** Further settings, as LARDER_ variables; they win over those above. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A Larder server of this test's own: its data directory, addresses and processes are nobody else's. */
export interface TestServer extends AsyncDisposable {
  /** E.g. "http://127.112.255.1:4566". */
  readonly endpoint: string;
  readonly dataDir: string;
  /** The default VPC, e.g. "127.112.0.0/16". */
  readonly cidr: string;
  /** The server's process id, or null while none runs. */
  readonly pid: number | null;
  /** An SDK client with retries off, closed with the server; of us-east-1 unless told otherwise. */
  client(region?: string): ElastiCacheClient;
  /** The last lines of the server's log. */
  logTail(): string;
  /** SIGKILL to the server only: its caches live on. Resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM to the server only, then SIGKILL if it does not end. Resolves once it is gone. */
  stop(): Promise<void>;
  /** Kills the server if it runs, and starts it again over the same data directory. */
  restart(): Promise<void>;
}

/**
 * Starts a server and waits until it answers. Disposing of it ends the server and every engine and
 * gateway that runs below its data directory, and removes the directory.
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  await using cleanup = new AsyncDisposableStack();
  const network = cleanup.use(await freeNetwork());
  const directory = cleanup.use(await temporaryDirectory());
  const dataDir = directory.path;
  cleanup.defer(() => endProcessesBelow(dataDir));
  const server = new ServerProcess(network, dataDir, settings(network, dataDir, options));
  cleanup.defer(() => server.stop());
  await server.start();
  const clients = cleanup.use(new DisposableStack());
  const everything = cleanup.move();
  return {
    endpoint: server.endpoint,
    dataDir,
    cidr: network.cidr,
    get pid() {
      return server.pid;
    },
    client(region = "us-east-1") {
      const { endpoint } = server;
      const client = new ElastiCacheClient({ endpoint, region, credentials, maxAttempts: 1 });
      clients.defer(() => client.destroy());
      return client;
    },
    logTail: () => server.logTail(),
    kill: () => server.kill(),
    stop: () => server.stop(),
    async restart() {
      await server.kill();
      await server.start();
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** What the server is told: nothing of the settings of whoever runs the tests. */
function settings(
  network: FreeNetwork,
  dataDir: string,
  options: ServerOptions,
): Readonly<Record<string, string>> {
  const ambient = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith("LARDER_") || value === undefined ? [] : [[name, value] as const],
  );
  const portsEach = 100;
  return {
    ...Object.fromEntries(ambient),
    LARDER_HOST: network.serverHost,
    LARDER_PORT: String(port),
    LARDER_DATA_DIR: dataDir,
    LARDER_VPC_CIDR: network.cidr,
    LARDER_NETWORK: options.network ?? "loopback",
    LARDER_FIRST_NODE_PORT: String(20_000 + network.index * portsEach),
    LARDER_ROOT_ACCESS_KEY_ID: credentials.accessKeyId,
    LARDER_ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    LARDER_LOG_LEVEL: options.logLevel ?? "info",
    LARDER_FAILURE_TIMEOUT_MS: String(options.failureTimeoutMs ?? 3_000),
    ...options.env,
  };
}

/** The server's process, which may be started more than once. */
class ServerProcess {
  readonly endpoint: string;
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #logFile: string;
  #child: ChildProcess | null = null;

  constructor(network: FreeNetwork, dataDir: string, env: Readonly<Record<string, string>>) {
    const { LARDER_HOST: host = network.serverHost, LARDER_PORT: at = String(port) } = env;
    this.endpoint = `http://${host}:${at}`;
    this.#dataDir = dataDir;
    this.#env = env;
    this.#logFile = join(dataDir, "server.log");
  }

  get pid(): number | null {
    return this.#running()?.pid ?? null;
  }

  async start(): Promise<void> {
    const log = openSync(this.#logFile, "a", 0o600);
    const args = [...nodeOptions, entry];
    const child = spawn(process.execPath, args, {
      cwd: this.#dataDir,
      env: this.#env,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    await once(child, "spawn");
    const ended = once(child, "exit").then(([code, signal]) => {
      const how = code === null ? `signal ${signal}` : `exit code ${code}`;
      throw new Error(`the server ended with ${how} before it answered\n${this.logTail()}`);
    });
    await Promise.race([this.#answers(), ended]);
  }

  async #answers(): Promise<void> {
    try {
      await until(
        `the server answers at ${this.endpoint}/health`,
        async () => {
          const signal = AbortSignal.timeout(1_000);
          const { status } = await fetch(`${this.endpoint}/health`, { signal });
          return status === 200 || `HTTP status ${status}`;
        },
        { withinMs: readyWithinMs },
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${this.logTail()}`, { cause: error });
    }
  }

  async kill(): Promise<void> {
    const child = this.#running();
    if (child === null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    const child = this.#running();
    if (child === null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
    await gone;
    clearTimeout(late);
  }

  logTail(): string {
    if (!existsSync(this.#logFile)) return "";
    const lines = readFileSync(this.#logFile, "utf8").trimEnd().split("\n");
    return lines.slice(-logTailLines).join("\n");
  }

  #running(): ChildProcess | null {
    const child = this.#child;
    return child === null || child.exitCode !== null || child.signalCode !== null ? null : child;
  }
}
