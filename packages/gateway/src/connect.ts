import { connect, type Socket } from "node:net";
import type { Target, Targets } from "./targets.ts";

/** How long a target may take to accept a connection before the next is tried. */
const connectTimeoutMs = 1_000;
/** Finds peers that vanished without a word. */
const keepAliveAfterMs = 60_000;

/** What every connection through the gateway is set to, on both of its sides. */
export const socketOptions = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: keepAliveAfterMs,
} as const;

/**
 * Connects a client to the best target that accepts, trying each once. The client counts among the
 * target's from the attempt on, so that a burst of clients spreads before the first is connected.
 * Resolves with null when no target accepts, or when the client went meanwhile.
 */
export async function connectToTarget(client: Socket, targets: Targets): Promise<Socket | null> {
  const tried = new Set<Target>();
  while (!client.destroyed) {
    const target = targets.choose(tried);
    if (target === null) return null;
    tried.add(target);
    target.clients.add(client);
    const upstream = await tryTarget(target);
    if (upstream !== null && !client.destroyed) {
      client.once("close", () => target.clients.delete(client));
      return upstream;
    }
    target.clients.delete(client);
    upstream?.destroy();
    if (upstream === null) targets.skip(target);
  }
  return null;
}

/** The connection, or null when the target refuses it or takes too long. */
function tryTarget(target: Target): Promise<Socket | null> {
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  const upstream = connect({ ...socketOptions, host: target.host, port: target.port });
  upstream.setTimeout(connectTimeoutMs, () => upstream.destroy());
  upstream.once("connect", () => {
    upstream.setTimeout(0);
    resolve(upstream);
  });
  // Every failure ends in "close"; the reason changes nothing, as the next target is tried.
  upstream.on("error", () => {});
  upstream.once("close", () => resolve(null));
  return promise;
}
