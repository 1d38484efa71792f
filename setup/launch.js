// @ts-check
import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { node } from "./packages.js";
import { root } from "./record.js";

/** Node says so of type stripping and SQLite at every start; both are meant. */
const nodeOptions = ["--disable-warning=ExperimentalWarning"];

/**
 * Runs a script with Larder's Node in the foreground, as if it were this process: it has our
 * terminal and gets our signals.
 * @param {string} script relative to the checkout
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
export function launch(script, args) {
  const child = spawn(node, [...nodeOptions, `${root}/${script}`, ...args], {
    stdio: "inherit",
    cwd: root,
    env: environment(),
  });
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal's Ctrl-C reaches the child by itself; a second one would mean "at once".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const one of signals) process.off(one, forward);
      resolve({ code, signal });
    });
  });
}

/** The environment in which `node` is Larder's Node, and tools are those of the lock file. */
export function environment() {
  const path = `${root}/node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH: path };
}
