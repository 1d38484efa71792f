import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route } from "@larder/gateway/protocol.ts";
import { Client, place, startMemcached, startSite, until, type Engine } from "./fixtures.ts";

function discoveryRoute(
  listen: Route["listen"],
  nodes: readonly Pick<Engine, "at">[],
  version = 1,
): Route {
  return {
    id: "cfg",
    listen,
    targets: nodes.map((node) => node.at),
    discovery: { version, nodes: nodes.map(({ at }) => ({ ...at, ip: at.host })) },
  };
}

function configOf(nodes: readonly Pick<Engine, "at">[], version = 1): string {
  const list = nodes.map(({ at }) => `${at.host}|${at.host}|${at.port}`).toSorted();
  const payload = `${version}\n${list.join(" ")}\n`;
  return `CONFIG cluster 0 ${payload.length}\r\n${payload}\r\nEND\r\n`;
}

test("discovery answers exactly, in any case, in pieces, and by the older key", async () => {
  await using a = await startMemcached();
  await using b = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [b, a], 7)]);
  const expected = configOf([a, b], 7);
  using client = new Client(at);
  expect(await client.ask("config get cluster\r\n", "END\r\n")).toBe(expected);
  expect(await client.ask("config get CLUSTER\n", "END\r\n")).toBe(expected);
  client.received = "";
  for (const byte of "config get cluster\r\n") client.socket.write(byte);
  await until("an answer", () => client.received === expected || client.received);
  expect(await client.ask("get AmazonElastiCache:cluster\r\n", "END\r\n")).toBe(
    expected.replace("CONFIG cluster 0", "VALUE AmazonElastiCache:cluster 0"),
  );
});

test("answers keep the order of requests on a connection that mixes both", async () => {
  await using a = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [a])]);
  const config = configOf([a]);
  using direct = new Client(a.at);
  const version = await direct.ask("version\r\n", "\r\n");
  using client = new Client(at);
  const mixed =
    "config get cluster\r\nset k 0 0 4\r\nMN\r\n\r\nmn\r\nget k\r\nconfig get cluster\r\n" +
    "mn\r\nget k\r\ngets AmazonElastiCache:cluster\r\nversion\r\n";
  const value = "VALUE k 0 4\r\nMN\r\n\r\nEND\r\n";
  const cas = config.replace(/CONFIG cluster 0 (\d+)/, "VALUE AmazonElastiCache:cluster 0 $1 1");
  expect(await client.ask(mixed, version)).toBe(
    `${config}STORED\r\nMN\r\n${value}${config}MN\r\n${value}${cas}${version}`,
  );
});

test("what is stored passes untouched, however much it looks like a request", async () => {
  await using a = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [a])]);
  using through = new Client(at);
  using direct = new Client(a.at);
  const piece = fc.oneof(
    fc.constantFrom(
      "config get cluster\r\n",
      "get AmazonElastiCache:cluster\r\n",
      "mn\r\n",
      "MN\r\n",
    ),
    fc.constantFrom("VALUE k 0 900\r\n", "END\r\n", "\r\n", "VA 7\r\n"),
    fc.string({ unit: "binary-ascii" }),
  );
  const data = fc.array(piece).map((pieces) => pieces.join(""));
  const verb = fc.constantFrom("set", "ms", "cas");
  await fc.assert(
    fc.asyncProperty(data, verb, fc.nat(), async (text, how, cutAt) => {
      await direct.ask("set k 0 0 1\r\n-\r\n", "STORED\r\n");
      const cas = /VALUE k 0 1 (\d+)/.exec(await direct.ask("gets k\r\n", "END\r\n"))?.[1];
      const header = { set: `set k 0 0 ${text.length}`, ms: `ms k ${text.length} T0`, cas: "" };
      header.cas = `cas k 0 0 ${text.length} ${cas}`;
      const request = `${header[how]}\r\n${text}\r\nget k\r\n`;
      const middle = cutAt % request.length;
      const reply = `${how === "ms" ? "HD" : "STORED"}\r\nVALUE k 0 ${text.length}\r\n${text}\r\nEND\r\n`;
      through.socket.write(request.slice(0, middle), "latin1");
      through.received = "";
      through.socket.write(request.slice(middle), "latin1");
      await until("the answer", () => through.received === reply || through.received);
    }),
    { numRuns: 100 },
  );
});

