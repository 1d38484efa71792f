// @ts-check
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { mustRun, run } from "./process.js";

const policyPath = "/usr/sbin/policy-rc.d";
const policyMark = "# written by Larder's set-up";

/**
 * Debian asks this file before a package starts its service (invoke-rc.d(8)); 101 forbids it. Once
 * set-up's process is gone it forbids nothing, so that one left behind by SIGKILL does no harm.
 * @param {number} pid
 */
function policy(pid) {
  return `#!/bin/sh\n${policyMark}\nkill -0 ${pid} 2>/dev/null && exit 101\nexit 0\n`;
}

/**
 * Runs `work`, which installs packages, so that none of `services` runs or starts at boot
 * afterwards that did not before.
 * @param {readonly string[]} services
 * @param {() => Promise<void>} work
 */
export async function withoutNewServices(services, work) {
  const before = new Map();
  for (const name of services) before.set(name, await stateOf(name));
  const ours = forbidServices();
  try {
    await work();
  } finally {
    if (ours) rmSync(policyPath, { force: true });
    for (const name of services) await restore(name, before.get(name));
  }
}

/** False if the machine has a policy of its own, which then stays as it is. */
function forbidServices() {
  if (existsSync(policyPath) && !readFileSync(policyPath, "utf8").includes(policyMark))
    return false;
  writeFileSync(policyPath, policy(process.pid), { mode: 0o755 });
  return true;
}

/**
 * @param {string} name
 * @returns {Promise<{ active: boolean, enabled: boolean }>}
 */
async function stateOf(name) {
  const active = systemdRuns() && (await run(["systemctl", "is-active", name])).ok;
  return { active, enabled: await isEnabled(name) };
}

/**
 * @param {string} name
 * @param {{ active: boolean, enabled: boolean }} before
 */
async function restore(name, before) {
  const now = await stateOf(name);
  if (now.active && !before.active) await mustRun(["systemctl", "stop", name]);
  if (before.active && !now.active) await mustRun(["systemctl", "start", name]);
  if (now.enabled && !before.enabled) await disable(name);
}

/** @param {string} name */
async function isEnabled(name) {
  if (linkedAtBoot(name)) return true;
  return hasSystemctl() && (await run(["systemctl", "is-enabled", name])).ok;
}

/** @param {string} name */
async function disable(name) {
  // systemctl also works on the unit files of a system that runs no systemd at the moment.
  if (hasSystemctl()) await mustRun(["systemctl", "disable", name]);
  if (linkedAtBoot(name)) await mustRun(["update-rc.d", name, "disable"]);
}

/**
 * Whether System V init would start it.
 * @param {string} name
 */
function linkedAtBoot(name) {
  return ["2", "3", "4", "5"].some((level) => {
    const directory = `/etc/rc${level}.d`;
    if (!existsSync(directory)) return false;
    return readdirSync(directory).some((link) => /^S\d\d/.test(link) && link.slice(3) === name);
  });
}

function systemdRuns() {
  return existsSync("/run/systemd/system");
}

function hasSystemctl() {
  return existsSync("/usr/bin/systemctl") || existsSync("/bin/systemctl");
}
