import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { listeningAddresses } from "./listeners.ts";

const first = 40;
const last = 250;
const mutexPort = 47_113;

/** A /16 of loopback addresses that no other test of this machine uses. */
export interface FreeNetwork extends Disposable {
  /** E.g. "127.112.0.0/16". */
  readonly cidr: string;
  /** An address outside the three zones' subnets, for the server itself. */
  readonly serverHost: string;
  /** Its place among all networks, from 0. */
  readonly index: number;
  /** An address in it: `address(16, 4)` is 127.N.16.4. */
  address(third: number, fourth: number): string;
}

/**
 * Takes a free network, for the life of this process or until it is disposed of. Its mutex is a
 * socket that listens in it, which the kernel closes however this process ends. A network in which
 * anything else listens is passed over: engines that a killed test run left may still live there.
 */
export async function freeNetwork(): Promise<FreeNetwork> {
  const count = last - first + 1;
  const start = randomInt(count);
  for (let step = 0; step < count; step += 1) {
    const index = (start + step) % count;
    const second = first + index;
    const mutex = await listen(`127.${second}.255.254`);
    if (mutex === null) continue;
    if (othersListenIn(second)) {
      mutex.close();
      continue;
    }
    return {
      cidr: `127.${second}.0.0/16`,
      serverHost: `127.${second}.255.1`,
      index,
      address: (third, fourth) => `127.${second}.${third}.${fourth}`,
      [Symbol.dispose]: () => mutex.close(),
    };
  }
  throw new Error(`every network from 127.${first}.0.0/16 to 127.${last}.0.0/16 is in use`);
}

/** A TCP port of `host` that was free a moment ago. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.on("error", reject);
  server.listen(0, host, () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}

function listen(host: string): Promise<Server | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Server | null>();
  const server = createServer((socket) => socket.destroy());
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(null);
    else reject(error);
  });
  server.listen({ host, port: mutexPort, exclusive: true }, () => {
    server.unref();
    resolve(server);
  });
  return promise;
}

/** Whether anything but the mutex listens in 127.`second`.0.0/16, as the kernel's table says. */
export function othersListenIn(second: number): boolean {
  return listeningAddresses().some(
    (one) => one.startsWith(`127.${second}.`) && !one.endsWith(`:${mutexPort}`),
  );
}
