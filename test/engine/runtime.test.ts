import { mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "@larder/server/base/clock.ts";
import { openProcessRuntime } from "@larder/server/runtime/process-runtime.ts";
import { until } from "@larder/testkit/until.ts";
import { allEngines, engineUser, NodeBench, redisFamily } from "./support/nodes.ts";
import { tenant } from "./support/tenant.ts";

describe.each(allEngines)("the process runtime with $engine $binaryVersion", (engine) => {
  test("the process is its own session, in its own directory, as its own user", async () => {
    await using bench = await NodeBench.open(engine);
    const { uid, handle } = await bench.start();
    const directory = join(bench.dataDir, "nodes", uid);
    const user = engineUser();
    const folder = await stat(directory);
    expect(folder.mode & 0o777).toBe(0o700);
    const status = await readFile(`/proc/${handle.pid}/status`, "utf8");
    if (user !== null) {
      expect(folder.uid).toBe(user.uid);
      expect(status).toMatch(new RegExp(`^Uid:(\\s+${user.uid}){4}$`, "m"));
      expect(status).toMatch(/^Groups:\s*$/m);
    }
    const fields = (await readFile(`/proc/${handle.pid}/stat`, "utf8")).split(") ")[1]?.split(" ");
    expect(fields?.[3]).toBe(String(handle.pid));
    const environment = await readFile(`/proc/${handle.pid}/environ`, "utf8");
    expect(environment.split("\0").filter((one) => one !== "").toSorted().join(" ")).toMatch(
      /^(LANG=C TZ=UTC)?$/,
    );
    const command = await readFile(`/proc/${handle.pid}/cmdline`, "utf8");
    expect(command).not.toContain(bench.password);
    if (engine.engine !== "memcached") {
      expect((await stat(join(directory, "node.conf"))).mode & 0o777).toBe(0o600);
    }
  });

  test("another runtime adopts the process and kills it", async () => {
    await using bench = await NodeBench.open(engine);
    const { uid, handle, session } = await bench.start();
    const options = { dataDir: bench.dataDir, user: engineUser(), clock: systemClock };
    const second = await openProcessRuntime(options);
    const stored: unknown = JSON.parse(JSON.stringify(handle));
    expect(stored).toEqual(handle);
    expect(await second.isRunning(handle)).toBe(true);
    expect(await second.survey()).toEqual({ directories: [uid], processes: [{ uid, handle }] });
    await second.kill(handle);
    expect(await second.isRunning(handle)).toBe(false);
    expect(await bench.runtime.isRunning(handle)).toBe(false);
    await session.closed;
    await second.kill(handle);
    await second.terminate(handle, 1_000);
  });

  test("a process that got the pid of another is left alone", async () => {
    await using bench = await NodeBench.open(engine);
    const { handle, session } = await bench.start();
    const stale = { ...handle, startedAt: String(Number(handle.startedAt) - 1) };
    expect(await bench.runtime.isRunning(stale)).toBe(false);
    await bench.runtime.kill(stale);
    await bench.runtime.terminate(stale, 10);
    expect(await bench.runtime.isRunning(handle)).toBe(true);
    await session.sample();
  });

  test("terminating asks first; one that does not listen is killed after the grace", async () => {
    await using bench = await NodeBench.open(engine);
    const polite = await bench.start();
    await bench.runtime.terminate(polite.handle, 10_000);
    expect(await bench.runtime.isRunning(polite.handle)).toBe(false);
    const deaf = await bench.start();
    process.kill(deaf.handle.pid, "SIGSTOP");
    const from = performance.now();
    await bench.runtime.terminate(deaf.handle, 100);
    expect(performance.now() - from).toBeGreaterThanOrEqual(95);
    expect(await bench.runtime.isRunning(deaf.handle)).toBe(false);
  });

  test("starting in a directory ends whatever was left running there", async () => {
    await using bench = await NodeBench.open(engine);
    const first = await bench.start();
    const second = await bench.start({ like: first });
    expect(await bench.runtime.isRunning(first.handle)).toBe(false);
    const { processes } = await bench.runtime.survey();
    expect(processes).toEqual([{ uid: first.uid, handle: second.handle }]);
  });

  test("removing ends the process; one in a directory that is gone is still found", async () => {
    await using bench = await NodeBench.open(engine);
    const { uid, handle } = await bench.start();
    expect(await bench.runtime.exists(uid)).toBe(true);
    await rm(join(bench.dataDir, "nodes", uid), { recursive: true });
    expect(await bench.runtime.exists(uid)).toBe(false);
    expect(await bench.runtime.survey()).toEqual({ directories: [], processes: [{ uid, handle }] });
    await bench.runtime.remove(uid);
    expect(await bench.runtime.survey()).toEqual({ directories: [], processes: [] });
    await bench.runtime.remove(uid);
  });

  test("a start that cannot work says why", async () => {
    await using bench = await NodeBench.open(engine);
    const missing = { executable: "/nowhere/engine", args: [], config: null };
    await expect(bench.runtime.start("node-1", missing)).rejects.toThrow("/nowhere/engine");
    const taken = await bench.start();
    const nodeType = bench.nodeType;
    if (nodeType === undefined) throw new Error("the node type is missing");
    const plan = bench.driver.plan({
      ...{ installed: engine, nodeType, address: taken.address, parameters: {} },
      ...{ controlPassword: bench.password, following: null },
    });
    const handle = await bench.runtime.start("node-2", plan).catch((error: Error) => error);
    await until(
      "the log says that the address is taken",
      async () => /in use/i.test(await bench.runtime.logTail("node-2", 20)) || String(handle),
      { withinMs: 5_000 },
    );
  });
});

describe.each(redisFamily)("children of $engine $binaryVersion", (engine) => {
  test("a child that saves is the engine's, and outlives it only until the next kill", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    await using client = await tenant(node.address);
    await client.redis.call("EVAL", fillScript, "0");
    const admin = await tenant(node.address);
    await admin.redis.call("AUTH", "larder", bench.password);
    // Each key takes the child 1 ms more, so that it lives for as long as the test needs it.
    await admin.redis.call("CONFIG", "SET", "rdb-key-save-delay", "1000");
    await admin.redis.call("BGSAVE");
    expect((await bench.runtime.survey()).processes).toHaveLength(1);
    process.kill(node.handle.pid, "SIGKILL");
    await until("the engine is gone", async () => !(await bench.runtime.isRunning(node.handle))
      || "running", { withinMs: 5_000 });
    expect((await bench.runtime.survey()).processes).toMatchObject([{ uid: node.uid }]);
    await bench.runtime.kill(node.handle);
    expect((await bench.runtime.survey()).processes).toEqual([]);
    await node.session.closed;
  });
});

