import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A log on disk that never takes more than twice its bound. */
export interface LogFile {
  readonly path: string;
  /** Appends one line. Never throws: a full disk must not end the server's parent. */
  write(line: string): void;
  close(): void;
}

/**
 * Opens the log, and its directory if that is missing. Past `sizeMaxBytes` it becomes `path`.1,
 * in place of the one before, and a new one begins.
 * @throws when the file cannot be opened
 */
export function openLogFile(path: string, sizeMaxBytes: number): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = open(path);
  return {
    path,
    write(line) {
      try {
        if (file.sizeBytes >= sizeMaxBytes) {
          closeSync(file.descriptor);
          renameSync(path, `${path}.1`);
          file = open(path);
        }
        file.sizeBytes += writeSync(file.descriptor, `${line}\n`);
      } catch {
        // The line is lost; what matters of it is on the terminal as well.
      }
    },
    close: () => closeSync(file.descriptor),
  };
}

function open(path: string) {
  const descriptor = openSync(path, "a", 0o600);
  return { descriptor, sizeBytes: fstatSync(descriptor).size };
}
