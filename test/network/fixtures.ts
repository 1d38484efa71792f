import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Route } from "@larder/gateway/protocol.ts";
import { systemClock } from "@larder/server/base/clock.ts";
import { createLog } from "@larder/server/base/log.ts";
import { formatIpv4, parseIpv4 } from "@larder/server/resources/vpc.ts";
import { GatewayProcess } from "@larder/server/network/gateway-process.ts";

type Place = Route["targets"][number];

/** Polls until `seen` gives true; fails with what it gave last. */
export async function until(what: string, seen: () => unknown, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    last = await seen();
    if (last === true) return;
    await pause(5);
  }
  throw new Error(`${what}: not within ${withinMs} ms, but ${JSON.stringify(last)}`);
}

/** An address below 127.42.0.0/16 that no other test of this run has. */
export function place(port = 6379): Place {
  placed += 1;
  // By process, as vitest runs files side by side in processes of their own.
  const low = (process.pid % 1_024) * 64 + placed;
  return { host: formatIpv4(parseIpv4("127.42.0.0") + low), port };
}
let placed = 0;

/** What is ended with this process, should it be ended in the middle of a test. */
const strays = new Set<() => void>();
process.once("exit", () => {
  for (const end of strays) end();
});
process.once("SIGTERM", () => process.exit(1));

/** A real engine, ended with the scope it was started in. */
export interface Engine extends AsyncDisposable {
  readonly at: Place;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export function startRedis(at: Place = place(6379)): Promise<Engine> {
  const args = ["--bind", at.host, "--port", String(at.port), "--save", "", "--dir", tmpdir()];
  return startEngine("redis-server", args, at);
}

export function startMemcached(at: Place = place(11_211)): Promise<Engine> {
  const args = ["-l", at.host, "-p", String(at.port), "-t", "2", "-U", "0", "-u", "root"];
  return startEngine("memcached", args, at);
}

async function startEngine(command: string, args: readonly string[], at: Place): Promise<Engine> {
  const child = spawn(command, args, { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  const end = () => void child.kill("SIGKILL");
  strays.add(end);
  const kill = async () => {
    end();
    await gone;
    strays.delete(end);
  };
  await until(`${command} listens`, async () => (await accepts(at)) || child.exitCode);
  return {
    at,
    kill,
    signal: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: kill,
  };
}

/** Whether something accepts connections there. */
export async function accepts(at: Place): Promise<boolean> {
  const socket = connect(at);
  const answer = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return answer;
}

/** A raw client that keeps all it was sent. */
export class Client implements Disposable {
  readonly socket: Socket;
  received = "";
  closed = false;

  constructor(at: Place) {
    this.socket = connect({ ...at, noDelay: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => void (this.received += text));
    this.socket.on("error", () => {}); // "close" follows.
    this.socket.on("close", () => void (this.closed = true));
  }

  /** Sends, and waits until what came back ends with `ending`; gives what came back. */
  async ask(text: string, ending: string, withinMs = 5_000): Promise<string> {
    this.received = "";
    this.socket.write(text, "latin1");
    const seen = () => this.received.endsWith(ending) || this.received;
    await until(`answer to ${text}`, seen, withinMs);
    return this.received;
  }

  /** The address of the redis that answers. */
  async redisHost(): Promise<string> {
    const reply = await this.ask("CONFIG GET bind\r\n", "\r\n");
    return /bind\r\n\$\d+\r\n(\S+)/.exec(reply)?.[1] ?? reply;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A data directory with the gateway in it, ended and removed with its scope. */
export interface Site extends AsyncDisposable {
  readonly gateway: GatewayProcess;
  readonly dataDir: string;
  pid(): Promise<number>;
  /** What a server does that starts on the same directory. */
  successor(): GatewayProcess;
}

export async function startSite(prefix = "larder-network-"): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), prefix));
  const make = () => new GatewayProcess({ dataDir, clock: systemClock, log: createLog("silent") });
  let current = make();
  // A gateway ends by itself when its directory is gone.
  const end = () => rmSync(dataDir, { recursive: true, force: true });
  strays.add(end);
  return {
    gateway: current,
    dataDir,
    pid: async () => Number(await readFile(join(dataDir, "gateway", "gateway.pid"), "utf8")),
    successor() {
      current.release();
      current = make();
      return current;
    },
    async [Symbol.asyncDispose]() {
      await current.stop();
      await rm(dataDir, { recursive: true });
      strays.delete(end);
    },
  };
}

/** A route of plain TCP. */
export function route(id: string, listen: Place, targets: readonly Place[]): Route {
  return { id, listen, targets, discovery: null };
}

/** Whether a process lives, zombies left out. */
export async function lives(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false; // No such process.
  }
}
