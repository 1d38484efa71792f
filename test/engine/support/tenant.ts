import { Redis } from "ioredis";
import type { Address } from "@larder/server/resources/address.ts";

/** A client as a user of the cache has it, that neither retries nor reconnects. */
export interface Tenant extends AsyncDisposable {
  readonly redis: Redis;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
}

/** Connects to a redis or valkey node without logging in. */
export async function tenant(address: Address): Promise<Tenant> {
  const redis = new Redis({
    ...{ host: address.host, port: address.port, retryStrategy: null, maxRetriesPerRequest: 0 },
    ...{ lazyConnect: true, enableOfflineQueue: false },
  });
  redis.on("error", () => {}); // seen by the command that fails
  const ended = new Promise<void>((resolve) => void redis.once("end", () => resolve()));
  await redis.connect();
  return { redis, ended, [Symbol.asyncDispose]: async () => redis.disconnect() };
}
