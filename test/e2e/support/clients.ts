import type { Address } from "@larder/server/resources/address.ts";
import { Cluster, Redis } from "ioredis";
import { Cluster as ValkeyCluster, Redis as Valkey } from "iovalkey";
import { createClient, createCluster } from "redis";

/** What the tests of clients ask of each library: the rest is the library's own affair. */
export interface CacheClient extends AsyncDisposable {
  set(key: string, value: string): Promise<void>;
  get(key: string): Promise<string | null>;
}

/** How long a command may wait for its answer in a library that gives up by itself. */
const requestTimeoutMs = 5_000;

/** valkey-glide, whose core is native code; null where its binary is missing. */
const glide = await import("@valkey/valkey-glide").then(
  (module) => {
    // What it logs of lost connections, it also rejects with.
    module.Logger.setLoggerConfig("error");
    return module;
  },
  () => null,
);

/** Said in the names of tests that are skipped. */
export const glideProblem = glide === null ? "valkey-glide has no binary for this machine" : null;

type Connect = (at: Address, endpoint: "primary" | "reader") => Promise<CacheClient>;

/** A client of one endpoint, by the name of its library. */
export const clientsOf: Readonly<Record<string, Connect>> = {
  async ioredis(at) {
    const redis = new Redis(at);
    redis.on("error", () => {}); // it reconnects by itself
    return familiar(redis);
  },
  async iovalkey(at) {
    const valkey = new Valkey(at);
    valkey.on("error", () => {}); // it reconnects by itself
    return familiar(valkey);
  },
  async "node-redis"(at) {
    const redis = createClient({ socket: at });
    redis.on("error", () => {}); // it reconnects by itself, and would throw without a listener
    await redis.connect();
    return {
      set: async (key, value) => void (await redis.set(key, value)),
      get: (key) => redis.get(key),
      [Symbol.asyncDispose]: async () => redis.destroy(),
    };
  },
  ...(glide !== null && { "valkey-glide": (at, endpoint) => glideClient([at], endpoint) }),
};

/** A client of a cluster that is found through one address, by the name of its library. */
export const clusterClientsOf: Readonly<Record<string, (at: Address) => Promise<CacheClient>>> = {
  async ioredis(at) {
    const cluster = new Cluster([at]);
    cluster.on("error", () => {}); // it connects again by itself
    return familiar(cluster);
  },
  async iovalkey(at) {
    const cluster = new ValkeyCluster([at]);
    cluster.on("error", () => {}); // it connects again by itself
    return familiar(cluster);
  },
  async "node-redis"(at) {
    const cluster = createCluster({ rootNodes: [{ socket: at }] });
    cluster.on("error", () => {}); // it connects again by itself, and would throw without a listener
    await cluster.connect();
    return {
      set: async (key, value) => void (await cluster.set(key, value)),
      get: (key) => cluster.get(key),
      [Symbol.asyncDispose]: async () => cluster.destroy(),
    };
  },
  ...(glide !== null && {
    async "valkey-glide"(at) {
      const options = { addresses: [at], requestTimeout: requestTimeoutMs };
      const client = await glide.GlideClusterClient.createClient(options);
      return {
        set: async (key, value) => void (await client.set(key, value)),
        get: async (key) => (await client.get(key))?.toString() ?? null,
        [Symbol.asyncDispose]: async () => client.close(),
      };
    },
  }),
};

/**
 * A glide client of the nodes of one shard, of which it finds the primary by itself; only when told
 * does it do without one.
 */
export async function glideClient(
  addresses: readonly Address[],
  endpoint: "primary" | "reader",
  readFrom: "primary" | "preferReplica" = "primary",
): Promise<CacheClient> {
  if (glide === null) throw new Error(String(glideProblem));
  const client = await glide.GlideClient.createClient({
    ...{ addresses: [...addresses], requestTimeout: requestTimeoutMs },
    ...(endpoint === "reader" ? { readOnly: true } : { readFrom }),
  });
  return {
    set: async (key, value) => void (await client.set(key, value)),
    get: async (key) => (await client.get(key))?.toString() ?? null,
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** ioredis, or its fork for Valkey. */
function familiar(redis: {
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  disconnect(): void;
}): CacheClient {
  return {
    set: async (key, value) => void (await redis.set(key, value)),
    get: (key) => redis.get(key),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}
