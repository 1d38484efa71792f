#!/usr/bin/env node
// The command `larder`. Whatever Node started it, the CLI runs with the one from node_modules.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const node = findUpward(here, "node_modules/node/bin/node");

if (node === null) {
  process.stderr.write(
    "larder: its packages are not installed. Run `npm ci` in Larder's folder.\n",
  );
  process.exitCode = 1;
} else {
  run(node);
}

/** @param {string} program */
function run(program) {
  const main = join(here, "../src/main.ts");
  const args = ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)];
  const child = spawn(program, args, { stdio: "inherit" });
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal's Ctrl-C reaches the child by itself; a second one would mean "at once".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => {
    process.stderr.write(`larder: ${program} did not start: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("close", (code, signal) => {
    for (const one of signals) process.off(one, forward);
    if (signal === null) process.exitCode = code ?? 1;
    else process.kill(process.pid, signal);
  });
}

/**
 * @param {string} directory
 * @param {string} path
 * @returns {string | null}
 */
function findUpward(directory, path) {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, path))) return join(at, path);
    if (at === dirname(at)) return null;
  }
}
