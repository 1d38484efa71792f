import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { place, route, startRedis, startSite } from "./fixtures.ts";

// Prints what the gateway leaves of an engine's throughput. Not a test: the ratio falls with
// whatever else the machine does, as the gateway needs a core of its own beside the engine's.
const rounds = 5;

await using engine = await startRedis();
await using site = await startSite();
const at = place();
await site.gateway.apply([route("primary", at, [engine.at])]);
for (const pipeline of [1, 16]) {
  const direct: number[] = [];
  const through: number[] = [];
  // In turn, so that both see the same machine.
  for (let round = 0; round < rounds; round += 1) {
    direct.push(await requestsPerSecond(engine.at, pipeline));
    through.push(await requestsPerSecond(at, pipeline));
  }
  const ratio = (median(through) / median(direct)).toFixed(2);
  console.log({ pipeline, direct: median(direct), through: median(through), ratio });
}

async function requestsPerSecond(
  target: { readonly host: string; readonly port: number },
  pipeline: number,
): Promise<number> {
  const where = ["-h", target.host, "-p", String(target.port)];
  const load = ["-t", "get", "-n", "50000", "-c", "50", "-P", String(pipeline), "--csv"];
  const { stdout } = await promisify(execFile)("redis-benchmark", [...where, ...load]);
  return Number(/^"GET","([\d.]+)"/m.exec(stdout)?.[1]);
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}
