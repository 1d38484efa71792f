import { mkdir, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "@larder/testkit/until.ts";
import { allEngines, NodeBench, redisFamily, replicationOf } from "./support/nodes.ts";
import { tenant } from "./support/tenant.ts";

describe.each(allEngines)("every session: $engine $binaryVersion", (engine) => {
  test("a sample has the node's figures, and ops per second since the one before", async () => {
    await using bench = await NodeBench.open(engine);
    const { session } = await bench.start();
    const first = await session.sample();
    expect(first.opsPerSecond).toBe(0);
    expect(first.loading).toBe(false);
    expect(first.connections).toBeGreaterThanOrEqual(1);
    // cache.t4g.small: 1471026299 bytes less 25 %, or 1402 MB less 100 MB.
    const usable = engine.engine === "memcached" ? 1_302 * 1_048_576 : 1_103_269_724;
    expect(first.maxMemoryBytes).toBe(usable);
    const second = await session.sample();
    if (engine.engine !== "memcached") expect(second.opsPerSecond).toBeGreaterThan(0);
    expect(second.replication === null).toBe(engine.engine === "memcached");
  });

  test("closed resolves when the process is killed, and every call then rejects", async () => {
    await using bench = await NodeBench.open(engine);
    const { handle, session } = await bench.start();
    const from = performance.now();
    process.kill(handle.pid, "SIGKILL");
    await session.closed;
    expect(performance.now() - from).toBeLessThan(500);
    await expect(session.sample()).rejects.toThrow(/closed|gone|writeable/);
  });

  test("closing ends this connection only", async () => {
    await using bench = await NodeBench.open(engine);
    const { uid, address, session } = await bench.start();
    const other = await bench.connect(uid, address);
    session.close();
    await session.closed;
    expect((await other.sample()).connections).toBeGreaterThanOrEqual(1);
    other.close();
  });

  test("connecting fails at once to nobody, and in time to who does not answer", async () => {
    await using bench = await NodeBench.open(engine);
    await expect(bench.driver.connect(bench.address(), bench.password, 2_000)).rejects.toThrow(
      /ECONNREFUSED|is gone/,
    );
    const { handle, address } = await bench.start();
    process.kill(handle.pid, "SIGSTOP");
    const from = performance.now();
    await expect(bench.driver.connect(address, bench.password, 300)).rejects.toThrow(
      /took longer than \d+ ms/,
    );
    expect(performance.now() - from).toBeLessThan(1_500);
    process.kill(handle.pid, "SIGCONT");
  });

  test("values that could carry another directive are refused before anything starts", async () => {
    await using bench = await NodeBench.open(engine);
    const name = engine.engine === "memcached" ? "hash_algorithm" : "maxmemory-policy";
    const values = [
      ...["noeviction\nloadmodule x.so", "a\rb", "a\0b", "a\u2028b", "--loglevel debug"],
      ...['"x" rename-command CONFIG x', "$(id)", "`id`", "jenkins,ext_path=/tmp/x:1G"],
    ];
    for (const value of values) {
      await expect(bench.start({ parameters: { [name]: value } }), value).rejects.toThrow(name);
    }
    const foreign = [
      "dir",
      "dbfilename",
      "aclfile",
      "logfile",
      "unixsocket",
      "include",
      "replicaof",
    ];
    for (const other of [...foreign, "loadmodule", "enable-debug-command", "__proto__x"]) {
      const wish = { parameters: { [other]: "x" } };
      await expect(bench.start(wish), other).rejects.toThrow("has no parameter");
    }
    expect(await bench.runtime.survey()).toEqual({ directories: [], processes: [] });
  });
});

describe.each(redisFamily)("sessions of $engine $binaryVersion", (engine) => {
  test("a script that never ends is answered BUSY, which counts as an answer", async () => {
    await using bench = await NodeBench.open(engine);
    const { address, session } = await bench.start({ parameters: { "lua-time-limit": "50" } });
    await using client = await tenant(address);
    await using other = await tenant(address);
    const before = await session.sample();
    const ended = client.redis.call("EVAL", "while true do end", "0").then(
      () => "it ended by itself",
      (error: Error) => error.message,
    );
    await until(
      "the node says BUSY",
      () =>
        other.redis.get("k").then(
          () => "not yet",
          (e: Error) => e.message.startsWith("BUSY") || e.message,
        ),
      { withinMs: 5_000 },
    );
    const busy = await session.sample();
    expect(busy).toEqual({ ...before, opsPerSecond: 0 });
    await other.redis.call("SCRIPT", "KILL");
    expect(await ended).toMatch(/killed/);
  });

  test("listening on further addresses keeps connections, and takes milliseconds", async () => {
    await using bench = await NodeBench.open(engine);
    const { address, session } = await bench.start();
    const { listening } = session;
    if (listening === undefined) throw new Error("cannot listen elsewhere");
    const extra = bench.address();
    await using client = await tenant(address);
    expect(await listening.hosts()).toEqual([address.host]);
    const from = performance.now();
    await listening.listenOn([address.host, extra.host]);
    expect(performance.now() - from).toBeLessThan(200);
    expect(await listening.hosts()).toEqual([address.host, extra.host]);
    await using viaExtra = await tenant(extra);
    expect(await viaExtra.redis.set("k", "1")).toBe("OK");
    await listening.listenOn([address.host]);
    expect(await viaExtra.redis.get("k")).toBe("1");
    expect(await client.redis.get("k")).toBe("1");
    await expect(tenant(extra)).rejects.toThrow("closed");
  });

  test("an address that is taken is refused, and the node listens as before", async () => {
    await using bench = await NodeBench.open(engine);
    const one = await bench.start();
    const two = await bench.start();
    const listening = two.session.listening;
    const both = [two.address.host, one.address.host];
    await expect(listening?.listenOn(both)).rejects.toThrow(/bind/);
    expect(await listening?.hosts()).toEqual([two.address.host]);
    await using client = await tenant(two.address);
    expect(await client.redis.ping()).toBe("PONG");
    await expect(listening?.listenOn(["0.0.0.0 127.0.0.1"])).rejects.toThrow("IP addresses");
  });

  test("a kept session goes on when all connections are taken; a new one says why", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    const { listening } = node.session;
    await using client = await tenant(node.address);
    // CONFIG SET by the control user, as no test wants to open 20,000 connections.
    const admin = await tenant(node.address);
    await admin.redis.call("AUTH", "larder", bench.password);
    await admin.redis.call("CONFIG", "SET", "maxclients", "3");
    const refusedClient = connect(node.address.port, node.address.host);
    refusedClient.on("error", () => {}); // the end is what is waited for
    await once(refusedClient.resume(), "close");
    await expect(bench.driver.connect(node.address, bench.password, 1_000)).rejects.toThrow(
      "admits no further connection",
    );
    expect((await node.session.sample()).connections).toBe(3);
    expect(await listening?.hosts()).toEqual([node.address.host]);
    expect(await client.redis.ping()).toBe("PONG");
    await admin[Symbol.asyncDispose]();
  });
});

