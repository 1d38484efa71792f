import { takeLock } from "@larder/gateway/lock.ts";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config.ts";

/**
 * Makes the data directory, for its owner alone, and takes it for this process. The kernel gives it
 * back however the process ends.
 * @throws ConfigError when it cannot be used, or another server has it
 */
export function takeDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`LARDER_DATA_DIR cannot be used: ${reason}`);
  }
  if (!takeLock(join(path, "server.lock"))) {
    throw new ConfigError(`another Larder server uses ${path}; set LARDER_DATA_DIR to another`);
  }
}
