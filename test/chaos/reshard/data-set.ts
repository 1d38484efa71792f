import type { Cluster, Redis } from "ioredis";

/** Every so manieth key is large, and a few are larger. */
const largeEvery = 5_000;
const largeBytes = 100_000;
const largerEvery = 20_000;
const largerBytes = 1_000_000;
/** One element of this size is among them. */
const hugeBytes = 104_857_600;
export const hugeKey = "huge";

/** Commands that are on their way at once. */
const atOnce = 2_000;

/** The name of a key of the data set. */
function keyName(number: number): string {
  return `data:${number}`;
}

/** What a key holds: from a few bytes up to a megabyte, always the same for the same number. */
function valueOf(number: number): string {
  const bytes =
    number % largerEvery === 0
      ? largerBytes
      : number % largeEvery === 0
        ? largeBytes
        : 8 + ((number * 31) % 400);
  return `${number}:`.padEnd(bytes, "x");
}

/** Fills a cache with keys of five types. */
export async function fillCluster(cache: Cluster, count: number): Promise<void> {
  for (let from = 0; from < count; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => from + at);
    await Promise.all(numbers.map((number) => fillKey(cache, number)));
  }
}

/** One hash with an element of 100 MB. */
export async function fillHuge(cache: Cluster): Promise<void> {
  await cache.hset(hugeKey, "element", Buffer.alloc(hugeBytes, "x"));
}

function fillKey(cache: Cluster, number: number): Promise<unknown> {
  const [key, value] = [keyName(number), valueOf(number)];
  switch (number % 5) {
    case 0:
      return cache.set(key, value);
    case 1:
      return cache.rpush(key, value, "second");
    case 2:
      return cache.hset(key, { field: value });
    case 3:
      return cache.zadd(key, number, value);
    default:
      return cache.sadd(key, value);
  }
}

/** The command that reads a key, and whether its answer is what the key is to hold. */
function reading(number: number): {
  readonly command: readonly [string, ...string[]];
  readonly isRight: (answer: unknown) => boolean;
} {
  const [key, value] = [keyName(number), valueOf(number)];
  switch (number % 5) {
    case 0:
      return { command: ["GET", key], isRight: (answer) => answer === value };
    case 1:
      return {
        command: ["LRANGE", key, "0", "-1"],
        isRight: (answer) => String(answer) === `${value},second`,
      };
    case 2:
      return { command: ["HGET", key, "field"], isRight: (answer) => answer === value };
    case 3:
      return { command: ["ZSCORE", key, value], isRight: (answer) => answer === String(number) };
    default:
      return { command: ["SMEMBERS", key], isRight: (answer) => String(answer) === value };
  }
}

/** Reads one key through a cluster client; whether it held what it should. */
export async function readKey(cache: Cluster, number: number): Promise<boolean> {
  const { command, isRight } = reading(number);
  return isRight(await cache.call(...command));
}

/** What was found on the primaries themselves. */
export interface Found {
  /** Keys of the data set that no primary has, or with another value. */
  readonly lost: number;
  /** Keys that more than one primary has. */
  readonly doubled: number;
  readonly keys: number;
}

/** Looks for every key on every primary, and reads it there. */
export async function findAll(primaries: readonly Redis[], count: number): Promise<Found> {
  const holders = new Map<string, Redis>();
  let doubled = 0;
  for (const primary of primaries) {
    for (const key of await allKeys(primary)) {
      if (holders.has(key)) doubled += 1;
      holders.set(key, primary);
    }
  }
  let lost = 0;
  for (let from = 0; from < count; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => from + at);
    const right = await Promise.all(
      numbers.map(async (number) => {
        const holder = holders.get(keyName(number));
        const { command, isRight } = reading(number);
        return holder !== undefined && isRight(await holder.call(...command));
      }),
    );
    lost += right.filter((one) => !one).length;
  }
  return { lost, doubled, keys: holders.size };
}

async function allKeys(primary: Redis): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let cursor = "0";
  do {
    const [next, page] = await primary.scan(cursor, "COUNT", 1_000);
    for (const key of page) keys.add(key);
    cursor = next;
  } while (cursor !== "0");
  return keys;
}
