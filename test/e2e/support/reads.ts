import type { Address } from "@larder/server/resources/address.ts";
import { Redis } from "ioredis";

const answersWithinMs = 500;

/** The process id of the node that answers a new connection; rejects when none does. */
export async function answererAt(at: Address): Promise<number> {
  const redis = new Redis({
    ...at,
    ...{ lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 },
    ...{ connectTimeout: answersWithinMs, commandTimeout: answersWithinMs },
  });
  redis.on("error", () => {}); // the command rejects
  try {
    await redis.connect();
    const info = await redis.info("server");
    return Number(/process_id:(\d+)/.exec(info)?.[1]);
  } finally {
    redis.disconnect();
  }
}
