import { readFile } from "node:fs/promises";

/** Assumed where the limit cannot be read: what macOS lets a process have without asking. */
const openFilesFallback = 10_240;

/** How many files a process started from here may open at most (its hard limit). */
export async function openFilesLimit(): Promise<number> {
  try {
    return parseOpenFilesLimit(await readFile("/proc/self/limits", "utf8"));
  } catch {
    return openFilesFallback; // no /proc here
  }
}

/** Reads the line "Max open files  SOFT  HARD  files" of /proc/PID/limits. */
export function parseOpenFilesLimit(text: string): number {
  const hard = /^Max open files\s+\S+\s+(\d+|unlimited)/m.exec(text)?.[1];
  if (hard === undefined) return openFilesFallback;
  return hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}
