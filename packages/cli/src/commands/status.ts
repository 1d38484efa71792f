import type { Config } from "@larder/server/config.ts";
import type { StatusReport } from "@larder/server/resources/status-report.ts";
import { findRootKey } from "../credentials.ts";
import { createServerClient } from "../server-client.ts";
import { statusText } from "../status-table.ts";
import type { Terminal } from "../terminal.ts";

const answerWithinMs = 10_000;

/** `larder status`: what runs, as a table or (with `json`) as the server's own report. */
export async function status(
  config: Config,
  terminal: Terminal,
  options: { readonly json?: boolean },
): Promise<void> {
  const client = createServerClient(config, () => findRootKey(config));
  // Our own server's answer, of our own version: its type is shared, not checked again.
  const report = JSON.parse(
    await client.request("GET", "/larder/status", answerWithinMs),
  ) as StatusReport;
  terminal.say(options.json ? JSON.stringify(report, null, 2) : statusText(report, terminal));
}