describe.each(redisFamily)("data on disk: $engine $binaryVersion", (engine) => {
  test("saving and starting again brings the data back; discarding does not", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    const { dataFiles } = bench.driver;
    expect(await bench.runtime.hasData(node.uid, dataFiles)).toBe(false);
    await using client = await tenant(node.address);
    await client.redis.set("kept", "yes");
    await node.session.persistence?.saveAndExit();
    await until(
      "the process is gone",
      async () => !(await bench.runtime.isRunning(node.handle)) || "running",
      { withinMs: 5_000 },
    );
    expect(await bench.runtime.hasData(node.uid, dataFiles)).toBe(true);
    const again = await bench.start({ like: node });
    await using reader = await tenant(again.address);
    expect(await reader.redis.get("kept")).toBe("yes");
    await bench.runtime.kill(again.handle);
    await bench.runtime.discardData(node.uid, dataFiles);
    await bench.runtime.discardData(node.uid, dataFiles);
    const empty = await bench.start({ like: node });
    await using last = await tenant(empty.address);
    expect(await last.redis.get("kept")).toBeNull();
  });

  test("a primary saves and exits although a replica lags that it has waited for", async () => {
    await using bench = await NodeBench.open(engine);
    const { primary, replicas } = await bench.startGroup(1);
    process.kill(replicas[0]!.handle.pid, "SIGSTOP");
    expect(await replicationOf(primary).confirm(1, 100)).toBe(0);
    await using client = await tenant(primary.address);
    await client.redis.set("kept", "yes");
    await primary.session.persistence?.saveAndExit();
    const again = await bench.start({ like: primary });
    await using reader = await tenant(again.address);
    expect(await reader.redis.get("kept")).toBe("yes");
  });

  test("with appendonly, what was acknowledged survives kill -9", async () => {
    await using bench = await NodeBench.open(engine);
    const parameters = { appendonly: "yes", appendfsync: "always" };
    expect(bench.driver.keepsData(parameters)).toBe(true);
    expect(bench.driver.keepsData({ appendonly: "no" })).toBe(false);
    const node = await bench.start({ parameters });
    await using client = await tenant(node.address);
    for (let index = 0; index < 50; index += 1) await client.redis.incr("count");
    await bench.runtime.kill(node.handle);
    const files = await readdir(join(bench.dataDir, "nodes", node.uid));
    expect(files).toContain("appendonlydir");
    const again = await bench.start({ like: node, parameters });
    await using reader = await tenant(again.address);
    expect(await reader.redis.get("count")).toBe("50");
  });

  test("a node that cannot save says so and goes on", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    // A directory in the way of the file makes the engine's rename fail, as a full disk would.
    await mkdir(join(bench.dataDir, "nodes", node.uid, "dump.rdb", "x"), { recursive: true });
    await expect(node.session.persistence?.saveAndExit()).rejects.toThrow("could not save");
    expect((await node.session.sample()).loading).toBe(false);
    expect((await replicationOf(node).view()).role).toBe("primary");
  });
});
