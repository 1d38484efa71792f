// @ts-check
import { check } from "./check.js";
import { ensureEngines } from "./engines.js";
import { launch } from "./launch.js";
import { ensurePackages } from "./packages.js";
import { SetupError } from "./process.js";

/**
 * What stands behind `npm start`, `npm test` and the others: installs what is missing, then runs
 * the real thing with Larder's own Node. This folder works on a bare checkout, with any Node from
 * 18 on, and so imports nothing but Node's own modules.
 * @type {Readonly<Record<string, { script: string, args: readonly string[] }>>}
 */
const scripts = {
  start: { script: "packages/cli/src/main.ts", args: ["up"] },
  test: { script: "node_modules/vitest/vitest.mjs", args: ["run"] },
  bench: { script: "bench/main.ts", args: [] },
  chaos: { script: "test/chaos/main.ts", args: [] },
};

/** @param {readonly string[]} argv */
async function main([command = "", ...args]) {
  const script = scripts[command];
  if (script === undefined && command !== "check") {
    const known = [...Object.keys(scripts), "check"].join("|");
    throw new SetupError(`usage: node setup/run.js ${known} [arguments]`);
  }
  await ensurePackages();
  if (script === undefined) {
    process.exitCode = await check(args);
    return;
  }
  await ensureEngines(command);
  const { code, signal } = await launch(script.script, [...script.args, ...args]);
  if (signal !== null) process.kill(process.pid, signal);
  else process.exitCode = code ?? 1;
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(
    error instanceof SetupError ? `set-up: ${error.message}\n` : `${error.stack}\n`,
  );
  process.exitCode = 1;
});
