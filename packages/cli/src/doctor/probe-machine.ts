import { access, constants, mkdtemp, open, readFile, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf } from "../failure.ts";
import type { DataDirFacts } from "./judge-machine.ts";

/** The content of a file of /proc or /sys; null where this system has none. */
export async function readKernelFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Another system, or a container that hides it: there is nothing to judge.
    return null;
  }
}

/** Looks at the data directory, or at where it would be made. Leaves nothing behind. */
export async function inspectDataDir(path: string): Promise<DataDirFacts> {
  const place = await nearestExisting(path);
  const { type, bavail, bsize } = await statfs(place);
  return {
    path,
    problem: await writingProblem(place),
    fileSystem: process.platform === "linux" ? type : null,
    freeBytes: bavail * bsize,
  };
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return nearestExisting(parent);
  }
}

/** Permissions alone do not tell (read-only mounts, quotas): a file is written and synced. */
async function writingProblem(directory: string): Promise<string | null> {
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    const own = await mkdtemp(join(directory, ".larder-doctor-"));
    try {
      await using file = await open(join(own, "probe"), "wx", 0o600);
      await file.writeFile("larder");
      await file.sync();
    } finally {
      await rm(own, { recursive: true, force: true });
    }
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * Whether a time service says that it keeps the clock: systemd-timesyncd leaves a file, which is
 * younger than the boot. Null when it does not run here; others do not say without being asked.
 */
export async function clockSynchronized(): Promise<boolean | null> {
  const runs = await exists("/run/systemd/timesync");
  return runs ? exists("/run/systemd/timesync/synchronized") : null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // The question is answered.
    return false;
  }
}

/** Whether /etc/passwd names the user; null where there is no such file to tell. */
export async function userExists(user: string): Promise<boolean | null> {
  const passwd = await readKernelFile("/etc/passwd");
  return passwd === null ? null : passwd.split("\n").some((line) => line.startsWith(`${user}:`));
}
