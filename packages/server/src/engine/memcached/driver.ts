import type { Clock } from "../../base/clock.ts";
import type { EngineDriver } from "../engine.ts";
import { nodeArguments } from "./options.ts";
import { readLine } from "./replies.ts";
import { MemcachedSession } from "./session.ts";
import { TextClient } from "./text-client.ts";

/**
 * Memcached. At its connection limit it accepts nobody, so that only the kept session goes on.
 * @param openFilesMax how many files a node's process may open (runtime/open-files.ts)
 */
export function createMemcachedDriver(clock: Clock, openFilesMax: number): EngineDriver {
  return {
    engines: ["memcached"],
    replicates: false,
    movesEndpoints: false,
    plan: (request) => ({
      executable: request.installed.path,
      args: nodeArguments(request, openFilesMax),
      config: null,
    }),
    async connect(address, _controlPassword, withinMs) {
      const deadlineMs = clock.monotonicMs() + withinMs;
      const client = await TextClient.open(clock, address, withinMs);
      const leftMs = Math.max(1, Math.ceil(deadlineMs - clock.monotonicMs()));
      try {
        // The kernel accepts connections for a process that is stuck; only an answer counts.
        const version = await client.send("version", "version\r\n", readLine, leftMs);
        if (!version.startsWith("VERSION ")) throw new Error("the node is not memcached");
      } catch (error) {
        client.close();
        throw error;
      }
      return new MemcachedSession(clock, client);
    },
    dataFiles: [],
    keepsData: () => false,
  };
}
