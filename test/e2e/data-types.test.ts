import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { until } from "@larder/testkit/until.ts";
import { Redis } from "ioredis";
import { createClient, type RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createGroup, type Group } from "./support/caches.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** Redis's and Valkey's own bound for a string (documentation, "Strings"). */
const largestStringBytes = 512 * 1024 ** 2;

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const groups = new Map<string, Group>();
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const client = server.client();
  const made = engines.map(async (engine) => {
    // Large enough for the largest string, on the primary and on its replica.
    const settings = { Engine: engine, CacheNodeType: "cache.m6g.large", NumCacheClusters: 2 };
    groups.set(engine, await createGroup(client, `types-${engine}`, settings));
  });
  await Promise.all(made);
});
afterAll(() => server[Symbol.asyncDispose]());

test("there is an engine to test", () => expect(engines).toContain("redis"));

describe.each(engines)("ioredis on %s", (engine) => {
  let redis: Redis;
  let reader: Redis;

  beforeAll(async () => {
    const { primary, reader: readerEndpoint } = groups.get(engine)!;
    redis = new Redis(primary);
    reader = new Redis(readerEndpoint);
    await redis.flushall();
  });
  afterAll(async () => {
    await Promise.all([redis.quit(), reader.quit()]);
  });

  test("strings, numbers and bits", async () => {
    expect(await redis.set("s", "héllo", "GET")).toBeNull();
    expect(await redis.get("s")).toBe("héllo");
    expect(await redis.append("s", "!")).toBe(7);
    expect(await redis.mset("m1", "1", "m2", "2")).toBe("OK");
    expect(await redis.mget("m1", "m2", "none")).toEqual(["1", "2", null]);
    expect(await redis.incrby("n", 41)).toBe(41);
    expect(await redis.incrbyfloat("n", 0.5)).toBe("41.5");
    expect(await redis.setbit("bits", 7, 1)).toBe(0);
    expect(await redis.setbit("bits", 100, 1)).toBe(0);
    expect(await redis.bitcount("bits")).toBe(2);
    expect(await redis.bitpos("bits", 1)).toBe(7);
    expect(await redis.bitop("NOT", "flipped", "bits")).toBe(13);
    expect(await redis.bitfield("field", "SET", "u8", 8, 255)).toEqual([0]);
    expect(await redis.bitfield("field", "GET", "u16", 0)).toEqual([255]);
    const bytes = Buffer.from([0, 255, 13, 10, 0]);
    await redis.set("binary", bytes);
    expect(await redis.getBuffer("binary")).toEqual(bytes);
  });

  test("hashes, lists, sets and sorted sets", async () => {
    await redis.hset("h", { name: "ada", born: 1815 });
    expect(await redis.hgetall("h")).toEqual({ name: "ada", born: "1815" });
    expect(await redis.hincrby("h", "born", 1)).toBe(1816);
    await redis.rpush("l", "b", "c");
    await redis.lpush("l", "a");
    expect(await redis.lrange("l", 0, -1)).toEqual(["a", "b", "c"]);
    expect(await redis.lmove("l", "l2", "LEFT", "RIGHT")).toBe("a");
    expect(await redis.lpos("l", "c")).toBe(1);
    await redis.sadd("set1", "a", "b", "c");
    await redis.sadd("set2", "b", "c", "d");
    expect((await redis.sinter("set1", "set2")).toSorted()).toEqual(["b", "c"]);
    expect(await redis.smismember("set1", "a", "d")).toEqual([1, 0]);
    await redis.zadd("z", "3", "c", "1", "a", "2.5", "b");
    expect(await redis.zrange("z", "0", "-1", "WITHSCORES")).toEqual([
      "a",
      "1",
      "b",
      "2.5",
      "c",
      "3",
    ]);
    expect(await redis.zrangebyscore("z", "(1", "+inf")).toEqual(["b", "c"]);
    expect(await redis.zpopmax("z")).toEqual(["c", "3"]);
  });

  test("HyperLogLogs and places on the earth", async () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `visitor-${n}`);
    await redis.pfadd("visitors", ...names);
    const count = await redis.pfcount("visitors");
    expect(Math.abs(count - names.length) / names.length).toBeLessThan(0.03);
    await redis.geoadd("sicily", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania");
    expect(Number(await redis.geodist("sicily", "Palermo", "Catania", "KM"))).toBeCloseTo(166.27);
    expect(
      await redis.geosearch("sicily", "FROMLONLAT", 15, 37, "BYRADIUS", 100, "km", "ASC"),
    ).toEqual(["Catania"]);
  });

  test("streams with a consumer group that hands over what was not acknowledged", async () => {
    for (const n of [1, 2, 3]) await redis.xadd("jobs", `${n}-0`, "job", String(n));
    await redis.xgroup("CREATE", "jobs", "workers", "0");
    const read = (consumer: string) =>
      redis.xreadgroup("GROUP", "workers", consumer, "COUNT", 2, "STREAMS", "jobs", ">");
    expect(await read("ann")).toEqual([
      [
        "jobs",
        [
          ["1-0", ["job", "1"]],
          ["2-0", ["job", "2"]],
        ],
      ],
    ]);
    expect(await read("ben")).toEqual([["jobs", [["3-0", ["job", "3"]]]]]);
    expect(await redis.xack("jobs", "workers", "1-0")).toBe(1);
    const [, claimed] = (await redis.xautoclaim("jobs", "workers", "ben", 0, "0")) as [
      string,
      unknown,
    ];
    expect(claimed).toEqual([
      ["2-0", ["job", "2"]],
      ["3-0", ["job", "3"]],
    ]);
    const [pending] = (await redis.xpending("jobs", "workers")) as [number];
    expect(pending).toBe(2);
  });

  test("publish and subscribe, by channel, pattern and shard, over both endpoints", async () => {
    const heard: string[] = [];
    const listener = reader.duplicate();
    listener.on("message", (channel, message) => heard.push(`${channel}: ${message}`));
    listener.on("pmessage", (pattern, _channel, message) => heard.push(`${pattern}: ${message}`));
    listener.on("smessage", (channel, message) => heard.push(`${channel}: ${message}`));
    await listener.subscribe("news");
    await listener.psubscribe("new*");
    await listener.ssubscribe("shard");
    await redis.publish("news", "hello");
    await redis.spublish("shard", "hi");
    await until("all were heard", () => heard.length === 3 || heard.join(), { withinMs: 5_000 });
    expect(heard.toSorted()).toEqual(["new*: hello", "news: hello", "shard: hi"]);
    await listener.quit();
  });

  test("keys expire, on the replica too", async () => {
    await redis.set("short", "1", "PX", 200);
    await redis.set("long", "1", "EX", 1_000);
    expect(await redis.ttl("long")).toBeGreaterThan(990);
    expect(await redis.pttl("short")).toBeLessThanOrEqual(200);
    expect(await redis.persist("long")).toBe(1);
    expect(await redis.ttl("long")).toBe(-1);
    await until("short has expired", async () => (await redis.exists("short")) === 0 || "not yet", {
      withinMs: 5_000,
    });
    await until("and on the replica", async () => (await reader.get("short")) === null || "no", {
      withinMs: 5_000,
    });
  });

  test("scripts, by text, by digest, defined in the client, and functions", async () => {
    const script = "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}";
    expect(await redis.eval(script, 1, "runs", "x")).toEqual(["runs", "x", 1]);
    const digest = (await redis.script("LOAD", script)) as string;
    expect(await redis.evalsha(digest, 1, "runs", "y")).toEqual(["runs", "y", 2]);
    await expect(redis.evalsha("0".repeat(40), 0)).rejects.toThrow("NOSCRIPT");
    redis.defineCommand("double", {
      numberOfKeys: 1,
      lua: "return redis.call('GET', KEYS[1]) * 2",
    });
    expect(await (redis as Redis & { double(key: string): Promise<number> }).double("runs")).toBe(
      4,
    );
    const library =
      "#!lua name=mine\nredis.register_function('ping', function() return 'pong' end)";
    expect(await redis.function("LOAD", "REPLACE", library)).toBe("mine");
    expect(await redis.fcall("ping", 0)).toBe("pong");
  });

  test("transactions, and those that a change in between undoes", async () => {
    expect(await redis.multi().set("t", "1").incr("t").exec()).toEqual([
      [null, "OK"],
      [null, 2],
    ]);
    const other = redis.duplicate();
    await other.watch("t");
    await redis.incr("t");
    expect(await other.multi().set("t", "mine").exec()).toBeNull();
    expect(await redis.get("t")).toBe("3");
    await other.quit();
  });

  test("a pop that waits until something is pushed", async () => {
    const waiting = redis.duplicate();
    const popped = waiting.blpop("queue", 10);
    await redis.rpush("queue", "first");
    expect(await popped).toEqual(["queue", "first"]);
    const lowest = waiting.bzpopmin("ranks", 10);
    await redis.zadd("ranks", 1, "low", 2, "high");
    expect(await lowest).toEqual(["ranks", "low", "1"]);
    await waiting.quit();
  });

  test("a scan over thousands of keys finds each", async () => {
    const keys = Array.from({ length: 3_000 }, (_, n) => `scan:${n}`);
    await redis.mset(...keys.flatMap((key) => [key, "1"]));
    const found = new Set<string>();
    for await (const batch of redis.scanStream({ match: "scan:*", count: 500 })) {
      for (const key of batch as string[]) found.add(key);
    }
    expect(found).toEqual(new Set(keys));
  });

  test("the reader endpoint gives what was written and takes no write", async () => {
    await redis.set("read-me", "1");
    expect(await redis.wait(1, 5_000)).toBe(1);
    expect(await reader.get("read-me")).toBe("1");
    expect(((await reader.role()) as [string])[0]).toBe("slave");
    await expect(reader.set("read-me", "2")).rejects.toThrow(/^READONLY/);
    expect(await redis.get("read-me")).toBe("1");
  });

  test("a string of 512 MB, and not a byte more", async () => {
    const value = Buffer.alloc(largestStringBytes, "larder");
    const ends = async (client: Redis) => [
      await client.strlen("large"),
      await client.getrange("large", 0, 5),
      await client.getrange("large", -6, -1),
    ];
    const expected = [
      largestStringBytes,
      value.toString("latin1", 0, 6),
      value.toString("latin1", largestStringBytes - 6),
    ];
    expect(await redis.set("large", value)).toBe("OK");
    expect(await ends(redis)).toEqual(expected);
    await until("the replica has it", async () => (await reader.exists("large")) === 1 || "no", {
      withinMs: 20_000,
    });
    expect(await ends(reader)).toEqual(expected);
    await expect(redis.append("large", "!")).rejects.toThrow("exceeds maximum allowed size");
    expect(await redis.unlink("large")).toBe(1);
  });
});

