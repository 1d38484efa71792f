import { parseArgs } from "node:util";
import { benchApi } from "./api.ts";
import { benchCreate } from "./create.ts";
import { benchEndpoint } from "./endpoint.ts";
import { benchIdle } from "./idle.ts";

const usage = `Usage: npm run bench -- endpoint|create|api|idle [options]

  endpoint   requests/s and p99 through a primary endpoint, beside the bare engine, in turn
  create     how soon new caches are available; 50 groups at once; the idle server; Describe calls
  api        calls over a store of 250, 500 and 1,000 groups: their times, and memory
  idle       a server with 100 and with 200 nodes: processor time, memory, and how soon they came

Options
  --rounds N     endpoint: pairs of measurements (6); create: caches of each kind (10)
  --engine NAME  endpoint: redis or valkey (redis)
  --help         this text

Figures compare within one run: this machine's own pace is not what is measured. The exit code is 0
only if every target was met.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      engine: { type: "string", default: "redis" },
      help: { type: "boolean", default: false },
    },
  });
  const [bench] = positionals;
  if (values.help || positionals.length !== 1) return print(usage, values.help ? 0 : 2);
  const rounds = Number(values.rounds ?? (bench === "endpoint" ? "6" : "10"));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) return print(usage, 2);
  switch (bench) {
    case "endpoint":
      return (await benchEndpoint(values.engine, rounds)) ? 0 : 1;
    case "create":
      return (await benchCreate(rounds)) ? 0 : 1;
    case "idle":
      return (await benchIdle()) ? 0 : 1;
    case "api":
      return (await benchApi()) ? 0 : 1;
    default:
      return print(usage, 2);
  }
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

process.exitCode = await main();
