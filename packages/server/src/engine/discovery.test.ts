import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { discoverEngines, judge } from "./discovery.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "larder-discovery-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function program(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test.each([
  ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "redis", "7.0,7.1"],
  ["Valkey server v=7.2.9 sha=00000000:0", "valkey", "7.2"],
  ["Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "valkey", "8.0"],
  ["Valkey server v=8.1.3 sha=00000000:0", "valkey", "8.1"],
  ["memcached 1.6.18", "memcached", "1.6.18"],
])("%s is known", (output, engine, serves) => {
  const judged = judge("/x", output);
  expect(judged).toMatchObject({ engine, serves: serves.split(",") });
});

test.each([
  ["Redis server v=6.2.14 sha=0", "redis 6.2.14"],
  ["Redis server v=8.0.0 sha=0", "redis 8.0.0"],
  ["Valkey server v=9.0.0 sha=0", "valkey 9.0.0"],
  ["memcached 1.5.6", "memcached 1.5.6"],
  ["hello", "does not say its version"],
])("%s is left out with a reason", (output, reason) => {
  expect(judge("/x", output)).toEqual({ reason: expect.stringContaining(reason) as string });
});

test("a program is what it says, not what it is called", async () => {
  const real = await program("valkey-server", "echo 'Valkey server v=8.0.1 sha=0'");
  await symlink(real, join(directory, "redis-server"));
  const { installed } = await discoverEngines([directory]);
  expect(installed).toHaveLength(1);
  expect(installed[0]).toMatchObject({ engine: "valkey", family: "valkey8" });
});

test("the earlier directory wins, and relative ones are not looked into", async () => {
  const path = await program("redis-server", "echo 'Redis server v=7.0.4 sha=0'");
  const places = (process.env["PATH"] ?? "").split(":");
  const found = await discoverEngines([directory, ".", ...places]);
  expect(found.installed.find((one) => one.engine === "redis")?.path).toBe(path);
  expect((await discoverEngines(["."])).installed).toEqual([]);
});

test("one that fails is left out, and none sees the server's environment", async () => {
  const broken = await program("redis-server", "exit 3");
  await program("memcached", 'env > "$(dirname "$0")/environment"; echo memcached 1.6.18');
  process.env["LARDER_TEST_SECRET"] = "x";
  const { installed, leftOut } = await discoverEngines([directory]);
  delete process.env["LARDER_TEST_SECRET"];
  expect(installed.map((one) => one.engine)).toEqual(["memcached"]);
  expect(leftOut).toMatchObject([{ path: broken }]);
  expect(await readFile(join(directory, "environment"), "utf8")).not.toContain("SECRET");
});
