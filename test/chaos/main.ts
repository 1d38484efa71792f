import { enginesInstalled } from "@larder/testkit/engines.ts";
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { controlPlaneTests } from "./control-plane/suite.ts";
import { failoverTests } from "./failover/suite.ts";
import { reshardTests } from "./reshard/suite.ts";
import { scaleTests } from "./scale/suite.ts";
import { runSuite } from "./suite.ts";

const usage = `Usage: npm run chaos -- failover|scale|control-plane|reshard [options]

  failover        kills and stops nodes under writers: R1 to R8, R23
  scale           changes node types and engines, and reboots, under writers: TYPE-N, UPGRADE-N and
                  REBOOT-N, with N replicas, and TYPE-CLUSTER
  control-plane   kills the server while caches change: R9 to R12, KILLS, R18, R19, R24
  reshard         shards come and go under readers and writers: R20; PACE beside redis-cli

Options
  --rounds N            how often each fault is put in (20; of control-plane 30)
  --only R1,R3          these tests only
  --engine redis        one engine of the redis family (default: redis, and valkey if installed)
  --failure-timeout MS  R3, R5: LARDER_FAILURE_TIMEOUT_MS where a primary hangs (2000)
  --seed N              of what happens at random (default: another one each time; printed)
  --change TEXT         R11: only kinds of change with this in their name, e.g. "a shard"
  --calls N             R18: how many API calls (10000)
  --keys N              R20, PACE: how many keys (200000)
  --churn N             R19: how many caches come and go (200)
  --help                this text

Each test has a data directory and a loopback network of its own, and leaves nothing behind. The
exit code is 0 only if every target was met.
`;

/** R3 asks for half of all outages within 2.5 s: less than the server's own default allows. */
const stoppedTimeoutMs = 2_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      only: { type: "string", default: "" },
      engine: { type: "string" },
      "failure-timeout": { type: "string" },
      seed: { type: "string" },
      change: { type: "string", default: "" },
      calls: { type: "string", default: "10000" },
      churn: { type: "string", default: "200" },
      keys: { type: "string", default: "200000" },
      help: { type: "boolean", default: false },
    },
  });
  const [suite] = positionals;
  if (values.help) return print(usage, 0);
  if (positionals.length !== 1) return print(usage, 2);
  const only = values.only.split(",").filter((id) => id !== "");
  const family = enginesInstalled().filter((engine) => engine !== "memcached");
  const engines =
    values.engine === undefined ? family : family.filter((one) => one === values.engine);
  if (engines.length === 0) return print(`no engine ${values.engine} is installed\n`, 2);
  const timeout = values["failure-timeout"];
  const failureTimeoutMs = timeout === undefined ? stoppedTimeoutMs : wholeNumber(timeout);
  switch (suite) {
    case "failover": {
      const rounds = wholeNumber(values.rounds ?? "20");
      return runSuite(failoverTests({ engines, rounds, failureTimeoutMs }), only);
    }
    case "scale": {
      const rounds = wholeNumber(values.rounds ?? "20");
      return runSuite(scaleTests({ engines, rounds }), only);
    }
    case "control-plane": {
      const seed = values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber(values.seed);
      const [calls, churn] = [wholeNumber(values.calls), wholeNumber(values.churn)];
      const rounds = wholeNumber(values.rounds ?? "30");
      const { change } = values;
      const asked = { engines, rounds, seed, calls, churn, change };
      return runSuite(controlPlaneTests(asked), only);
    }
    case "reshard": {
      const seed = values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber(values.seed);
      return runSuite(reshardTests({ engines, keys: wholeNumber(values.keys), seed }), only);
    }
    default:
      return print(usage, 2);
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${text} is no whole number from 1 on`);
  return Number(text);
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

// ioredis keeps the answer to an ASKING of its own from everybody: where a node that takes slots is
// killed, it is an error that nobody can handle. The command that it was sent for tells what happened.
process.on("unhandledRejection", (error) => {
  if (!(error instanceof Error) || error.message !== "Connection is closed.") throw error;
});

process.exitCode = await main();
