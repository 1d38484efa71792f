import { fstatSync, ftruncateSync, writeSync } from "node:fs";

/** A constant message, the rest in fields. */
export type Log = (message: string, fields: object) => void;

const stdout = 1;
const logBytesMax = 4 * 1024 * 1024;

/**
 * A log of JSON lines on standard output. If that is a file, it is emptied when it has grown too
 * large: the gateway runs for months, and whoever opened the file may be gone.
 */
export function createLog(): Log {
  const file = fstatSync(stdout).isFile();
  return (message, fields) => {
    const line = JSON.stringify({
      time: new Date().toISOString(),
      pid: process.pid,
      ...fields,
      message,
    });
    try {
      if (file && fstatSync(stdout).size > logBytesMax) ftruncateSync(stdout, 0);
      writeSync(stdout, `${line}\n`);
    } catch {
      // A full disk or a reader that went must not end anyone's connection.
    }
  };
}
