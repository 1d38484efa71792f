import { nodeOptions } from "@larder/server/boot/node-options.ts";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@larder/server/base/clock.ts";
import type { Config } from "@larder/server/config.ts";
import { endpointOf } from "../address.ts";
import { examineEngines } from "../engines.ts";
import { Failure, reasonOf } from "../failure.ts";
import { badConfigurationExitCode } from "../restart-policy.ts";
import { askHealth, isListening } from "../server-client.ts";
import type { Terminal } from "../terminal.ts";
import { lastWords } from "../up/last-words.ts";
import { openLogFile } from "../up/log-file.ts";
import type { LogFile } from "../up/log-file.ts";
import { parseLogLine, readableLine, warnLevel } from "../up/log-line.ts";
import { startParent } from "../up/parent.ts";
import type { Parent, ParentEnd, ParentEvents } from "../up/parent.ts";
import { readyText } from "../up/ready-text.ts";
import { version } from "../version.ts";

const logSizeMaxBytes = 10 * 1_024 * 1_024;
const healthWithinMs = 1_000;
/** A second signal this soon is the first one again: a terminal and npm both send it. */
const sameSignalMs = 1_000;

/**
 * `larder up`: runs the server in the foreground and starts it again when it dies.
 * @throws Failure when the server refuses to start
 */
export async function up(config: Config, terminal: Terminal): Promise<void> {
  const endpoint = endpointOf(config);
  const log = openServerLog(config);
  const parent = startParent({
    clock: systemClock,
    program: [...nodeOptions, fileURLToPath(import.meta.resolve("@larder/server/main.ts"))],
    isHealthy: healthCheck(endpoint, await isListening(endpoint)),
    events: eventsFor(config, terminal, log),
  });
  const release = stopOnSignals(parent, terminal);
  try {
    sayHowItEnded(await parent.ended, terminal, log.path);
  } finally {
    release();
    log.close();
  }
}

/**
 * Whether our server answers at `endpoint`. What listened there before it was started is another
 * one, whose answers say nothing of ours; ours is still finding out that it cannot have the port.
 */
function healthCheck(endpoint: string, wasTaken: boolean): (pid: number) => Promise<boolean> {
  let taken = wasTaken;
  return async (pid) => {
    if (taken) {
      taken = await isListening(endpoint);
      return false;
    }
    const health = await askHealth(endpoint, healthWithinMs);
    return health !== null && (health.pid === undefined || health.pid === pid);
  };
}

function openServerLog(config: Config): LogFile {
  try {
    return openLogFile(join(config.dataDir, "server.log"), logSizeMaxBytes);
  } catch (error) {
    throw new Failure(
      `Cannot write in the data directory: ${reasonOf(error)}. Set LARDER_DATA_DIR to a ` +
        "directory that you can write in.",
      { cause: error, exitCode: badConfigurationExitCode },
    );
  }
}

function eventsFor(config: Config, terminal: Terminal, log: LogFile): ParentEvents {
  return {
    line(text) {
      log.write(text);
      const record = parseLogLine(text);
      if (record !== null && record.level >= warnLevel) {
        terminal.say(readableLine(record, terminal.colors));
      }
    },
    ready(_pid, again) {
      if (again) {
        terminal.say("The server is back.");
        return;
      }
      void sayReady(config, terminal, log.path);
    },
    died(how, standardError, afterMs) {
      const words = lastWords(standardError);
      const said = words === "" ? "" : `: ${words}`;
      terminal.complain(
        `The server died (${how})${said}. Starting it again in ${(afterMs / 1_000).toFixed(1)} s.`,
      );
    },
  };
}

async function sayReady(config: Config, terminal: Terminal, logPath: string): Promise<void> {
  const { engines } = await examineEngines(config);
  terminal.say(readyText(config, engines, logPath, version, terminal.colors));
}

function stopOnSignals(parent: Parent, terminal: Terminal): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let firstAtMs: number | null = null;
  const onSignal = () => {
    const nowMs = systemClock.monotonicMs();
    if (firstAtMs === null) {
      firstAtMs = nowMs;
      terminal.say("\nStopping the server. Its caches keep running.");
    } else if (nowMs - firstAtMs < sameSignalMs) {
      return;
    }
    parent.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

function sayHowItEnded(
  { because, standardError }: ParentEnd,
  terminal: Terminal,
  logPath: string,
): void {
  switch (because) {
    case "told":
      terminal.say("Stopped. `npx larder up` takes its caches up again.");
      return;
    case "asked":
      terminal.say("The server has stopped, as it was asked to.");
      return;
    case "bad configuration":
      // The server has put it in a sentence.
      throw new Failure(standardError.trim() || "The server refuses its configuration.", {
        exitCode: badConfigurationExitCode,
      });
    case "keeps failing":
      throw new Failure(
        `The server does not start: ${lastWords(standardError) || "it said nothing"}. ` +
          `The rest is in ${logPath}.`,
      );
  }
}
