import { inspect } from "node:util";
import { ConfigError, readConfig } from "@larder/server/config.ts";
import type { Config } from "@larder/server/config.ts";
import { Command } from "commander";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { env } from "./commands/env.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import { Failure, reasonOf } from "./failure.ts";
import { badConfigurationExitCode } from "./restart-policy.ts";
import { processTerminal } from "./terminal.ts";
import { version } from "./version.ts";

const terminal = processTerminal();

const program = new Command("larder")
  .description("A managed in-memory cache service that you run yourself.")
  .version(`larder ${version}`, "-v, --version", "print the version")
  .helpOption("-h, --help", "print this help")
  .helpCommand("help [command]", "print the help of a command")
  .showSuggestionAfterError();

program
  .command("up")
  .description("run the server in the foreground; Ctrl-C stops it, caches keep running")
  .action(() => run((config) => up(config, terminal)));
program
  .command("down")
  .description("save and stop every node, then the server")
  .action(() => run((config) => down(config, terminal)));
program
  .command("status")
  .description("show caches, shards and nodes")
  .option("--json", "as JSON")
  .action((options: { json?: boolean }) => run((config) => status(config, terminal, options)));
program
  .command("env")
  .description(`print the settings of AWS clients, for: eval "$(npx larder env)"`)
  .action(() => run((config) => env(config, terminal)));
program
  .command("doctor")
  .description("check this machine; ends with 1 when something must be fixed")
  .option("--json", "as JSON")
  .action((options: { json?: boolean }) => run((config) => doctor(config, terminal, options)));
program
  .command("version")
  .description("print the version")
  .action(() => terminal.say(`larder ${version}`));

await program.parseAsync();

/** Runs a command; what goes wrong becomes one sentence and an exit code. */
async function run(command: (config: Config) => Promise<void>): Promise<void> {
  let config: Config | null = null;
  try {
    config = readConfig();
    await command(config);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    terminal.complain(`larder: ${sentence(error)}`);
    // For whoever looks for the reason behind the sentence.
    if (config?.logLevel === "debug") terminal.complain(inspect(error));
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return badConfigurationExitCode;
  return error instanceof Failure ? error.exitCode : 1;
}

function sentence(error: unknown): string {
  if (error instanceof Failure || error instanceof ConfigError) return error.message;
  return `${reasonOf(error)} (LARDER_LOG_LEVEL=debug shows more)`;
}
