import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
import { createLog } from "./base/log.ts";
import { takeDataDirectory } from "./boot/data-directory.ts";
import { ConfigError, readConfig } from "./config.ts";

/** Cannot start as configured: starting again would not help (EX_CONFIG of sysexits). */
const exitConfig = 78;

try {
  const config = readConfig();
  takeDataDirectory(config.dataDir);
  // Code that was compiled once is not compiled again: a server that is started anew takes up its
  // caches in half the time. The directory is its owner's alone, as whoever writes there, runs here.
  enableCompileCache(join(config.dataDir, "compiled"));
  const { startServer } = await import("./server.ts");
  await startServer(config, createLog(config.logLevel));
  // Not only at the exit: it may be killed.
  flushCompileCache();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(exitConfig);
}