describe.each(engines)("node-redis on %s", (engine) => {
  let redis: RedisClientType;
  let reader: RedisClientType;

  beforeAll(async () => {
    const { primary, reader: readerEndpoint } = groups.get(engine)!;
    redis = createClient({ socket: primary });
    reader = createClient({ socket: readerEndpoint });
    await Promise.all([redis.connect(), reader.connect()]);
    await redis.flushAll();
  });
  afterAll(async () => {
    await Promise.all([redis.close(), reader.close()]);
  });

  test("strings, numbers and bits", async () => {
    expect(await redis.set("s", "héllo", { GET: true })).toBeNull();
    expect(await redis.get("s")).toBe("héllo");
    expect(await redis.mSet({ m1: "1", m2: "2" })).toBe("OK");
    expect(await redis.mGet(["m1", "m2", "none"])).toEqual(["1", "2", null]);
    expect(await redis.incrBy("n", 41)).toBe(41);
    expect(await redis.setBit("bits", 100, 1)).toBe(0);
    expect(await redis.bitCount("bits")).toBe(1);
    expect(await redis.bitPos("bits", 1)).toBe(100);
  });

  test("hashes, lists, sets and sorted sets", async () => {
    await redis.hSet("h", { name: "ada", born: 1815 });
    expect({ ...(await redis.hGetAll("h")) }).toEqual({ name: "ada", born: "1815" });
    await redis.rPush("l", ["a", "b", "c"]);
    expect(await redis.lRange("l", 0, -1)).toEqual(["a", "b", "c"]);
    await redis.sAdd("set", ["a", "b"]);
    expect(new Set(await redis.sMembers("set"))).toEqual(new Set(["a", "b"]));
    await redis.zAdd("z", [
      { score: 2.5, value: "b" },
      { score: 1, value: "a" },
    ]);
    expect(await redis.zRangeWithScores("z", 0, -1)).toEqual([
      { score: 1, value: "a" },
      { score: 2.5, value: "b" },
    ]);
  });

  test("HyperLogLogs and places on the earth", async () => {
    await redis.pfAdd("visitors", ["a", "b", "c", "a"]);
    expect(await redis.pfCount("visitors")).toBe(3);
    await redis.geoAdd("sicily", [
      { longitude: 13.361389, latitude: 38.115556, member: "Palermo" },
      { longitude: 15.087269, latitude: 37.502669, member: "Catania" },
    ]);
    const around = { longitude: 15, latitude: 37 };
    expect(await redis.geoSearch("sicily", around, { radius: 100, unit: "km" })).toEqual([
      "Catania",
    ]);
  });

  test("streams with a consumer group", async () => {
    await redis.xAdd("jobs", "1-0", { job: "1" });
    await redis.xGroupCreate("jobs", "workers", "0");
    const read = await redis.xReadGroup("workers", "ann", { key: "jobs", id: ">" });
    expect(JSON.stringify(read)).toContain('"id":"1-0"');
    expect(await redis.xAck("jobs", "workers", "1-0")).toBe(1);
    expect((await redis.xPending("jobs", "workers")).pending).toBe(0);
  });

  test("publish and subscribe over both endpoints", async () => {
    const heard: string[] = [];
    const listener = reader.duplicate();
    await listener.connect();
    await listener.subscribe("news", (message) => heard.push(message));
    await listener.pSubscribe("new*", (message) => heard.push(message));
    await redis.publish("news", "hello");
    await until("both were heard", () => heard.length === 2 || heard.join(), { withinMs: 5_000 });
    await listener.close();
  });

  test("expiry, scripts, functions, transactions, blocking pops and scans", async () => {
    await redis.set("long", "1", { expiration: { type: "EX", value: 1_000 } });
    expect(await redis.ttl("long")).toBeGreaterThan(990);
    const script = "return {KEYS[1], ARGV[1]}";
    const given = { keys: ["k"], arguments: ["x"] };
    expect(await redis.eval(script, given)).toEqual(["k", "x"]);
    expect(await redis.evalSha(await redis.scriptLoad(script), given)).toEqual(["k", "x"]);
    const library =
      "#!lua name=mine\nredis.register_function('ping', function() return 'pong' end)";
    await redis.functionLoad(library, { REPLACE: true });
    expect(await redis.fCall("ping", { keys: [], arguments: [] })).toBe("pong");
    expect(await redis.multi().set("t", "1").incr("t").exec()).toEqual(["OK", 2]);
    const waiting = redis.duplicate();
    await waiting.connect();
    const popped = waiting.blPop("queue", 10);
    await redis.rPush("queue", "first");
    expect(await popped).toEqual({ key: "queue", element: "first" });
    await waiting.close();
    const keys = Array.from({ length: 1_000 }, (_, n) => `scan:${n}`);
    await redis.mSet(Object.fromEntries(keys.map((key) => [key, "1"])));
    const found = new Set<string>();
    for await (const batch of redis.scanIterator({ MATCH: "scan:*", COUNT: 200 })) {
      for (const key of batch) found.add(key);
    }
    expect(found).toEqual(new Set(keys));
  });

  test("the reader endpoint gives what was written and takes no write", async () => {
    await redis.set("read-me", "1");
    expect(await redis.wait(1, 5_000)).toBe(1);
    expect(await reader.get("read-me")).toBe("1");
    await expect(reader.set("read-me", "2")).rejects.toThrow(/^READONLY/);
  });
});
