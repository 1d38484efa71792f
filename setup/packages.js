// @ts-check
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { exclusively } from "./exclusive.js";
import { SetupError, finishingFirst, mustRun, run, say } from "./process.js";
import { readRecord, root, writeRecord } from "./record.js";

/** The Node that everything runs with: it comes as a package, whatever started set-up. */
export const node = `${root}/node_modules/node/bin/node`;

const lockFile = `${root}/package-lock.json`;
const installedFile = `${root}/node_modules/.package-lock.json`;

/** Installs the npm packages of the lock file, unless they are installed. */
export async function ensurePackages() {
  if (areInstalled()) return;
  await exclusively(
    root,
    () => finishingFirst(install),
    () => {
      say("another set-up is installing this checkout's packages; wait for it");
    },
  );
}

function areInstalled() {
  return existsSync(node) && readRecord().lock === lockDigest();
}

function lockDigest() {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

async function install() {
  if (areInstalled()) return; // whoever had the lock before did it
  if (!installedByHand()) {
    say("install npm packages from package-lock.json (npm ci)");
    // Whatever NODE_ENV says: tests and checks need the development packages too.
    await mustRun([...npm(), "ci", "--include=dev"], { cwd: root });
  }
  if (!existsSync(node)) await installNode();
  writeRecord({ lock: lockDigest(), unavailable: [] });
}

/** Whether a developer's own `npm install` already put what the lock file names. */
function installedByHand() {
  if (!existsSync(installedFile)) return false;
  const locked = JSON.parse(readFileSync(lockFile, "utf8"));
  return fulfils(JSON.parse(readFileSync(installedFile, "utf8")), locked);
}

/**
 * @typedef {{ packages: Record<string, {
 *   version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }> }} Lock
 */

/**
 * Whether what npm recorded as installed is what the lock file names. Optional packages may be
 * missing: most of them are for other platforms.
 * @param {Lock} installed
 * @param {Lock} locked
 */
export function fulfils(installed, locked) {
  const inModules = Object.entries(locked.packages).filter(([path]) =>
    path.startsWith("node_modules/"),
  );
  return inModules.every(([path, wanted]) => {
    const there = installed.packages[path];
    if (there === undefined) return wanted.optional === true || wanted.devOptional === true;
    return there.version === wanted.version;
  });
}

/** Where install scripts are off, the package of Node is there but has not fetched its program. */
async function installNode() {
  say("fetch the Node program (the install step of the npm package `node`)");
  const cwd = `${root}/node_modules/node`;
  const { output } = await run([process.execPath, "installArchSpecificPackage.js"], { cwd });
  if (existsSync(node)) return;
  throw new SetupError(
    `the npm package \`node\` did not bring its program to ${node}. Allow its install script ` +
      `(npm config get ignore-scripts) and run \`npm ci\`.\n${output.trimEnd()}`,
  );
}

/** The npm that started us, or the one on PATH. */
function npm() {
  const path = process.env["npm_execpath"] ?? "";
  return path.endsWith("npm-cli.js") ? [process.execPath, path] : ["npm"];
}
