import { createRequire } from "node:module";

/** What these tests use of memjs, which comes without types. */
export interface MemjsClient {
  set(key: string, value: Buffer, options: { readonly expires: number }): Promise<boolean>;
  get(key: string): Promise<{ readonly value: Buffer | null }>;
  delete(key: string): Promise<boolean>;
  increment(
    key: string,
    amount: number,
    options: { readonly initial: number; readonly expires: number },
  ): Promise<{ readonly value: number }>;
  close(): void;
}

/** What these tests use of memcached-elasticache, which comes without types. */
export interface DiscoveringClient {
  on(event: "autoDiscover", listener: (nodes: readonly string[]) => void): void;
  set(key: string, value: string, seconds: number, done: Done): void;
  get(key: string, done: Done): void;
  getMulti(keys: readonly string[], done: Done): void;
  end(): void;
}

type Done = (error: unknown, result: unknown) => void;

const require = createRequire(import.meta.url);
const memjs = require("memjs") as {
  readonly Client: { create(servers: string, options?: object): MemjsClient };
};
const Discovering = require("memcached-elasticache") as new (
  endpoint: string,
  options: { readonly autoDiscoverInterval: number },
) => DiscoveringClient;

/** A memjs client of the servers "host:port,host:port". */
export function memjsClient(servers: string): MemjsClient {
  // Its own timeout of half a second is short for an item of megabytes on a busy machine. What it
  // logs, it also rejects with.
  return memjs.Client.create(servers, { timeout: 5, logger: { log: () => {} } });
}

/** A client that asks a configuration endpoint for its nodes, again and again. */
export function discoveringClient(endpoint: string, everyMs: number): DiscoveringClient {
  return new Discovering(endpoint, { autoDiscoverInterval: everyMs });
}

/** The outcome of a call that takes a callback. */
export function settled(call: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    });
  });
}
