import { mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "@larder/server/base/clock.ts";
import { openProcessRuntime } from "@larder/server/runtime/process-runtime.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { until } from "@larder/testkit/until.ts";
import { allEngines, engineUser, NodeBench, redisFamily } from "./support/nodes.ts";

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
      ...{ controlPassword: bench.password, following: null, outside: [], startsEmpty: false },
    });
    const handle = await bench.runtime.start("node-2", plan).catch((error: Error) => error);
    await until(
      "the log says that the address is taken",
      async () =>
        /in use/i.test(await bench.runtime.logTail("node-2", 20)) || JSON.stringify(handle),
      { withinMs: 5_000 },
    );
  });
});

describe("what a runtime starts", () => {
  const script = (text: string) => ({ executable: "/bin/sh", args: ["-c", text], config: null });

  test("sees nothing of the server's environment", async () => {
    await using bench = await openBench();
    const plan = { executable: "/usr/bin/env", args: [], config: null };
    // It prints and ends, which may be before or after the runtime looks at it.
    await bench.runtime.start("node-1", plan).catch(() => null);
    await until(
      "the environment is printed",
      async () => {
        const lines = (await bench.runtime.logTail("node-1", 50)).split("\n").toSorted();
        return lines.join(" ") === "LANG=C TZ=UTC" || lines.join(" ");
      },
      { withinMs: 5_000 },
    );
  });

  test("reads its configuration from standard input", async () => {
    await using bench = await openBench();
    await bench.runtime.start("node-1", { ...script("cat; exec sleep 60"), config: "a secret\n" });
    await until(
      "the configuration is read",
      async () => (await bench.runtime.logTail("node-1", 5)) === "a secret" || "nothing yet",
      { withinMs: 5_000 },
    );
  });

  test("is killed with its children, and its orphans with the next kill", async () => {
    await using bench = await openBench();
    const { runtime } = bench;
    const tree = script("sleep 60 & exec sleep 60");
    const handle = await runtime.start("node-1", tree);
    const nodes = join(bench.dataDir, "nodes");
    await untilProcesses(nodes, 2);
    // The child is the engine's own business, not a stray.
    expect((await runtime.survey()).processes).toEqual([{ uid: "node-1", handle }]);
    await runtime.kill(handle);
    await untilProcesses(nodes, 0);

    const second = await runtime.start("node-1", tree);
    await untilProcesses(nodes, 2);
    process.kill(second.pid, "SIGKILL");
    await untilProcesses(nodes, 1);
    expect((await runtime.survey()).processes).toMatchObject([{ uid: "node-1" }]);
    await runtime.kill(second);
    expect(processesBelow(nodes)).toEqual([]);
  });

  test("a log that grew large is put aside at a start; its tail is harmless", async () => {
    await using bench = await openBench();
    const { runtime } = bench;
    const log = join(bench.dataDir, "nodes", "node-1", "node.log");
    const noisy = script("printf 'one\\ntwo \\033[2J three\\n'; exec sleep 60");
    await runtime.kill(await runtime.start("node-1", script("exec sleep 60")));
    await writeFile(log, "x".repeat(5 * 1_024 * 1_024 + 1));
    await runtime.start("node-1", noisy);
    await until(
      "the log has its lines",
      async () => {
        const tail = await runtime.logTail("node-1", 1);
        return tail === "two ?[2J three" || tail;
      },
      { withinMs: 5_000 },
    );
    expect((await stat(log)).size).toBeLessThan(100);
    expect((await stat(`${log}.1`)).size).toBeGreaterThan(5_000_000);
    expect(await runtime.logTail("node-2", 5)).toBe("");
  });
});

describe("a node's directory", () => {
  test.each(["", ".", "..", "../x", "a/b", "A", "a b", "a\0b", "-x", "x".repeat(201)])(
    "%j is no uid",
    async (uid) => {
      await using bench = await openBench();
      const no = "not the uid";
      await expect(bench.runtime.remove(uid)).rejects.toThrow(no);
      await expect(bench.runtime.logTail(uid, 1)).rejects.toThrow(no);
      await expect(bench.runtime.discardData(uid, [])).rejects.toThrow(no);
      expect(await readdir(bench.dataDir)).toEqual(["nodes"]);
    },
  );

  test("planted links are not followed", async () => {
    await using bench = await openBench();
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
    await expect(bench.start({ like: node })).rejects.toThrow(/ELOOP|ENOTDIR/);
    await bench.runtime.remove(node.uid);
    expect(await readFile(join(elsewhere, "precious"), "utf8")).toBe("1");
    await expect(bench.runtime.discardData(node.uid, ["../outside"])).rejects.toThrow("data file");
  });
});

/** A bench of the first redis or valkey, for what does not depend on the engine. */
async function openBench(): Promise<NodeBench> {
  const [engine] = redisFamily;
  if (engine === undefined) throw new Error("no redis or valkey is installed");
  return NodeBench.open(engine);
}

async function untilProcesses(directory: string, count: number): Promise<void> {
  await until(
    `${count} processes work below ${directory}`,
    () => processesBelow(directory).length === count || String(processesBelow(directory).length),
    { withinMs: 5_000 },
  );
}
