/** A process as the kernel lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** The process group, whose leader is the process that a runtime started. */
  readonly groupId: number;
  /** When it started, in the platform's own unit: with the pid it names one process for ever. */
  readonly startedAt: string;
  /** False for a zombie: it holds no file, no connection and no address any more. */
  readonly running: boolean;
}

/** A running process and the directory that it works in. */
export interface PlacedProcess extends ProcessEntry {
  /** The name of the directory, directly below the one that was asked for. */
  readonly directory: string;
}

/** The processes of this machine. */
export interface ProcessTable {
  /** The process of that pid, or null when there is none. */
  find(pid: number): Promise<ProcessEntry | null>;
  /**
   * The running processes that work in a directory directly below `parent`, also in one that was
   * removed meanwhile.
   * @param parent an absolute path without symbolic links
   */
  workingBelow(parent: string): Promise<readonly PlacedProcess[]>;
}

/** The name of the directory directly below `parent` that `path` is, or null. */
export function childOf(parent: string, path: string): string | null {
  const prefix = `${parent}/`;
  if (!path.startsWith(prefix)) return null;
  const name = path.slice(prefix.length);
  return name === "" || name.includes("/") ? null : name;
}
