// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where this checkout is. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const path = `${root}/node_modules/.larder-setup.json`;

/**
 * What set-up did in this checkout. It lies in node_modules, and so goes when that goes.
 * @typedef {object} SetupRecord
 * @property {string} lock SHA-256 of the package-lock.json that was installed
 * @property {readonly string[]} unavailable optional packages that no source had
 */

/** @returns {SetupRecord} */
export function readRecord() {
  if (!existsSync(path)) return { lock: "", unavailable: [] };
  return JSON.parse(readFileSync(path, "utf8"));
}

/** @param {SetupRecord} record */
export function writeRecord(record) {
  writeFileSync(path, JSON.stringify(record));
}
