import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What the engine's own benchmark program measured. */
export interface LoadFigures {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

/** A load: one command over 50 connections. */
export interface Load {
  readonly command: "set" | "get";
  /** Requests that a connection sends at a time. */
  readonly pipeline: number;
  readonly requests: number;
}

const connections = 50;
const timeoutMs = 120_000;
const run = promisify(execFile);

/** Puts a load on an address with `redis-benchmark` or `valkey-benchmark`. */
export async function putLoad(engine: string, host: string, load: Load): Promise<LoadFigures> {
  const { stdout } = await run(
    `${engine}-benchmark`,
    [
      ...["-h", host, "-p", "6379", "-c", String(connections), "-d", "64", "-r", "100000"],
      ...["-t", load.command, "-n", String(load.requests), "-P", String(load.pipeline), "--csv"],
    ],
    { timeout: timeoutMs },
  );
  // "test","rps","avg_latency_ms","min_…","p50_…","p95_…","p99_…","max_…"
  const line = stdout.split("\n").find((one) => one.startsWith(`"${load.command.toUpperCase()}"`));
  const cells = (line ?? "").split(",").map((cell) => Number(cell.replaceAll('"', "")));
  const [, requestsPerSecond, , , , , p99Ms] = cells;
  if (requestsPerSecond === undefined || p99Ms === undefined) {
    throw new Error(`${engine}-benchmark said nothing of ${load.command}: ${stdout}`);
  }
  return { requestsPerSecond, p99Ms };
}
