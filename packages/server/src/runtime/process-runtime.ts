import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../base/clock.ts";
import { DeadlineError } from "../base/deadline.ts";
import type { LaunchPlan } from "../resources/launch-plan.ts";
import type { ProcessHandle } from "../resources/node.ts";
import { darwinProcessTable } from "./darwin-process-table.ts";
import { linuxProcessTable } from "./linux-process-table.ts";
import {
  type EngineUser,
  hasFiles,
  isDirectory,
  openLog,
  prepareDirectory,
  readLogTail,
  removeFiles,
  writeConfig,
  writeEngineFile,
} from "./node-directory.ts";
import type { PlacedProcess, ProcessEntry, ProcessTable } from "./process-table.ts";
import type { Runtime } from "./runtime.ts";

/** All that engines get to see of the environment. Their logs are in UTC. */
const environment = { LANG: "C", TZ: "UTC" } as const;
/** How long the kernel may take to end a process that it was told to kill. */
const killTimeoutMs = 10_000;
const lookEveryMs = 2;
const logLinesInErrors = 5;

/** What a process runtime needs. */
export interface ProcessRuntimeOptions {
  readonly dataDir: string;
  /** The user that engines run as; null for the server's own, which must then not be root. */
  readonly user: EngineUser | null;
  readonly clock: Clock;
}

/** Opens the runtime of this machine's own processes, and makes DATA_DIR/nodes if it is missing. */
export async function openProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  const nodes = join(options.dataDir, "nodes");
  await mkdir(nodes, { recursive: true, mode: 0o700 });
  const table = process.platform === "linux" ? linuxProcessTable : darwinProcessTable;
  // Processes are found by where they work, which the kernel tells without symbolic links.
  return new ProcessRuntime(await realpath(nodes), options.user, options.clock, table);
}

/** Node processes on this machine, each the leader of a session and a process group of its own. */
class ProcessRuntime implements Runtime {
  readonly #nodes: string;
  readonly #user: EngineUser | null;
  readonly #clock: Clock;
  readonly #table: ProcessTable;

  constructor(nodes: string, user: EngineUser | null, clock: Clock, table: ProcessTable) {
    this.#nodes = nodes;
    this.#user = user;
    this.#clock = clock;
    this.#table = table;
  }

