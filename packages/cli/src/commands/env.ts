import type { Config } from "@larder/server/config.ts";
import { endpointOf } from "../address.ts";
import { findAwsCli } from "../aws-cli.ts";
import { findRootKey } from "../credentials.ts";
import { envLines } from "../env-lines.ts";
import type { Terminal } from "../terminal.ts";

/** `larder env`: prints the lines that a shell evaluates to reach the server. */
export async function env(config: Config, terminal: Terminal): Promise<void> {
  const key = await findRootKey(config);
  const client = { ...key, region: config.region, endpoint: endpointOf(config) };
  for (const line of envLines(client, await findAwsCli())) terminal.say(line);
}
