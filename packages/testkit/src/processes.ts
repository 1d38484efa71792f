import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { until } from "./until.ts";

/** The ids of the processes whose working directory is `directory` or below it (Linux). */
export function processesBelow(directory: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const cwd = workingDirectory(pid);
      return cwd !== null && (cwd === directory || cwd.startsWith(`${directory}/`));
    });
}

/** Ends (SIGKILL) every process that works below `directory`; resolves once they are gone. */
export async function endProcessesBelow(directory: string): Promise<void> {
  await until(
    `no process works below ${directory}`,
    () => {
      const left = processesBelow(directory).filter((pid) => pid !== process.pid);
      for (const pid of left) kill(pid);
      return left.length === 0 || `still there: ${left.map(nameOf).join(", ")}`;
    },
    { withinMs: 10_000 },
  );
}

function workingDirectory(pid: number): string | null {
  try {
    // The kernel marks a directory that was removed under a process.
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch {
    return null; // it ended meanwhile, is a zombie, or is somebody else's: not one that we started
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function nameOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (${pid})`;
  } catch {
    return String(pid); // it ended between the two looks
  }
}
