import { controlUser } from "@larder/server/engine/engine.ts";
import type { Address } from "@larder/server/resources/address.ts";
import { Redis } from "ioredis";

/** CONFIG GET of everything, which only the control plane's own user may ask. */
export async function configAt(
  address: Address,
  controlPassword: string,
): Promise<Readonly<Record<string, string>>> {
  const redis = new Redis({ ...address, username: controlUser, password: controlPassword });
  try {
    const flat = (await redis.config("GET", "*")) as readonly string[];
    return Object.fromEntries(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : [])),
    );
  } finally {
    redis.disconnect();
  }
}

/** CONFIG SET of one directive, as the control plane's own user. */
export async function setConfigAt(
  address: Address,
  controlPassword: string,
  name: string,
  value: string,
): Promise<void> {
  const redis = new Redis({ ...address, username: controlUser, password: controlPassword });
  try {
    await redis.config("SET", name, value);
  } finally {
    redis.disconnect();
  }
}
