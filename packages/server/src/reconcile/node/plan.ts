import { formatAddress } from "../../resources/address.ts";
import type { NodeStatus } from "../../resources/node.ts";
import { parametersAtLaunch } from "../../resources/node-parameters.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Claims } from "../../store/store.ts";
import type { Placement } from "../placement.ts";
import type { Decision } from "../reconciler.ts";

/** What a look at a node found. */
export interface SeenNode {
  /** Whether its directory is there. */
  readonly exists: boolean;
  readonly running: boolean;
  /** Whether the control connection is open. */
  readonly connected: boolean;
  /** Whether the engine still loads its data. */
  readonly loading: boolean;
  /** Whether its engine can save its data at the end. */
  readonly saves: boolean;
  /** Whether files of its data set are on disk. */
  readonly hasData: boolean;
  /** Whether its parameters keep the data on disk as it goes. */
  readonly keepsData: boolean;
  /** Parameters that its running process is to take over now. */
  readonly parametersToApply: readonly string[];
  /** The end of its log; "" unless a start just failed. */
  readonly logTail: string;
  readonly claims: Claims;
}

/** What can be done to a node. */
export type NodeStep =
  | { readonly do: "start" }
  | { readonly do: "connect" }
  | { readonly do: "end"; readonly save: boolean }
  | { readonly do: "forget-save" }
  | { readonly do: "apply-parameters"; readonly names: readonly string[] }
  | { readonly do: "remove" };

type NodeDecision = Decision<"node", NodeStep>;

/** From this many failed starts on, a node counts as failed; it is still tried again. */
const failuresUntilFailed = 3;
const firstRetryMs = 100;
const lastRetryMs = 30_000;
/** A process that ended within this time counts as crashed by itself. */
const shortLifeMs = 50;
/** So many in a row may be bad luck; from then on it waits, ever longer. */
const crashesForgiven = 5;

/** What to do about a node: one process, its files, its address. */
export function planNode(
  node: Resource<"node">,
  seen: SeenNode,
  now: Date,
  placement: Placement,
): NodeDecision {
  const { spec, status } = node;
  if (node.deletingSince !== null) return planDeletion(status, seen);
  if (status.address === null) return place(node, seen, placement);
  if (spec.launch.number === 0) return { status };
  if (spec.launch.number !== status.launched) return planNewLaunch(node, seen);
  if (seen.running) return planRunning(node, seen);
  if (!spec.launch.run) {
    const dataOnDisk = seen.hasData && (status.state === "stopping" || seen.keepsData);
    const saved = status.state === "stopped" ? status.dataOnDisk : dataOnDisk;
    return settled(status, "stopped", "it is not to run", { process: null, dataOnDisk: saved });
  }
  if (status.state === "down") return { status };
  if (status.state === "starting" || status.state === "failed") {
    return planStart(node, seen, now, placement);
  }
  const dataOnDisk = seen.keepsData && seen.hasData;
  const lost = { process: null, dataOnDisk, ...crashOf(status, now) };
  return settled(status, "down", "its process ended", lost);
}

/** The status after a start that failed, with the time of the next try. */
export function afterFailedStart(status: NodeStatus, reason: string, now: Date): NodeStatus {
  const failures = status.failures + 1;
  const waitMs = Math.min(lastRetryMs, firstRetryMs * 4 ** (failures - 1));
  return {
    ...status,
    state: failures >= failuresUntilFailed ? "failed" : "starting",
    because: `start ${failures} failed: ${reason}`,
    process: null,
    failures,
    retryAt: new Date(now.getTime() + waitMs).toISOString(),
  };
}

/** A process that keeps ending at once is started again ever more slowly. */
function crashOf(status: NodeStatus, now: Date): Pick<NodeStatus, "crashes" | "retryAt"> {
  const ranMs = status.startedAt === null ? 0 : now.getTime() - Date.parse(status.startedAt);
  const crashes = ranMs < shortLifeMs ? status.crashes + 1 : 0;
  if (crashes < crashesForgiven) return { crashes, retryAt: null };
  const waitMs = Math.min(lastRetryMs, firstRetryMs * 2 ** (crashes - crashesForgiven));
  return { crashes, retryAt: new Date(now.getTime() + waitMs).toISOString() };
}

