import { endpointOf } from "../address.ts";
import { vulnerabilitySummary } from "../doctor/judge-engine.ts";
import type { ExaminedEngine } from "../engines.ts";
import type { Colors } from "../terminal.ts";
import type { Config } from "@larder/server/config.ts";

/** What `larder up` prints once the server answers. */
export function readyText(
  config: Config,
  engines: readonly ExaminedEngine[],
  logPath: string,
  version: string,
  colors: Colors,
): string {
  const found = engines.map(({ installed }) => `${installed.engine} ${installed.binaryVersion}`);
  const facts = {
    Credentials: colors.cyan(`eval "$(npx larder env)"`),
    Engines: found.length === 0 ? colors.red("none found") : found.join(", "),
    Data: config.dataDir,
    Log: logPath,
  };
  const warnings = engines
    .filter(({ vulnerabilities }) => vulnerabilities.length > 0)
    .map(
      (one) =>
        `  ${colors.yellow("!")} ${vulnerabilitySummary(one)}: see ${colors.cyan("npx larder doctor")}`,
    );
  return [
    `${colors.bold(`Larder ${version}`)} is ready at ${colors.bold(endpointOf(config))}`,
    "",
    ...Object.entries(facts).map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
    ...(warnings.length === 0 ? [] : ["", ...warnings]),
    "",
    colors.dim("Ctrl-C stops the server; caches keep running."),
  ].join("\n");
}
