import { systemClock } from "@larder/server/base/clock.ts";
import { nodeOptions } from "@larder/server/boot/node-options.ts";
import { createElastiCacheService } from "@larder/server/services/elasticache/service.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startHttp } from "../test/contract/support/server.ts";
import { installed } from "../test/contract/support/world.ts";

/** What the operations work with in this bench, beside the store. */
export const backend = {
  installed,
  vpc: { cidr: "127.31.0.0/16" },
  // AWS's default is for an account that has not asked for more.
  nodesPerRegion: Number.MAX_SAFE_INTEGER,
};

/** The API over a store, in a process of its own: service, store and HTTP, and no reconcilers. */
export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

const entry = fileURLToPath(import.meta.url);

/** Starts the server, with the options that Larder's own runs with. */
export async function startApiServer(databasePath: string): Promise<ApiServer> {
  const child = fork(entry, [databasePath], { execArgv: [...nodeOptions] });
  const exit = once(child, "exit");
  const ended = exit.then(() => {
    throw new Error("the server ended before it was ready");
  });
  const [url] = (await Promise.race([once(child, "message"), ended])) as [string];
  const { pid } = child;
  if (pid === undefined) throw new Error("the server has no process");
  return {
    ...{ url, pid },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}

/** Says where it listens, and serves until its parent is gone. */
async function serve(databasePath: string): Promise<void> {
  const store = openStore(databasePath, systemClock);
  const http = await startHttp([createElastiCacheService({ ...backend, store })]);
  process.once("disconnect", () => {
    void http.close().then(() => store.close());
  });
  process.send?.(http.url);
}

const [, script, databasePath] = process.argv;
if (script === entry && databasePath !== undefined) await serve(databasePath);
