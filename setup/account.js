// @ts-check
import { readFileSync } from "node:fs";
import { mustRun, say } from "./process.js";

/** The user that engines run as where the server is root. */
const account = "larder";

export function accountIsMissing() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return !readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .some((line) => line.startsWith(`${account}:`));
}

export async function addAccount() {
  say(`add the system user ${account}, which engines run as (useradd)`);
  const shell = ["--shell", "/usr/sbin/nologin"];
  await mustRun(["useradd", "--system", "--no-create-home", ...shell, account]);
}
