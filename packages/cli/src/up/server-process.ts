import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../failure.ts";

/** One life of the server. */
export interface ServerProcess {
  readonly pid: number | undefined;
  /** Resolves once it has ended and its output is read. Never rejects. */
  readonly ended: Promise<{
    /** Null when a signal ended it, or it could not be started. */
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    /** The end of what it wrote on standard error. */
    readonly standardError: string;
  }>;
  kill(signal: NodeJS.Signals): void;
}

const standardErrorMaxLength = 16_384;
/** How long output may trail the exit: a child of the server could hold the pipes open. */
const outputGraceMs = 500;

/**
 * Starts the server. It gets a process group of its own: Ctrl-C in a terminal signals the whole
 * group, and the server is to be told once, by its parent.
 * @param program arguments of node: options, file, arguments
 * @param onLine gets every line that it writes, on standard output or standard error
 */
export function startServer(
  program: readonly string[],
  onLine: (line: string) => void,
): ServerProcess {
  const child = spawn(process.execPath, program, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let standardError = "";
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", (line) => {
    standardError = `${standardError}${line}\n`.slice(-standardErrorMaxLength);
    onLine(line);
  });

  const exited = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  const closed = Promise.withResolvers<void>();
  child.on("close", () => closed.resolve());
  child.on("exit", (code, signal) => exited.resolve({ code, signal }));
  child.on("error", (error) => {
    standardError += `${reasonOf(error)}\n`;
    // Without a pid it never ran; otherwise a signal could not be sent and "exit" is yet to come.
    if (child.pid === undefined) exited.resolve({ code: null, signal: null });
  });
  const end = async () => {
    const exit = await exited.promise;
    await Promise.race([closed.promise, sleep(outputGraceMs, undefined, { ref: false })]);
    return { ...exit, standardError };
  };
  return { pid: child.pid, ended: end(), kill: (signal) => void child.kill(signal) };
}
