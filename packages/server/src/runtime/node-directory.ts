import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange } from "../resources/launch-plan.ts";

/** The user that engines run as. */
export interface EngineUser {
  readonly uid: number;
  readonly gid: number;
}

const configFile = "node.conf";
const logFile = "node.log";
/** A log larger than this is put aside when its node starts; one older log is kept. */
const logBytesMax = 5 * 1_024 * 1_024;
const tailBytesMax = 64 * 1_024;
/** A cluster of 500 nodes has a tenth of this to write of it. */
const engineFileBytesMax = 1_024 * 1_024;

// The directory belongs to the engine's user, so that an engine that was taken over could plant
// links and pipes in it: no name is followed, and no open waits for a writer.
const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } =
  constants;

/** Makes the directory if it is missing: for `user` alone, or for the server's own user. */
export async function prepareDirectory(path: string, user: EngineUser | null): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await using directory = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  await directory.chmod(0o700);
  if (user !== null) await directory.chown(user.uid, user.gid);
}

/**
 * Writes the configuration and opens it for reading. Only the server's user can read the file; the
 * engine gets it opened, and so needs no permission of its own.
 */
export async function writeConfig(directory: string, text: string): Promise<FileHandle> {
  const path = join(directory, configFile);
  const temporary = `${path}.new`;
  await rm(temporary, { recursive: true, force: true });
  {
    await using file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(temporary, path);
  return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** Writes a file of the engine's own, for the engine to go on with. */
export async function writeEngineFile(
  directory: string,
  name: string,
  change: Exclude<FileChange, null>,
  user: EngineUser | null,
): Promise<void> {
  checkName(name);
  const path = join(directory, name);
  const before = typeof change === "string" ? null : await readEngineFile(path);
  const text = typeof change === "string" ? change : change(before);
  if (text === null || text === before) return;
  const temporary = `${path}.new`;
  await rm(temporary, { recursive: true, force: true });
  {
    await using file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    await file.writeFile(text);
    if (user !== null) await file.chown(user.uid, user.gid);
    await file.sync();
  }
  // In one step, since the engine cannot do without what stood in it.
  await rename(temporary, path);
}

/** The text of a file of the engine's own; null if there is none, or one that no engine writes. */
async function readEngineFile(path: string): Promise<string | null> {
  const found = await stat(path);
  if (found === null || !found.isFile() || found.size > engineFileBytesMax) return null;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  return file.readFile("utf8");
}

/** Opens the log to append to, after putting a large one aside. */
export async function openLog(directory: string): Promise<FileHandle> {
  const path = join(directory, logFile);
  const found = await stat(path);
  if (found !== null && !found.isFile()) await rm(path, { recursive: true });
  else if (found !== null && found.size > logBytesMax) await rename(path, `${path}.1`);
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  return open(path, flags, 0o600);
}

/** The last lines of the log, without characters that could act on a terminal; "" without a log. */
export async function readLogTail(directory: string, lines: number): Promise<string> {
  const path = join(directory, logFile);
  const found = await stat(path);
  if (found === null || !found.isFile()) return "";
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const length = Math.min(found.size, tailBytesMax);
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, found.size - length);
  const text = buffer.toString("utf8", 0, bytesRead).trimEnd();
  const shown = text.split("\n").slice(-lines);
  return shown.map((line) => line.replaceAll(/\p{Cc}/gu, "?")).join("\n");
}

/** Removes the files and folders that `names` name; a name with * stands for all that match. */
export async function removeFiles(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    for (const one of await matching(directory, name)) {
      await rm(join(directory, one), { recursive: true, force: true });
    }
  }
}

/** Whether one of `names` exists. A name with * stands for leftovers, which are no data set. */
export async function hasFiles(directory: string, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    checkName(name);
    if (!name.includes("*") && (await stat(join(directory, name))) !== null) return true;
  }
  return false;
}

/** Whether `path` is a directory itself, not a link to one. */
export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path))?.isDirectory() ?? false;
}

async function matching(directory: string, name: string): Promise<readonly string[]> {
  checkName(name);
  if (!name.includes("*")) return [name];
  const parts = name.split("*").map((part) => part.replaceAll(/[^A-Za-z0-9]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  try {
    return (await readdir(directory)).filter((one) => pattern.test(one));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A name that stays in its directory. */
function checkName(name: string): void {
  if (!/^[A-Za-z0-9*][A-Za-z0-9*._-]*$/.test(name)) throw new Error("not the name of a data file");
}

async function stat(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether nothing is there. Below something that is no directory, nothing can be. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return error.code === "ENOENT" || error.code === "ENOTDIR";
}
