import { searchPath } from "@larder/server/config.ts";
import type { Config } from "@larder/server/config.ts";
import { discoverEngines } from "@larder/server/engine/discovery.ts";
import type { InstalledEngine } from "@larder/server/resources/engine-name.ts";
import {
  type Vulnerability,
  vulnerabilitiesOf,
} from "@larder/server/resources/vulnerabilities/vulnerability.ts";

/** An installed engine and what is known to be wrong with its version. */
export interface ExaminedEngine {
  readonly installed: InstalledEngine;
  readonly vulnerabilities: readonly Vulnerability[];
}

/** The engines of this machine as the server finds them. */
export interface EngineFindings {
  readonly engines: readonly ExaminedEngine[];
  /** Binaries that look like engines, and why the server does not use them. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/** Looks where the server looks, in the same order. */
export async function examineEngines(config: Config): Promise<EngineFindings> {
  const { installed, leftOut } = await discoverEngines([...config.enginePath, ...searchPath()]);
  return {
    engines: installed.map((one) => ({ installed: one, vulnerabilities: vulnerabilitiesOf(one) })),
    leftOut,
  };
}