function planDeletion(status: NodeStatus, seen: SeenNode): NodeDecision {
  if (!seen.exists && !seen.running) return { status, gone: true };
  return {
    status: { ...status, state: "stopping", because: "it is being deleted" },
    steps: [{ do: "remove" }],
  };
}

function place(node: Resource<"node">, seen: SeenNode, placement: Placement): NodeDecision {
  const { spec, status } = node;
  const address = placement.pick(spec.zone, spec.port, seen.claims);
  if (address === null) {
    const because = `no address is free in ${spec.zone}`;
    return { status: { ...status, state: "failed", because }, lookAgainAfterMs: 5_000 };
  }
  return settled(status, "placing", `it has the address ${formatAddress(address)}`, { address });
}

/** A launch was asked for that the node has not taken up: whatever still runs ends first. */
function planNewLaunch(node: Resource<"node">, seen: SeenNode): NodeDecision {
  const { spec, status } = node;
  const { launch } = spec;
  if (seen.running) {
    return {
      status: { ...status, state: "stopping", because: `it ends for launch ${launch.number}` },
      steps: [{ do: "end", save: launch.data === "keep" }],
    };
  }
  const change = {
    launched: launch.number,
    process: null,
    startedAt: null,
    failures: 0,
    retryAt: null,
    parameters: parametersAtLaunch(spec, status),
    dataOnDisk: launch.data === "keep" && seen.hasData,
    reboots: launch.reboots,
  };
  if (status.state === "stopping" && launch.data === "keep" && seen.saves && !seen.hasData) {
    // It ended without saving: its shard decides, as replicas may hold what it lost.
    return settled(status, "down", "it ended without saving its data", change);
  }
  // Recorded before the process starts, so that a crash in between finds a launch to finish.
  return settled(status, "starting", `launch ${launch.number} was asked for`, change);
}

function planRunning(node: Resource<"node">, seen: SeenNode): NodeDecision {
  const { spec, status } = node;
  if (!spec.launch.run) {
    return {
      status: { ...status, state: "stopping", because: "it saves its data and ends" },
      steps: [{ do: "end", save: true }],
    };
  }
  if (!seen.connected) return { status, steps: [{ do: "connect" }] };
  if (seen.loading) {
    return { ...settled(status, status.state, "it loads its data", {}), lookAgainAfterMs: 1_000 };
  }
  // A save that was loaded is stale from now on; meeting it after a crash would bring old data back.
  const steps: NodeStep[] = status.dataOnDisk && !seen.keepsData ? [{ do: "forget-save" }] : [];
  const names = seen.parametersToApply;
  if (names.length > 0) steps.push({ do: "apply-parameters", names });
  // Said while it runs: its shard may learn of its end, and decide, before it has a pass of its own.
  const dataOnDisk = seen.keepsData ? seen.hasData : status.dataOnDisk;
  const change = { failures: 0, retryAt: null, dataOnDisk };
  return { ...settled(status, "running", "it answers", change), steps };
}

/** The process of this launch is not there: never started, or ended before it was ready. */
function planStart(
  node: Resource<"node">,
  seen: SeenNode,
  now: Date,
  placement: Placement,
): NodeDecision {
  const { spec, status } = node;
  if (status.process !== null) {
    const failed = afterFailedStart(status, seen.logTail || "the process ended", now);
    if (!/address already in use/i.test(seen.logTail)) return { status: failed };
    // Somebody outside Larder listens there: take another address, if the network has one.
    const address = placement.pick(spec.zone, spec.port, seen.claims) ?? status.address;
    return { status: { ...failed, address } };
  }
  const waitMs = status.retryAt === null ? 0 : Date.parse(status.retryAt) - now.getTime();
  if (waitMs > 0) return { status, lookAgainAfterMs: waitMs };
  return { status, steps: [{ do: "start" }] };
}

function settled(
  status: NodeStatus,
  state: NodeStatus["state"],
  because: string,
  change: Partial<NodeStatus>,
): NodeDecision {
  return { status: { ...status, ...change, state, because } };
}