  async start(uid: string, plan: LaunchPlan): Promise<ProcessHandle> {
    const directory = this.#directory(uid);
    await this.#endAll((one) => one.directory === uid);
    await prepareDirectory(directory, this.#user);
    for (const [name, change] of Object.entries(plan.files ?? {})) {
      if (change === null) await removeFiles(directory, [name]);
      else await writeEngineFile(directory, name, change, this.#user);
    }
    const pid = await this.#spawn(directory, plan);
    const entry = await this.#table.find(pid);
    if (entry === null || !entry.running) {
      const tail = await readLogTail(directory, logLinesInErrors);
      throw new Error(`${plan.executable} ended at once: ${tail}`);
    }
    return { pid, startedAt: entry.startedAt };
  }

  async isRunning(handle: ProcessHandle): Promise<boolean> {
    return (await this.#find(handle)) !== null;
  }

  async kill(handle: ProcessHandle): Promise<void> {
    const entry = await this.#find(handle);
    if (entry === null) {
      await this.#endOrphans(handle);
      return;
    }
    // The whole group at once, for the same reason; a fork that is under way fails.
    signal(entry.groupId === entry.pid ? -entry.pid : entry.pid, "SIGKILL");
    await this.#untilGone(handle);
  }

  async terminate(handle: ProcessHandle, graceMs: number): Promise<void> {
    if ((await this.#find(handle)) !== null) {
      signal(handle.pid, "SIGTERM");
      await this.#isGoneWithin(handle, graceMs);
    }
    await this.kill(handle);
  }

  async logTail(uid: string, lines: number): Promise<string> {
    return readLogTail(this.#directory(uid), lines);
  }

  async discardData(uid: string, files: readonly string[]): Promise<void> {
    await removeFiles(this.#directory(uid), files);
  }

  async hasData(uid: string, files: readonly string[]): Promise<boolean> {
    return hasFiles(this.#directory(uid), files);
  }

  async exists(uid: string): Promise<boolean> {
    return isDirectory(this.#directory(uid));
  }

  async remove(uid: string): Promise<void> {
    const directory = this.#directory(uid);
    await this.#endAll((one) => one.directory === uid);
    await rm(directory, { recursive: true, force: true });
  }

  async survey(): ReturnType<Runtime["survey"]> {
    const entries = await readdir(this.#nodes, { withFileTypes: true });
    const placed = await this.#placed();
    const leaders = new Set(placed.map((one) => `${one.directory}/${one.pid}`));
    return {
      directories: entries
        .filter((entry) => entry.isDirectory() && isUid(entry.name))
        .map((entry) => entry.name),
      // A child that an engine forked to save or to send its data belongs to the engine.
      processes: placed
        .filter((one) => !leaders.has(`${one.directory}/${one.parentPid}`))
        .map(({ directory, pid, startedAt }) => ({ uid: directory, handle: { pid, startedAt } })),
    };
  }

  async #spawn(directory: string, plan: LaunchPlan): Promise<number> {
    await using files = new AsyncDisposableStack();
    const config =
      plan.config === null ? null : files.use(await writeConfig(directory, plan.config));
    const log = files.use(await openLog(directory));
    // The child enters its directory before it gives up root, so that the folders above may be
    // closed to the engine's user.
    const child = spawn(plan.executable, [...plan.args], {
      ...{ cwd: directory, env: environment, detached: true },
      stdio: [config?.fd ?? "ignore", log.fd, log.fd],
      ...this.#user,
    });
    child.unref();
    try {
      await once(child, "spawn");
    } catch (error) {
      throw new Error(`could not start ${plan.executable}: ${messageOf(error)}`, { cause: error });
    }
    child.on("error", () => {}); // only ever of signals, which this runtime sends by pid
    if (child.pid === undefined) throw new Error(`${plan.executable} started without a pid`);
    return child.pid;
  }

  /** The running process of the handle, or null: another process may have got its pid since. */
  async #find(handle: ProcessHandle): Promise<ProcessEntry | null> {
    const entry = await this.#table.find(handle.pid);
    const same = entry !== null && entry.running && entry.startedAt === handle.startedAt;
    return same ? entry : null;
  }

  async #placed(): Promise<readonly PlacedProcess[]> {
    const placed = await this.#table.workingBelow(this.#nodes);
    return placed.filter((one) => isUid(one.directory) && one.pid !== process.pid);
  }

  /**
   * Kills what a process that ended by itself had forked. Such a child holds the connections of the
   * node's clients, which would wait instead of connecting again.
   */
  async #endOrphans(handle: ProcessHandle): Promise<void> {
    const successor = await this.#table.find(handle.pid);
    // The kernel gives no pid again while a group goes by it, so that with another process of that
    // pid there are no orphans, and whoever is in its group is none of ours.
    if (successor !== null && successor.startedAt !== handle.startedAt) return;
    await this.#endAll((one) => one.groupId === handle.pid);
  }

  /** Kills every process in a node directory that `which` picks, also those that it is forking. */
  async #endAll(which: (one: PlacedProcess) => boolean): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + killTimeoutMs;
    for (;;) {
      const picked = (await this.#placed()).filter(which);
      if (picked.length === 0) return;
      if (this.#clock.monotonicMs() > deadlineMs) throw notGone(picked.map(({ pid }) => pid));
      for (const { pid } of picked) signal(pid, "SIGKILL");
      await Promise.all(picked.map((one) => this.#untilGone(one)));
    }
  }

  async #untilGone(handle: ProcessHandle): Promise<void> {
    if (!(await this.#isGoneWithin(handle, killTimeoutMs))) throw notGone([handle.pid]);
  }

  /**
   * Looks until the process is gone. This serves a child of ours and an adopted process alike: a
   * child counts as gone as soon as it is a zombie, before its exit event.
   */
  async #isGoneWithin(handle: ProcessHandle, withinMs: number): Promise<boolean> {
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    while ((await this.#find(handle)) !== null) {
      if (this.#clock.monotonicMs() >= deadlineMs) return false;
      // Not a timer of the clock's: those let a process end that is waiting for nothing else.
      await pause(lookEveryMs);
    }
    return true;
  }

  #directory(uid: string): string {
    if (!isUid(uid)) throw new Error("not the uid of a node");
    return join(this.#nodes, uid);
  }
}

/** A name that stays below DATA_DIR/nodes, whatever made it. */
function isUid(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,199}$/.test(name);
}

function signal(pid: number, name: "SIGKILL" | "SIGTERM"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended by itself in the meantime, which is what was wanted.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function notGone(pids: readonly number[]): Error {
  return new DeadlineError(`process ${pids.join(", ")} did not end in ${killTimeoutMs} ms`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
