import type { CrashWorld } from "./crash-world.ts";

/** A change that the control plane carries out in steps, and that can be asked for repeatedly. */
export interface CrashScenario {
  readonly name: string;
  readonly kind: "replication-group" | "cache-cluster";
  readonly id: string;
  /** Asks for what the change starts from; it is there once the cache is settled. */
  prepare(world: CrashWorld): void | Promise<void>;
  /** Asks for the change. Returns what tells that it happened, and asks for what comes next in it. */
  act(world: CrashWorld): Progress;
  /** Asks for what undoes it, if it must be undone before the next time. */
  undo?(world: CrashWorld): void;
  /** Whether the cache stands before the change, and after it. */
  readonly exists: { readonly before: boolean; readonly after: boolean };
  /**
   * How often it can be asked for in one world: some changes cannot be undone by another, and AWS
   * bounds TestFailover.
   */
  readonly timesMax?: number;
  /** Of steps that are alike, only so many are cut off in a change: slots move in many turns. */
  readonly alikeMax?: number;
  /** How long it may take, cut off or not, where 30 s are too few for the change itself. */
  readonly withinMs?: number;
  /** Whether nodes that stay keep their processes. */
  readonly keepsProcesses: boolean;
  /**
   * Notes what the change must keep of data, where that is not simply what the cache held. Resolves
   * with what tells afterwards what it did not keep, a sentence each.
   */
  note?(world: CrashWorld): Promise<() => Promise<readonly string[]>>;
}

/** Whether a change has happened; a sentence that says what is missing if not. */
export type Progress = () => true | string | Promise<true | string>;

/** What most changes of groups have in common. */
export const onGroup = {
  kind: "replication-group",
  exists: { before: true, after: true },
} as const;
