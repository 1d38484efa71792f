import type { Clock } from "../../base/clock.ts";
import type { EngineDriver } from "../engine.ts";
import { nodeConfig } from "./config.ts";
import { ControlConnection } from "./connection.ts";
import { readForeignEngine } from "./foreign-engine.ts";
import { clusterFiles } from "./cluster-files.ts";
import { keepsData } from "./parameters.ts";
import { RedisFamilySession } from "./session.ts";

/** Redis and Valkey, which share their configuration, commands and files. */
export function createRedisFamilyDriver(clock: Clock): EngineDriver {
  return {
    engines: ["redis", "valkey"],
    replicates: true,
    movesEndpoints: true,
    plan: (request) => ({
      executable: request.installed.path,
      // "-" reads the configuration from standard input: no argument, and so no process list,
      // ever shows a secret.
      args: ["-"],
      config: nodeConfig(request),
      files: clusterFiles(request),
    }),
    async connect(address, controlPassword, withinMs, clusterMode = false) {
      const connection = await ControlConnection.open(clock, address, controlPassword, withinMs);
      return new RedisFamilySession(clock, connection, clusterMode);
    },
    readForeign: (place, databases, withinMs) =>
      readForeignEngine(clock, place, databases, withinMs),
    // Saves that were cut off leave temp-… files behind.
    dataFiles: ["dump.rdb", "appendonlydir", "temp-*.rdb", "temp-rewriteaof-*.aof"],
    keepsData,
  };
}