describe("a node's directory", () => {
  const [engine] = redisFamily;
  test.each(["", ".", "..", "../x", "a/b", "A", "a b", "a\0b", "-x", "x".repeat(201)])(
    "%j is no uid",
    async (uid) => {
      if (engine === undefined) throw new Error("no redis or valkey is installed");
      await using bench = await NodeBench.open(engine);
      const no = "not the uid";
      await expect(bench.runtime.remove(uid)).rejects.toThrow(no);
      await expect(bench.runtime.logTail(uid, 1)).rejects.toThrow(no);
      await expect(bench.runtime.discardData(uid, [])).rejects.toThrow(no);
      expect(await readdir(bench.dataDir)).toEqual(["nodes"]);
    },
  );

  test("planted links are not followed", async () => {
    if (engine === undefined) throw new Error("no redis or valkey is installed");
    await using bench = await NodeBench.open(engine);
    const outside = join(bench.dataDir, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "precious"), "1");
    const node = await bench.start();
    await bench.runtime.kill(node.handle);
    const directory = join(bench.dataDir, "nodes", node.uid);
    await symlink(outside, join(directory, "appendonlydir"));
    await rm(join(directory, "node.log"));
    await symlink(join(outside, "precious"), join(directory, "node.log"));
    await symlink(join(outside, "precious"), join(directory, "node.conf.new"));
    expect(await bench.runtime.logTail(node.uid, 5)).toBe("");
    await bench.runtime.discardData(node.uid, bench.driver.dataFiles);
    await bench.start({ like: node });
    expect(await readFile(join(outside, "precious"), "utf8")).toBe("1");
    await bench.runtime.remove(node.uid);
    await rename(outside, directory);
    const elsewhere = join(bench.dataDir, "elsewhere");
    await rename(directory, elsewhere);
    await symlink(elsewhere, directory);
    await expect(bench.start({ like: node })).rejects.toThrow();
    await bench.runtime.remove(node.uid);
    expect(await readFile(join(elsewhere, "precious"), "utf8")).toBe("1");
    await expect(bench.runtime.discardData(node.uid, ["../outside"])).rejects.toThrow("data file");
  });
});

const fillScript = "for i = 1, 20000 do redis.call('SET', 'key' .. i, i) end";
