import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { systemClock } from "@larder/server/base/clock.ts";
import { createLog } from "@larder/server/base/log.ts";
import { GatewayProcess } from "@larder/server/network/gateway-process.ts";
import { expect, test } from "vitest";
import { Client, accepts, lives, place, route, startRedis, startSite, until } from "./fixtures.ts";

test("connections spread evenly over the targets, short ones too", async () => {
  await using a = await startRedis();
  await using b = await startRedis();
  await using c = await startRedis();
  await using site = await startSite();
  const reader = place();
  const targets = [a.at, b.at, c.at];
  expect(await site.gateway.apply([route("reader", reader, targets)])).toEqual({ failed: [] });

  const clients = Array.from({ length: 30 }, () => new Client(reader));
  const hosts = await Promise.all(clients.map((client) => client.redisHost()));
  for (const { host } of targets) expect(hosts.filter((one) => one === host)).toHaveLength(10);
  for (const client of clients) client.socket.destroy();

  const seen = new Set<string>();
  for (let n = 0; n < 3; n += 1) {
    using client = new Client(reader);
    seen.add(await client.redisHost());
  }
  expect(seen.size).toBe(3);
});

test("the connections of a removed target end at once, the others stay", async () => {
  await using a = await startRedis();
  await using b = await startRedis();
  await using site = await startSite();
  const reader = place();
  await site.gateway.apply([route("reader", reader, [a.at, b.at])]);
  using one = new Client(reader);
  using two = new Client(reader);
  const hosts = [await one.redisHost(), await two.redisHost()];
  const [onA, onB] = hosts[0] === a.at.host ? [one, two] : [two, one];

  // The target lives on and says nothing: only the table ends its connections.
  a.signal("SIGSTOP");
  const startedMs = performance.now();
  await site.gateway.apply([route("reader", reader, [b.at])]);
  await until("the removed target's client is gone", () => onA.closed, 1_000);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  expect(await onB.redisHost()).toBe(b.at.host);
  using fresh = new Client(reader);
  expect(await fresh.redisHost()).toBe(b.at.host);
});

test("a target that was killed is passed over", async () => {
  await using a = await startRedis();
  await using b = await startRedis();
  await using site = await startSite();
  const reader = place();
  await site.gateway.apply([route("reader", reader, [a.at, b.at])]);
  await a.kill();
  for (let n = 0; n < 5; n += 1) {
    using client = new Client(reader);
    expect(await client.redisHost()).toBe(b.at.host);
  }
});

