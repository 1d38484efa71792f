// @ts-check
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { environment } from "./launch.js";
import { root } from "./record.js";

/** @type {ReadonlyMap<string, readonly string[]>} */
const steps = new Map([
  ["format", ["oxfmt", "--check"]],
  ["lint", ["oxlint", "--type-aware", "--deny-warnings"]],
  ["types", ["tsc", "--project", "."]],
  ["unused", ["knip"]],
]);

/**
 * Runs the checks, all of them even if one fails, and says how each ended.
 * @param {readonly string[]} args names of steps (all if none), and `--report FILE` for the counts
 * @returns {Promise<number>} the exit code
 */
export async function check(args) {
  const { names, report } = readArguments(args);
  const unknown = names.filter((name) => !steps.has(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no check ${unknown.join(", ")}; there are ${[...steps.keys()].join(", ")}\n`,
    );
    return 2;
  }
  const outcomes = [];
  for (const [name, command] of steps) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stdout.write(`check ${name}: ${command.join(" ")}\n`);
    const ok = await succeeds(command);
    process.stdout.write(`check ${name}: ${ok ? "ok" : "FAILED"}\n`);
    outcomes.push({ name, ok });
  }
  const failed = outcomes.filter((one) => !one.ok).map((one) => one.name);
  const passed = outcomes.length - failed.length;
  if (report !== null) writeFileSync(report, JSON.stringify({ passed, failed: failed.length }));
  process.stdout.write(
    failed.length === 0 ? "every check passed\n" : `checks that failed: ${failed.join(", ")}\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const at = args.indexOf("--report");
  if (at === -1) return { names: args, report: null };
  return {
    names: args.filter((_, index) => index !== at && index !== at + 1),
    report: args[at + 1] ?? null,
  };
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<boolean>}
 */
function succeeds([program = "", ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", cwd: root, env: environment() });
    child.on("error", (error) => {
      process.stderr.write(`${program} did not start: ${error.message}\n`);
      resolve(false);
    });
    child.on("close", (code) => resolve(code === 0));
  });
}
