// @ts-check
import { accountIsMissing, addAccount } from "./account.js";
import { debianCommands, installOnDebian } from "./debian.js";
import { exclusively } from "./exclusive.js";
import { installWithHomebrew } from "./homebrew.js";
import { SetupError, finishingFirst, say } from "./process.js";
import { isInstalled, missingPrograms, packagesFor, searchDirectories } from "./programs.js";
import { readRecord, writeRecord } from "./record.js";

/** @typedef {import("./programs.js").Program} Program */

/**
 * Makes sure that the programs a command needs are installed. When they are, it only looks.
 * @param {string} command of run.js
 */
export async function ensureEngines(command) {
  if (missingHere(command).length === 0 && !accountIsMissing()) return;
  await exclusively(
    "engines",
    () => finishingFirst(() => install(command)),
    () => {
      say("another set-up is installing engines; wait for it");
    },
  );
}

/**
 * What is missing, less what no source of this machine had when it was last asked.
 * @param {string} command
 */
function missingHere(command) {
  const directories = searchDirectories(process.env);
  const missing = missingPrograms(command, (name) => isInstalled(name, directories));
  if (missing.length === 0) return missing;
  const { unavailable } = readRecord();
  return missing.filter((one) => !(one.optional && unavailable.includes(one.apt)));
}

/** @param {string} command */
async function install(command) {
  if (accountIsMissing()) await addAccount();
  const missing = missingHere(command); // again: whoever had the lock may have installed it
  if (missing.length === 0) return;
  const directories = searchDirectories(process.env);
  const packageManager = ["apt-get", "brew"].find((name) => isInstalled(name, directories));
  if (packageManager === "brew") await installWithHomebrew(missing);
  else if (packageManager === "apt-get") await installWithApt(missing);
  else stopUnlessOptional(missing, []);
  stopUnlessOptional(missingHere(command), []);
}

/** @param {readonly Program[]} missing */
async function installWithApt(missing) {
  if (process.getuid?.() !== 0) {
    stopUnlessOptional(missing, await debianCommands(missing));
    return;
  }
  say(`missing: ${missing.map((one) => one.name).join(", ")}`);
  const unavailable = await installOnDebian(missing);
  if (unavailable.length === 0) return;
  say(`no source of packages has ${unavailable.join(", ")}: going on without`);
  writeRecord({ ...readRecord(), unavailable });
}

/**
 * @param {readonly Program[]} missing
 * @param {readonly string[]} commands that would install it
 */
function stopUnlessOptional(missing, commands) {
  if (missing.length === 0) return;
  const names = missing.map((one) => one.name).join(", ");
  const advice =
    commands.length === 0
      ? `install ${packagesFor(missing, "apt").join(", ")} (Debian's names) by hand`
      : `run these commands, then try again:\n${commands.map((one) => `  ${one}`).join("\n")}`;
  if (missing.some((one) => !one.optional)) throw new SetupError(`${names} missing: ${advice}`);
  say(`going on without ${names}. To have it, ${advice}`);
}