test("with every node down discovery still answers, and a new membership is told at once", async () => {
  await using a = await startMemcached();
  await using b = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [a])]);
  await a.kill();
  using client = new Client(at);
  expect(await client.ask("config get cluster\r\n", "END\r\n")).toBe(configOf([a]));
  await site.gateway.apply([discoveryRoute(at, [a, b], 2)]);
  expect(await client.ask("config get cluster\r\n", "END\r\n")).toBe(configOf([a, b], 2));
  expect(await client.ask("version\r\n", "\r\n"), "the live node is found").toMatch(/^VERSION/);
  await site.gateway.apply([discoveryRoute(at, [a], 3)]);
  await until("the client of the removed node is gone", () => client.closed, 1_000);
});

test("what was answered arrives, although the next request finds no node", async () => {
  await using site = await startSite();
  const at = place(11_211);
  const nodes = Array.from({ length: 200 }, (_, n) => ({ at: { ...at, port: 12_000 + n } }));
  await site.gateway.apply([{ ...discoveryRoute(at, nodes), targets: [] }]);
  using client = new Client(at);
  // One write, and answers that no socket buffer holds.
  const questions = 3_000;
  client.socket.write("config get cluster\r\n".repeat(questions) + "version\r\n");
  await until("the end", () => client.closed, 20_000);
  expect(client.received.length).toBe(questions * configOf(nodes).length);
});

test("a client that asks and does not read is held back", async () => {
  await using a = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [a])]);
  using direct = new Client(a.at);
  const version = await direct.ask("version\r\n", "\r\n");
  using client = new Client(at);
  client.socket.pause();
  client.socket.write("version\r\n");
  const questions = 200_000;
  client.socket.end("config get cluster\r\n".repeat(questions));
  using other = new Client(at);
  expect(await other.ask("config get cluster\r\n", "END\r\n")).toBe(configOf([a]));
  client.socket.resume();
  const total = version.length + questions * configOf([a]).length;
  const seen = () => client.received.length === total || client.received.length;
  await until("every answer", seen, 20_000);
});

test("memcached-elasticache finds every node through the configuration endpoint", async () => {
  await using a = await startMemcached();
  await using b = await startMemcached();
  await using c = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  const nodes = [a, b, c];
  await site.gateway.apply([discoveryRoute(at, nodes)]);
  const client = new ElastiCacheClient(`${at.host}:${at.port}`);
  const found = await new Promise((resolve, reject) => {
    client.once("autoDiscover", resolve);
    client.once("autoDiscoverFailure", reject);
  });
  expect(found).toEqual(nodes.map((node) => `${node.at.host}:${node.at.port}`).toSorted());

  const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
  for (const key of keys) await settled((done) => client.set(key, `value of ${key}`, 60, done));
  const values = await settled((done) => client.getMulti(keys, done));
  expect(values).toEqual(Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));
  client.end();
  for (const node of nodes) {
    using direct = new Client(node.at);
    const stats = await direct.ask("stats\r\n", "END\r\n");
    expect(Number(/curr_items (\d+)/.exec(stats)?.[1]), "keys are spread").toBeGreaterThan(0);
  }
});

test("memjs works through the configuration endpoint, in the binary protocol", async () => {
  await using a = await startMemcached();
  await using site = await startSite();
  const at = place(11_211);
  await site.gateway.apply([discoveryRoute(at, [a])]);
  const client = memjs.Client.create(`${at.host}:${at.port}`);
  const value = Buffer.from("config get cluster\r\n".repeat(40_000));
  expect(await client.set("k", value, { expires: 60 })).toBe(true);
  expect((await client.get("k")).value?.equals(value)).toBe(true);
  client.close();
});

interface ElastiCacheClient {
  once(event: string, listener: (what: unknown) => void): void;
  set(key: string, value: string, seconds: number, done: Done): void;
  getMulti(keys: readonly string[], done: Done): void;
  end(): void;
}
type Done = (error: unknown, result: unknown) => void;

interface MemjsClient {
  set(key: string, value: Buffer, options: { readonly expires: number }): Promise<boolean>;
  get(key: string): Promise<{ readonly value: Buffer | null }>;
  close(): void;
}

// Both packages come without types.
const require = createRequire(import.meta.url);
const ElastiCacheClient = require("memcached-elasticache") as new (
  endpoint: string,
) => ElastiCacheClient;
const memjs = require("memjs") as { readonly Client: { create(servers: string): MemjsClient } };

function settled(call: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    });
  });
}
