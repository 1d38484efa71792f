import { readdir, readFile, readlink } from "node:fs/promises";
import {
  childOf,
  type PlacedProcess,
  type ProcessEntry,
  type ProcessTable,
} from "./process-table.ts";

/** Reads /proc. */
export const linuxProcessTable: ProcessTable = { find, workingBelow };

async function find(pid: number): Promise<ProcessEntry | null> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function workingBelow(parent: string): Promise<readonly PlacedProcess[]> {
  const names = await readdir("/proc");
  const found = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => place(parent, Number(name))),
  );
  return found.filter((one) => one !== null);
}

async function place(parent: string, pid: number): Promise<PlacedProcess | null> {
  const path = await workingDirectory(pid);
  const directory = path === null ? null : childOf(parent, path);
  if (directory === null) return null;
  const entry = await find(pid);
  return entry === null || !entry.running ? null : { ...entry, directory };
}

async function workingDirectory(pid: number): Promise<string | null> {
  try {
    // The kernel marks a directory that was removed under a process.
    return (await readlink(`/proc/${pid}/cwd`)).replace(/ \(deleted\)$/, "");
  } catch {
    return null; // it ended meanwhile, or belongs to a user whose processes are not ours
  }
}

/**
 * Reads /proc/PID/stat (proc(5)). The command's name may hold any character, parentheses too, so
 * that fields are counted from the last one.
 */
export function parseStat(text: string): ProcessEntry | null {
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).split(" ");
  const [state, parentPid, groupId] = fields;
  const threads = Number(fields[17]);
  const startedAt = fields[19];
  const pid = Number.parseInt(text, 10);
  if (nameEnd < 0 || !Number.isInteger(pid) || startedAt === undefined) return null;
  // The first thread can be a zombie while others still end, and they hold the files.
  const running = (state !== "Z" && state !== "X") || threads > 1;
  return { pid, parentPid: Number(parentPid), groupId: Number(groupId), startedAt, running };
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "ENOENT" || code === "ESRCH";
}
