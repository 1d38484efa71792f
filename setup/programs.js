// @ts-check
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A program that Larder runs, and the packages that bring it.
 * @typedef {object} Program
 * @property {string} name as found on PATH
 * @property {string} apt the Debian package
 * @property {string} brew Homebrew's formula
 * @property {boolean} optional set-up goes on without it if no source of packages has it
 * @property {readonly string[]} neededFor commands of run.js
 */

const everyRun = ["start", "test", "bench", "chaos"];

/** @type {readonly Program[]} */
export const programs = [
  need("redis-server", "redis-server", "redis"),
  need("redis-cli", "redis-tools", "redis"),
  need("redis-benchmark", "redis-tools", "redis"),
  need("memcached", "memcached", "memcached"),
  { ...need("valkey-server", "valkey-server", "valkey"), optional: true },
  { ...need("valkey-cli", "valkey-tools", "valkey"), optional: true },
  { ...need("valkey-benchmark", "valkey-tools", "valkey"), optional: true },
  { ...need("aws", "awscli", "awscli"), neededFor: ["test"] },
];

/**
 * @param {string} name
 * @param {string} apt
 * @param {string} brew
 * @returns {Program}
 */
function need(name, apt, brew) {
  return { name, apt, brew, optional: false, neededFor: everyRun };
}

/**
 * The programs that a command needs and that are not there.
 * @param {string} command
 * @param {(name: string) => boolean} isThere
 */
export function missingPrograms(command, isThere) {
  return programs.filter((one) => one.neededFor.includes(command) && !isThere(one.name));
}

/**
 * The packages that bring `missing`, each once.
 * @param {readonly Program[]} missing
 * @param {"apt" | "brew"} manager
 */
export function packagesFor(missing, manager) {
  return [...new Set(missing.map((one) => one[manager]))];
}

/**
 * Where programs are looked for: the same places, in the same order, as the server looks.
 * @param {NodeJS.ProcessEnv} env
 */
export function searchDirectories(env) {
  const places = `${env["LARDER_ENGINE_PATH"] ?? ""}${delimiter}${env["PATH"] ?? ""}`;
  return places.split(delimiter).filter((place) => place !== "");
}

/**
 * @param {string} name
 * @param {readonly string[]} directories
 */
export function isInstalled(name, directories) {
  return directories.some((directory) => isExecutable(join(directory, name)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run: either way it cannot be used
  }
}
