import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rootKeyRing } from "@larder/server/aws/key-ring.ts";
import { systemClock } from "@larder/server/base/clock.ts";
import { createLog } from "@larder/server/base/log.ts";
import { createHttp } from "@larder/server/http/server.ts";
import type { HttpServer } from "@larder/server/http/server.ts";
import type { StatusReport } from "@larder/server/resources/status-report.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const key = { accessKeyId: "AKIAROOT", secretAccessKey: "a secret/with+signs" };
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

const report: StatusReport = {
  version: "0.1.0",
  region: "us-east-1",
  caches: [
    {
      region: "us-east-1",
      id: "shop",
      engine: "redis 7.1",
      state: "available",
      because: "as asked",
      endpoints: { primary: "127.31.0.9:6379" },
      shards: [
        {
          id: "0001",
          nodes: [
            {
              ...{ id: "shop-001", role: "primary", zone: "us-east-1a", state: "available" },
              ...{ address: "127.31.0.5:6379", pid: 4_242, opsPerSecond: 1 },
              ...{ usedMemoryBytes: 1_048_576, maxMemoryBytes: 2_097_152 },
            },
          ],
        },
      ],
    },
  ],
};

let directory: string;
let dataDir: string;
let server: HttpServer | null;
let blocker: Server | null;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "larder-cli-test-"));
  dataDir = join(directory, "data");
  server = null;
  blocker = null;
});
afterEach(async () => {
  await server?.close();
  blocker?.close();
  await rm(directory, { recursive: true });
});

/** Runs the real command, with nothing of Larder in its environment but `settings`. */
function larder(settings: Readonly<Record<string, string | number>>, ...args: string[]) {
  const outcome = Promise.withResolvers<{ code: number; out: string; problem: string }>();
  const env = {
    PATH: process.env["PATH"],
    HOME: directory,
    LARDER_DATA_DIR: dataDir,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, `${value}`])),
  };
  const program = ["--disable-warning=ExperimentalWarning", main, ...args];
  execFile(process.execPath, program, { env, timeout: 20_000 }, (error, out, problem) => {
    outcome.resolve({ code: error === null ? 0 : Number(error.code), out, problem });
  });
  return outcome.promise;
}

async function writeCredentials(text = JSON.stringify(key)) {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, "credentials"), text, { mode: 0o600 });
}

/** The server's own HTTP layer; `down` closes it, as the whole server would. */
async function serve(): Promise<{ port: number; downs: () => number }> {
  let downs = 0;
  const http = createHttp({
    services: [],
    keyRing: rootKeyRing({ ...key, secret: key.secretAccessKey, account: "000000000000" }),
    log: createLog("silent"),
    clock: systemClock,
    admin: {
      status: () => Promise.resolve(report),
      down() {
        downs += 1;
        setImmediate(() => void http.close());
        return Promise.resolve();
      },
    },
    version: "0.1.0",
    host: "127.0.0.1",
    port: 0,
  });
  server = http;
  return { port: (await http.listen()).port, downs: () => downs };
}

