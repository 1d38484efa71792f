import type { Address } from "./address.ts";
import type { EngineName } from "./engine-name.ts";
import type { OutsideShard, Upstream } from "./upstream.ts";

/** What a node is asked to be: one process, its files, its address. Written by its shard. */
export interface NodeSpec {
  readonly clusterId: string;
  readonly cacheNodeId: string;
  readonly uid: string;
  readonly zone: string;
  readonly subnetGroup: string;
  readonly engine: EngineName;
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly port: number;
  /** Its engine parameters, resolved from the parameter group. They may change while it runs. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly launch: Launch;
}

/** The process that is to run. A node never starts again by itself: its shard raises `number`. */
export interface Launch {
  /** Rises with every start asked for; 0 means that no process is to run yet. */
  readonly number: number;
  /** Whether the process of this launch is to run, or to save its data and end. */
  readonly run: boolean;
  /** The primary to follow from the start; null for a primary and for memcached. */
  readonly following: Address | null;
  /**
   * In cluster mode, of a node that follows a primary outside its own cluster: all shards there, by
   * which it knows whose slots are.
   */
  readonly outside: readonly OutsideShard[];
  /** What a primary follows from the start, outside its shard; null for every other node. */
  readonly upstream: Upstream | null;
  /** Whether the data on disk is the truth (saved, or an append-only file) or stale. */
  readonly data: "keep" | "discard";
  /** How many reboots of the member this launch carries out. */
  readonly reboots: number;
}

/** A process that was started, found again by both figures: pids are reused, start times are not. */
export interface ProcessHandle {
  readonly pid: number;
  /** The kernel's start time of the process, in the platform's own unit. */
  readonly startedAt: string;
}

/** What a process was started as: what runs, whatever is asked for meanwhile. */
export interface LaunchedAs {
  readonly engine: EngineName;
  readonly engineVersion: string;
  readonly nodeType: string;
  /** The version of the binary itself, e.g. "7.0.15". */
  readonly binaryVersion: string;
}

/** What a node was seen to be. */
export interface NodeStatus {
  readonly state: "placing" | "starting" | "running" | "down" | "stopping" | "stopped" | "failed";
  readonly because: string;
  readonly address: Address | null;
  /** The launch that `process` belongs to; 0 before the first. */
  readonly launched: number;
  readonly process: ProcessHandle | null;
  /** What the newest process was started as; null before the first. */
  readonly launchedAs: LaunchedAs | null;
  /** Starts of this launch that failed; from a bound on the node is "failed". */
  readonly failures: number;
  /** ISO time at which the process of this launch was started; null before. */
  readonly startedAt: string | null;
  /** How many processes in a row ended right after their start. */
  readonly crashes: number;
  /** ISO time before which it is not started again; null when nothing waits. */
  readonly retryAt: string | null;
  /** The parameters that are in force: as it was launched, and what was changed since. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Values that were asked for and that the engine refused. */
  readonly refusedParameters: Readonly<Record<string, string>>;
  /** Whether the disk holds the whole data set: saved at the end, or an append-only file. */
  readonly dataOnDisk: boolean;
  readonly reboots: number;
}
