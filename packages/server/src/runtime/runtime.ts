import type { LaunchPlan } from "../resources/launch-plan.ts";
import type { ProcessHandle } from "../resources/node.ts";

/** Where node processes live. A process outlives the server; a handle is data. */
export interface Runtime {
  /**
   * Starts a detached process in the node's own directory, which is made if it is missing.
   * Whatever else runs in that directory is ended first, so that a crash between starting and
   * recording leaves no stray.
   * @param uid names the directory below DATA_DIR/nodes
   */
  start(uid: string, plan: LaunchPlan): Promise<ProcessHandle>;
  /** Whether the process of the handle is still running (a zombie is not). */
  isRunning(handle: ProcessHandle): Promise<boolean>;
  /** SIGKILL, and resolves once the process is gone. Idempotent. */
  kill(handle: ProcessHandle): Promise<void>;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves once the process is gone. Idempotent. */
  terminate(handle: ProcessHandle, graceMs: number): Promise<void>;
  /** The end of the node's log, for events that say why a start failed; "" if there is none. */
  logTail(uid: string, lines: number): Promise<string>;
  /** Removes data files (names from the engine driver) from the node's directory. Idempotent. */
  discardData(uid: string, files: readonly string[]): Promise<void>;
  /** Whether one of the data files exists; names with * are leftovers and do not count. */
  hasData(uid: string, files: readonly string[]): Promise<boolean>;
  /** Whether the node has a directory. */
  exists(uid: string): Promise<boolean>;
  /** Ends whatever runs in the node's directory and removes it. Idempotent. */
  remove(uid: string): Promise<void>;
  /** The uid of every node directory, and of every process that runs in one. */
  survey(): Promise<{
    readonly directories: readonly string[];
    readonly processes: readonly { readonly uid: string; readonly handle: ProcessHandle }[];
  }>;
}
