// @ts-check
import { spawn } from "node:child_process";

/** Set-up cannot go on; the message says why and what to do, and is shown without a stack. */
export class SetupError extends Error {}

/** @param {string} sentence */
export function say(sentence) {
  process.stdout.write(`set-up: ${sentence}\n`);
}

/**
 * Runs a program to its end. What it prints is kept, and shown only if it fails.
 * @param {readonly string[]} command the program and its arguments
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, options = {}) {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * @param {readonly string[]} command
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export async function mustRun(command, options) {
  const { ok, output } = await run(command, options);
  if (!ok) throw new SetupError(`\`${command.join(" ")}\` failed:\n${output.trimEnd()}`);
}

/**
 * Runs `work` so that Ctrl-C or a termination only ends this process once `work` has settled: its
 * `finally` blocks put the machine back as it was. The programs it runs get the signal of a
 * terminal themselves, and so end soon.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function finishingFirst(work) {
  /** @type {NodeJS.Signals | null} */
  let asked = null;
  const remember = (/** @type {NodeJS.Signals} */ signal) => {
    asked = signal;
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, remember);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, remember);
    if (asked !== null) process.kill(process.pid, asked);
  }
}
