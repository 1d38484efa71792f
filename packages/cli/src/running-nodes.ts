import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@larder/server/base/clock.ts";
import type { Config } from "@larder/server/config.ts";
import { openProcessRuntime } from "@larder/server/runtime/process-runtime.ts";

/** How many nodes of this data directory run, whether or not a server does. Changes nothing. */
export async function countRunningNodes({ dataDir }: Config): Promise<number> {
  // Opening the runtime would make the directory.
  if (!existsSync(join(dataDir, "nodes"))) return 0;
  const runtime = await openProcessRuntime({ dataDir, user: null, clock: systemClock });
  const { processes } = await runtime.survey();
  return new Set(processes.map((one) => one.uid)).size;
}