test("a slow client holds the engine back, and gets its large answer whole", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const at = place();
  await site.gateway.apply([route("primary", at, [engine.at])]);
  const size = 64 * 1024 * 1024;
  using direct = new Client(engine.at);
  await direct.ask(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n${"x".repeat(size)}\r\n`, "+OK\r\n");

  using reader = new Client(at);
  reader.socket.pause();
  reader.socket.write("GET k\r\n");
  // What nobody reads must stay in the engine, where its limits apply, and not pile up here.
  let [last, steady] = ["", 0];
  await until("the engine's backlog comes to rest", async () => {
    const clients = await direct.ask("CLIENT LIST\r\n", "\n\r\n");
    const backlog = /omem=(\d+) .*cmd=get/.exec(clients)?.[1] ?? "none";
    steady = backlog === last ? steady + 1 : 0;
    last = backlog;
    return (backlog !== "none" && steady >= 20) || backlog;
  });
  expect(Number(last)).toBeGreaterThan(size / 2);
  reader.socket.resume();
  const whole = size + `$${size}\r\n\r\n`.length;
  const seen = () => reader.received.length === whole || reader.received.length;
  await until("the whole answer", seen, 20_000);
});

test("a client that has said all it will still gets its answer", async () => {
  await using site = await startSite();
  const [at, target] = [place(), place()];
  // Redis hangs up on such a client; this one counts until the end, and then answers.
  const counter = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = 0;
    socket.on("data", (chunk) => void (bytes += chunk.length));
    socket.on("end", () => socket.end(`${bytes} bytes`));
  });
  counter.listen(target);
  await until("the counter listens", () => counter.listening);
  await site.gateway.apply([route("counter", at, [target])]);
  using client = new Client(at);
  client.socket.end(Buffer.alloc(3_000_000));
  await until("the end", () => client.closed);
  expect(client.received).toBe("3000000 bytes");
  await new Promise((resolve) => counter.close(resolve));
});

test("a killed gateway is noticed, and its listeners are back within two seconds", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const at = place();
  const routes = [route("primary", at, [engine.at])];
  await site.gateway.apply(routes);
  const lost = Promise.withResolvers<void>();
  site.gateway.onLost(lost.resolve);
  const before = await site.pid();

  const startedMs = performance.now();
  process.kill(before, "SIGKILL");
  await lost.promise;
  expect(await site.gateway.apply(routes)).toEqual({ failed: [] });
  using client = new Client(at);
  expect(await client.redisHost()).toBe(engine.at.host);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  expect(await site.pid()).not.toBe(before);
});

test("a gateway that hangs is ended and reported", { timeout: 20_000 }, async () => {
  await using site = await startSite();
  const routes = [route("primary", place(), [])];
  await site.gateway.apply(routes);
  const lost = Promise.withResolvers<void>();
  site.gateway.onLost(lost.resolve);
  const pid = await site.pid();
  process.kill(pid, "SIGSTOP");
  await lost.promise;
  await until("the hung gateway's end", async () => !(await lives(pid)));
  expect(await site.gateway.apply(routes)).toEqual({ failed: [] });
});

test("the next server adopts the gateway, and clients notice nothing", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const routes = [route("primary", place(), [engine.at])];
  const [at] = routes.map((one) => one.listen);
  if (at === undefined) return expect.unreachable();
  await site.gateway.apply(routes);
  using client = new Client(at);
  await client.redisHost();
  const pid = await site.pid();

  const successor = site.successor();
  let lost = false;
  successor.onLost(() => void (lost = true));
  expect(await successor.apply([...routes, route("other", place(), [engine.at])])).toEqual({
    failed: [],
  });
  expect(await site.pid()).toBe(pid);
  expect(await client.redisHost()).toBe(engine.at.host);

  await successor.apply([]);
  await until("with no route there is no gateway", async () => !(await lives(pid)));
  expect(lost, "an end that was asked for is no loss").toBe(false);
});

test("a server that is killed leaves the gateway and its clients as they are", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const at = place();
  const server = fork(new URL("./server-stand-in.ts", import.meta.url), [
    site.dataDir,
    JSON.stringify([route("primary", at, [engine.at])]),
  ]);
  await once(server, "message");
  using client = new Client(at);
  await client.redisHost();
  const pid = await site.pid();
  server.kill("SIGKILL");
  await once(server, "exit");
  expect(await client.redisHost()).toBe(engine.at.host);
  expect(await site.gateway.apply([route("primary", at, [engine.at])])).toEqual({ failed: [] });
  expect(await site.pid()).toBe(pid);
  expect(await client.redisHost()).toBe(engine.at.host);
});

test("a stopped gateway has freed its addresses", async () => {
  await using site = await startSite();
  const routes = Array.from({ length: 20 }, (_, index) => route(`r${index}`, place(), []));
  for (let round = 0; round < 5; round += 1) {
    expect(await site.gateway.apply(routes)).toEqual({ failed: [] });
    await site.gateway.stop();
    const servers = routes.map((one) => createServer().listen(one.listen));
    await Promise.all(servers.map((server) => once(server, "listening")));
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  }
});

test("the gateway is reached by its own user alone and gets nothing of the server's", async () => {
  await using site = await startSite();
  await site.gateway.apply([route("primary", place(), [])]);
  const folder = join(site.dataDir, "gateway");
  for (const name of ["gateway.sock", "gateway.pid", "gateway.log", "gateway.lock"]) {
    expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
  }
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  const pid = await site.pid();
  expect(await readFile(`/proc/${pid}/environ`, "utf8")).toBe("");
  const [, , group] =
    (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  expect(Number(group), "Ctrl-C in the server's terminal does not reach it").toBe(pid);
});

test("a gateway whose socket is removed ends by itself, and is started anew", async () => {
  await using site = await startSite();
  await site.gateway.apply([route("primary", place(), [])]);
  const pid = await site.pid();
  const lost = Promise.withResolvers<void>();
  site.gateway.onLost(lost.resolve);
  await rm(join(site.dataDir, "gateway", "gateway.sock"));
  await lost.promise;
  await until("the gateway's end", async () => !(await lives(pid)));
  expect(await site.gateway.apply([route("primary", place(), [])])).toEqual({ failed: [] });
});

test("a new server ends an old gateway that it has no route for", async () => {
  await using site = await startSite();
  await site.gateway.apply([route("primary", place(), [])]);
  const pid = await site.pid();
  await site.successor().apply([]);
  await until("the old gateway's end", async () => !(await lives(pid)));
});

test("an address that is in use is reported, the others serve, and it heals", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const [used, free] = [place(), place()];
  const holder = createServer().listen(used);
  await until("the address is held", () => holder.listening);
  const routes = [route("used", used, [engine.at]), route("free", free, [engine.at])];
  const report = await site.gateway.apply(routes);
  expect(report.failed).toEqual([{ id: "used", reason: expect.stringContaining("EADDRINUSE") }]);
  using client = new Client(free);
  expect(await client.redisHost()).toBe(engine.at.host);

  await new Promise((resolve) => holder.close(resolve));
  expect(await site.gateway.apply(routes)).toEqual({ failed: [] });
  using healed = new Client(used);
  expect(await healed.redisHost()).toBe(engine.at.host);
  expect(await client.redisHost(), "an unchanged route keeps its clients").toBe(engine.at.host);
});

test("a route that is left out stops listening and ends its clients; its address is free", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const [gone, kept] = [place(), place()];
  const keptRoute = route("kept", kept, [engine.at]);
  await site.gateway.apply([route("gone", gone, [engine.at]), keptRoute]);
  using client = new Client(gone);
  await client.redisHost();
  await site.gateway.apply([keptRoute]);
  await until("the client's end", () => client.closed, 1_000);
  expect(await accepts(gone)).toBe(false);
  // The engine itself may take the address at once: this is how an endpoint moves to it.
  await using successor = await startRedis(gone);
  expect(await accepts(successor.at)).toBe(true);
});

test("two routes of one address: the first is carried, the second reported", async () => {
  await using site = await startSite();
  const at = place();
  const report = await site.gateway.apply([route("first", at, []), route("second", at, [])]);
  expect(report.failed.map((one) => one.id)).toEqual(["second"]);
});

test("a socket that a dead gateway left behind is replaced", async () => {
  await using site = await startSite();
  await writeFile(join(site.dataDir, "gateway", "gateway.sock"), "");
  await writeFile(join(site.dataDir, "gateway", "gateway.pid"), "1\n");
  expect(await site.gateway.apply([route("primary", place(), [])])).toEqual({ failed: [] });
});

test("servers that start at once share one gateway", async () => {
  await using site = await startSite();
  const routes = [route("primary", place(), [])];
  const { dataDir } = site;
  const settings = { dataDir, clock: systemClock, log: createLog("silent") };
  const servers = Array.from({ length: 3 }, () => new GatewayProcess(settings));
  const reports = await Promise.all(servers.map((server) => server.apply(routes)));
  expect(reports).toEqual(servers.map(() => ({ failed: [] })));
  await until("the losers have gone", async () => (await gatewaysIn(dataDir)) === 1);
  for (const server of servers) server.release();
});

test("a second gateway for a directory ends at once and harms nothing", async () => {
  await using engine = await startRedis();
  await using site = await startSite();
  const at = place();
  await site.gateway.apply([route("primary", at, [engine.at])]);
  using client = new Client(at);
  await client.redisHost();
  const folder = join(site.dataDir, "gateway");
  const socketBefore = await stat(join(folder, "gateway.sock"));
  const pid = await site.pid();

  const main = createRequire(import.meta.url).resolve("@larder/gateway/main.ts");
  const second = spawn(process.execPath, [main, "gateway.sock"], { cwd: folder, stdio: "ignore" });
  const [status] = await once(second, "exit");
  expect(status).toBe(75);
  expect((await stat(join(folder, "gateway.sock"))).ino).toBe(socketBefore.ino);
  expect(await site.pid()).toBe(pid);
  expect(await client.redisHost()).toBe(engine.at.host);
});

test("a directory whose path is too long for a unix socket works", async () => {
  await using site = await startSite(`larder-network-${"long-".repeat(30)}`);
  expect(await site.gateway.apply([route("primary", place(), [])])).toEqual({ failed: [] });
});

/** How many processes run in a data directory's gateway folder. */
async function gatewaysIn(dataDir: string): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")),
  );
  return folders.filter((folder) => folder === join(dataDir, "gateway")).length;
}
