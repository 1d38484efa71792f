import { credentials, startServer, type TestServer } from "@larder/testkit/server.ts";
import { primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createdWithinMs, createGroup, groupOf } from "./support/caches.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const session = readme.slice(
  readme.indexOf("## A first session"),
  readme.indexOf("## How it works"),
);
const hasAws = isOnPath("aws");
const hasRedisCli = isOnPath("redis-cli");
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

function isOnPath(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false; // it is not installed
  }
}

/** The session's blocks of a language, for the network of this test's own server. */
function blocks(language: string): readonly string[] {
  const own = server.cidr.split(".").slice(0, 2).join(".");
  return [...session.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, written]) => written === language)
    .map(([, , text = ""]) => text.replaceAll("127.31.", `${own}.`));
}

/** Runs a program in the repository's folder, as a reader of the README does. */
function run(file: string, args: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
    HOME: server.dataDir,
    LARDER_HOST: new URL(server.endpoint).hostname,
    LARDER_DATA_DIR: server.dataDir,
    LARDER_VPC_CIDR: server.cidr,
    LARDER_ROOT_ACCESS_KEY_ID: credentials.accessKeyId,
    LARDER_ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...extra,
  };
  const outcome = Promise.withResolvers<{ out: string; problem: string; code: number }>();
  execFile(file, args, { cwd: root, env, timeout: 60_000 }, (error, out, problem) => {
    outcome.resolve({ out, problem, code: error === null ? 0 : Number(error.code ?? -1) });
  });
  return outcome.promise;
}

// Told not to read the user's own files, as it does when its input is a socket.
const bash = (script: string) => run("bash", ["--norc", "-eo", "pipefail", "-c", script]);
const enter = 'eval "$(npx larder env)"\n';

test("the session has what these tests run", () => {
  expect(blocks("sh")).toHaveLength(2);
  expect(blocks("ts")).toHaveLength(1);
  expect(blocks("sh")[0]).toContain(enter);
});

// Without the AWS CLI or redis-cli there is nobody to type it.
test.skipIf(!hasAws || !hasRedisCli)(
  "the first session with the AWS CLI goes as the README says",
  { timeout: 120_000 },
  async () => {
    const [first = "", second = ""] = blocks("sh");
    const created = await bash(first);
    expect(created).toMatchObject({ code: 0, problem: "" });
    const shown = created.out.slice(created.out.indexOf("shop  redis"));
    const [table = ""] = blocks("");
    const endpoint = table.split("\n").find((line) => line.includes("primary endpoint"));
    expect(shown).toContain(endpoint);
    const before = await primaryOf(server, "shop");
    expect(shown).toMatch(new RegExp(`0001 +${before.id} +primary .* ${before.pid} +running`));

    const [write = "", kill = "", read = "", ...rest] = second.trimEnd().split("\n");
    expect(await bash(write)).toMatchObject({ code: 0, out: "OK\n" });
    // What a reader has to fill in: the process id that the table just showed.
    expect(await bash(kill.replace(/^kill -9 \d+/, `kill -9 ${before.pid}`))).toMatchObject({
      code: 0,
    });
    // No reader types as fast as this, and redis-cli does not try again.
    await until(
      "the same address has the value",
      async () => {
        const { out, problem } = await bash(read);
        return out === "1\n" || out + problem;
      },
      { withinMs: 1_000 },
    );
    const { code, problem, out } = await bash(enter + rest.join("\n"));
    expect({ code, problem }).toEqual({ code: 0, problem: "" });
    expect(out).toContain(`Failover from primary node ${before.id} to replica node`);
    await waitForGroup(server.client(), "shop", "available", createdWithinMs);
  },
);

test("the TypeScript of the README runs", async () => {
  const client = server.client();
  const shop = await waitForGroup(client, "shop", "available", createdWithinMs).then(groupOf, () =>
    createGroup(client, "shop"),
  );
  const [code = ""] = blocks("ts");
  expect(code, "the primary endpoint").toContain(`"${shop.primary.host}"`);
  const args = ["--input-type=module-typescript", "-e", `${code}\nshop.disconnect();`];
  const {
    out,
    problem,
    code: exit,
  } = await run(process.execPath, args, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  expect({ out, problem, exit }).toEqual({ out: "", problem: "", exit: 0 });
  const sessions = await waitForCluster(client, "sessions", "available", createdWithinMs);
  expect(sessions.Engine).toBe("valkey");
  const redis = new Redis(shop.primary);
  expect(await redis.zscore("scores", "ada")).toBe("42");
  redis.disconnect();
});