/** A port that something else than Larder listens on. */
async function occupyPort(): Promise<number> {
  const other = createServer((socket) => {
    socket.on("error", () => {}); // whoever looks who is here may hang up at once
    socket.end("220 mail.example ESMTP\r\n");
  });
  blocker = other;
  await new Promise<void>((resolve) => {
    other.listen(0, "127.0.0.1", resolve);
  });
  return (other.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const port = await occupyPort();
  const closed = blocker;
  blocker = null;
  await new Promise((resolve) => {
    closed?.close(resolve);
  });
  return port;
}

describe("larder status", () => {
  test("asks the server with a signed request", async () => {
    await writeCredentials();
    const { port } = await serve();
    const { code, out, problem } = await larder({ LARDER_PORT: port }, "status");
    expect({ code, problem }).toEqual({ code: 0, problem: "" });
    expect(out).toContain("shop-001  primary  us-east-1a  1.00M / 2.00M");
    const json = await larder({ LARDER_PORT: port }, "status", "--json");
    expect(JSON.parse(json.out)).toEqual(report);
  });

  test("says in one sentence that no server runs", async () => {
    await writeCredentials();
    const { code, out, problem } = await larder({ LARDER_PORT: await freePort() }, "status");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(problem).toMatch(/^larder: No Larder server runs at http:\/\/127\.0\.0\.1:\d+\. .*\n$/);
  });

  test("shows the reason behind the sentence only when debugging", async () => {
    await writeCredentials();
    const settings = { LARDER_PORT: await freePort(), LARDER_LOG_LEVEL: "debug" };
    const { problem } = await larder(settings, "status");
    expect(problem).toContain("ECONNREFUSED");
  });

  test("hints at another server when the credentials are refused", async () => {
    await writeCredentials(JSON.stringify({ ...key, accessKeyId: "AKIAOTHER" }));
    const { port } = await serve();
    const { code, problem } = await larder({ LARDER_PORT: port }, "status");
    expect(code).toBe(1);
    expect(problem).toContain("Is it another Larder");
    expect(problem.trim().split("\n")).toHaveLength(1);
  });
});

describe("larder env", () => {
  test("takes the key from the settings before the one on disk", async () => {
    await writeCredentials();
    const root = {
      LARDER_ROOT_ACCESS_KEY_ID: "test",
      LARDER_ROOT_SECRET_ACCESS_KEY: "test",
      LARDER_HOST: "0.0.0.0",
      LARDER_PORT: 4_999,
    };
    const { out } = await larder(root, "env");
    expect(out).toContain("export AWS_ACCESS_KEY_ID=test\n");
    expect(out).toContain("export AWS_ENDPOINT_URL=http://127.0.0.1:4999\n");
    const { out: ofDisk } = await larder({}, "env");
    expect(ofDisk).toContain("export AWS_SECRET_ACCESS_KEY='a secret/with+signs'\n");
  });

  test("prints nothing to evaluate when there is no key, or none that can be read", async () => {
    const none = await larder({}, "env");
    expect({ code: none.code, out: none.out }).toEqual({ code: 1, out: "" });
    expect(none.problem).toContain("There are no credentials yet");
    await writeCredentials("{");
    const broken = await larder({}, "env");
    expect({ code: broken.code, out: broken.out }).toEqual({ code: 1, out: "" });
    expect(broken.problem).toContain("does not hold an access key");
  });
});

describe("larder down", () => {
  test("has the server stop, and waits until it is gone", async () => {
    await writeCredentials();
    const { port, downs } = await serve();
    const { code, out, problem } = await larder({ LARDER_PORT: port }, "down");
    expect({ code, problem }).toEqual({ code: 0, problem: "" });
    expect(out).toContain("Stopped, with all data saved.");
    expect(downs()).toBe(1);
  });

  test("has nothing to do where nothing runs, and makes nothing", async () => {
    const { code, out } = await larder({ LARDER_PORT: await freePort() }, "down");
    expect(code).toBe(0);
    expect(out).toContain("Nothing to stop");
    expect(await readdir(directory)).toEqual([]);
  });

  test("does not believe that a port of something else is a server", async () => {
    await writeCredentials();
    const { code, problem } = await larder({ LARDER_PORT: await occupyPort() }, "down");
    expect(code).toBe(1);
    expect(problem).toMatch(/^larder: What listens at .* does not answer as a Larder server.*\n$/);
  });
});

describe("larder doctor", () => {
  test("ends with 1 and a fix when the port is taken by something else", async () => {
    const { code, out } = await larder({ LARDER_PORT: await occupyPort() }, "doctor", "--json");
    const checks = JSON.parse(out) as { name: string; level: string; fix: string }[];
    expect(code).toBe(1);
    expect(checks.find((check) => check.name === "port")).toMatchObject({
      level: "fail",
      fix: expect.stringContaining("LARDER_PORT") as string,
    });
  });

  test("knows a running server as ours", async () => {
    const { port } = await serve();
    const { out } = await larder({ LARDER_PORT: port }, "doctor");
    expect(out).toContain(`a Larder server answers at http://127.0.0.1:${port}`);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("larder up", () => {
  test("ends with 78 and a sentence when its data directory cannot be made", async () => {
    await writeFile(join(directory, "file"), "");
    await chmod(join(directory, "file"), 0o400);
    const settings = { LARDER_DATA_DIR: join(directory, "file", "data") };
    const { code, problem } = await larder(settings, "up");
    expect(code).toBe(78);
    expect(problem).toMatch(/^larder: Cannot write in the data directory: .*\n$/);
  });
});

test("a bad setting is refused by name", async () => {
  const { code, problem } = await larder({ LARDER_PORT: "x" }, "status");
  expect(code).toBe(78);
  expect(problem).toMatch(/^larder: LARDER_PORT: .*\n$/);
});

test("larder version", async () => {
  expect((await larder({}, "version")).out).toBe("larder 0.1.0\n");
});
