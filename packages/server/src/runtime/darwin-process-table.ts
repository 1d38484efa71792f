import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  childOf,
  type PlacedProcess,
  type ProcessEntry,
  type ProcessTable,
} from "./process-table.ts";

const run = promisify(execFile);
const options = { env: { LC_ALL: "C", TZ: "UTC" }, maxBuffer: 16 * 1_024 * 1_024 };
const columns = "pid=,ppid=,pgid=,stat=,lstart=";

/** Asks ps and lsof, as macOS has no /proc. */
export const darwinProcessTable: ProcessTable = { find, workingBelow };

async function find(pid: number): Promise<ProcessEntry | null> {
  return (await list([pid])).get(pid) ?? null;
}

async function workingBelow(parent: string): Promise<readonly PlacedProcess[]> {
  const directories = parseWorkingDirectories(
    await output("/usr/sbin/lsof", ["-w", "-d", "cwd", "-F", "pn"]),
  );
  const places = [...directories].flatMap(([pid, path]) => {
    const directory = childOf(parent, path);
    return directory === null ? [] : [{ pid, directory }];
  });
  const entries = await list(places.map(({ pid }) => pid));
  return places.flatMap(({ pid, directory }) => {
    const entry = entries.get(pid);
    return entry?.running === true ? [{ ...entry, directory }] : [];
  });
}

async function list(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessEntry>> {
  if (pids.length === 0) return new Map();
  const text = await output("/bin/ps", ["-o", columns, "-p", pids.join(",")]);
  return new Map(parseProcessList(text).map((entry) => [entry.pid, entry]));
}

/** Reads the lines of `ps -o pid=,ppid=,pgid=,stat=,lstart=`. */
export function parseProcessList(text: string): readonly ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [pid, parentPid, groupId, state, ...start] = line.trim().split(/\s+/);
    if (state === undefined || start.length === 0) return [];
    return [
      {
        ...{ pid: Number(pid), parentPid: Number(parentPid), groupId: Number(groupId) },
        ...{ startedAt: start.join(" "), running: !state.startsWith("Z") },
      },
    ];
  });
}

/** Reads the output of `lsof -d cwd -F pn`: a line p and the pid, then a line n and the path. */
export function parseWorkingDirectories(text: string): ReadonlyMap<number, string> {
  const directories = new Map<number, string>();
  let pid = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith("p")) pid = Number(line.slice(1));
    if (line.startsWith("n")) directories.set(pid, line.slice(1));
  }
  return directories;
}

/** What a program prints. ps and lsof end with 1 when they found nothing, which is an answer. */
async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, [...args], options)).stdout;
  } catch (error) {
    const failed = error instanceof Error && "code" in error && error.code === 1;
    if (failed && "stdout" in error) return String(error.stdout);
    throw error;
  }
}
