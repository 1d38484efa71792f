// @ts-check
import { mustRun, say } from "./process.js";
import { packagesFor } from "./programs.js";

/** @typedef {import("./programs.js").Program} Program */

/**
 * Homebrew starts no service by itself, and refuses to run as root.
 * @param {readonly Program[]} missing
 */
export async function installWithHomebrew(missing) {
  const formulas = packagesFor(missing, "brew");
  say(`install ${formulas.join(", ")} (brew install)`);
  await mustRun(["brew", "install", ...formulas]);
}
