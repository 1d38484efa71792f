import { openSync } from "node:fs";
import { join, relative } from "node:path";

/** What fits into sockaddr_un with its closing zero: 108 bytes on Linux, 104 on macOS. */
const pathBytesMax = process.platform === "linux" ? 107 : 103;

/**
 * A path of the unix socket `name` in `directory` that this process can connect to, however long
 * the directory's own path is. The directory must exist. Throws an Error with a sentence.
 */
export function reachableSocketPath(directory: string, name: string): string {
  const path = join(directory, name);
  const near = relative(process.cwd(), path);
  for (const candidate of [path, near]) {
    if (Buffer.byteLength(candidate) <= pathBytesMax) return candidate;
  }
  if (process.platform === "linux") {
    // Held open for the life of the process, as the path goes through the descriptor.
    return `/proc/self/fd/${openSync(directory, "r")}/${name}`;
  }
  throw new Error(
    `${path} is too long for a unix socket (${pathBytesMax} bytes at most): ` +
      "choose a data directory with a shorter path.",
  );
}
