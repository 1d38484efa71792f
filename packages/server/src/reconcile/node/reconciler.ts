import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import type { EngineDriver, Persistence } from "../../engine/engine.ts";
import {
  type EngineName,
  engineServing,
  type InstalledEngine,
} from "../../resources/engine-name.ts";
import { isClusterMode } from "../../resources/cluster-mode.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { assert } from "../../base/assert.ts";
import type { NodeSpec } from "../../resources/node.ts";
import { parametersAtLaunch } from "../../resources/node-parameters.ts";
import { refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Store } from "../../store/store.ts";
import type { Fleet } from "../fleet.ts";
import type { Placed, Placement } from "../placement.ts";
import type { Reconciler } from "../reconciler.ts";
import { cacheOfNode, followedAtStart } from "../lineage.ts";
import { applyParameters, parametersToTakeOver } from "./parameters.ts";
import { afterFailedStart, type NodeStep, planNode, type SeenNode } from "./plan.ts";

/** What nodes are driven with. */
export interface NodeTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly fleet: Fleet;
  readonly installed: readonly InstalledEngine[];
  readonly driverOf: (engine: EngineName) => EngineDriver;
}

/** A started process answers within this time, or the pass fails and looks again. */
const connectWithinMs = 2_000;
const connectEveryMs = 5;
/** Saving may take as long as the data set is large: 64 GB at 200 MB/s. */
const saveWithinMs = 330_000;
const terminateGraceMs = 5_000;

/** Drives nodes: one process each, its files, its address. */
export function createNodeReconciler(
  tools: NodeTools,
  placementOf: (one: Placed) => Placement,
): Reconciler<"node", SeenNode, NodeStep> {
  return {
    kind: "node",
    observe: (node) => observe(tools, node),
    plan: (node, seen, now) => planNode(node, seen, now, placementOf(node)),
    act: (step, node, signal) => act(tools, step, node, signal),
    eventSource: (node) => ({ sourceType: "cache-cluster", sourceId: node.spec.clusterId }),
  };
}

async function observe(tools: NodeTools, node: Resource<"node">): Promise<SeenNode> {
  const { store, runtime, fleet } = tools;
  const { spec, status } = node;
  const engine = tools.driverOf(spec.engine);
  const exists = await runtime.exists(spec.uid);
  const running = status.process !== null && (await runtime.isRunning(status.process));
  const startFailed = !running && status.process !== null && status.state === "starting";
  const reading = fleet.reading(node);
  return {
    exists,
    running,
    connected: running && fleet.session(node) !== null,
    loading: reading?.sample.loading ?? false,
    saves: engine.dataFiles.length > 0,
    hasData: exists && (await runtime.hasData(spec.uid, engine.dataFiles)),
    keepsData: engine.keepsData(status.parameters),
    parametersToApply: running ? parametersToTakeOver(tools.installed, node) : [],
    logTail: startFailed ? await runtime.logTail(spec.uid, 3) : "",
    claims: store.claims(),
  };
}

async function act(
  tools: NodeTools,
  step: NodeStep,
  node: Resource<"node">,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, store, fleet } = tools;
  switch (step.do) {
    case "start":
      return start(tools, node);
    case "connect":
      return connect(tools, node, signal);
    case "end":
      return end(tools, node, step.save, signal);
    case "forget-save": {
      await runtime.discardData(node.spec.uid, tools.driverOf(node.spec.engine).dataFiles);
      const now = store.get(node);
      if (now !== undefined) store.setStatus(node, { ...now.status, dataOnDisk: false });
      return;
    }
    case "apply-parameters":
      return applyParameters(tools, node, step.names);
    case "remove":
      fleet.drop(node);
      return runtime.remove(node.spec.uid);
  }
}

/** Starts the process and records it. A start that cannot happen is a state, not an exception. */
async function start(tools: NodeTools, node: Resource<"node">): Promise<void> {
  const { runtime, store, clock } = tools;
  const { spec } = node;
  forgetConnection(tools, node);
  try {
    const engine = tools.driverOf(spec.engine);
    if (spec.launch.data === "discard") await runtime.discardData(spec.uid, engine.dataFiles);
    const installed = requireEngine(tools, spec);
    const process = await runtime.start(spec.uid, launchPlanOf(tools, node, installed));
    const startedAt = clock.now().toISOString();
    const { engineVersion, nodeType } = spec;
    const { binaryVersion } = installed;
    const launchedAs = { engine: spec.engine, engineVersion, nodeType, binaryVersion };
    // The group may have changed since the launch was recorded.
    const parameters = parametersAtLaunch(spec, node.status);
    const started = { process, startedAt, launchedAs, parameters };
    store.setStatus(node, { ...current(tools, node).status, ...started });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const { status } = current(tools, node);
    store.setStatus(node, afterFailedStart(status, reason, clock.now()));
  }
}

function requireEngine(tools: NodeTools, { engine, engineVersion }: NodeSpec): InstalledEngine {
  const installed = engineServing(tools.installed, engine, engineVersion);
  if (installed !== undefined) return installed;
  throw new Error(`no engine on this machine serves ${engine} ${engineVersion}`);
}

function launchPlanOf(tools: NodeTools, node: Resource<"node">, installed: InstalledEngine) {
  const { spec, status } = node;
  const nodeType = findNodeType(spec.nodeType);
  assert(nodeType !== undefined, `${spec.nodeType} is no node type`);
  assert(status.address !== null, "a node is placed before it starts");
  const cache = cacheOfNode(tools.store, node);
  return tools.driverOf(spec.engine).plan({
    installed,
    nodeType,
    address: status.address,
    parameters: parametersAtLaunch(spec, status),
    controlPassword: tools.store.controlPassword(cache),
    outside: spec.launch.outside,
    startsEmpty: spec.launch.data === "discard",
    ...followedAtStart(tools.store, node, cache),
  });
}

/** Opens the control connection as soon as the process answers. */
async function connect(
  tools: NodeTools,
  node: Resource<"node">,
  signal: AbortSignal,
): Promise<void> {
  const { clock, runtime, fleet, store } = tools;
  const { address, process, parameters } = node.status;
  assert(address !== null && process !== null, "only a started node is connected to");
  const password = store.controlPassword(cacheOfNode(store, node));
  const engine = tools.driverOf(node.spec.engine);
  const deadlineMs = clock.monotonicMs() + connectWithinMs;
  while (!signal.aborted) {
    try {
      await fleet.connect(node, () =>
        engine.connect(address, password, connectWithinMs, isClusterMode(parameters)),
      );
      return;
    } catch (error) {
      // Refused while it starts: try again, unless it ended or takes too long.
      if (!(await runtime.isRunning(process))) return;
      if (clock.monotonicMs() >= deadlineMs) {
        throw new Error(`${refKey(node)} does not answer`, { cause: error });
      }
    }
    await new Promise<void>((resolve) => clock.after(connectEveryMs, resolve));
  }
}

/** Ends the process, with its data saved where the engine can and `save` asks for it. */
async function end(
  tools: NodeTools,
  node: Resource<"node">,
  save: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { clock, runtime } = tools;
  const { process } = node.status;
  if (process === null) return;
  const persistence = save ? await persistenceOf(tools, node, signal) : undefined;
  if (persistence !== undefined) {
    // An engine that saves at its end answers nothing: its shard would end it, its data half saved.
    tools.fleet.allowSilence(node, saveWithinMs);
    try {
      await withDeadline(clock, "saving", saveWithinMs, persistence.saveAndExit());
    } finally {
      tools.fleet.allowSilence(node, 0);
    }
  }
  if (signal.aborted) return;
  await runtime.terminate(process, terminateGraceMs);
  forgetConnection(tools, node);
}

/** How the node saves its data. A server that just started is not connected to it yet. */
async function persistenceOf(
  tools: NodeTools,
  node: Resource<"node">,
  signal: AbortSignal,
): Promise<Persistence | undefined> {
  try {
    await connect(tools, node, signal);
  } catch {
    // A process that lets nobody in for this long cannot be told to save: it ends as it is.
  }
  return tools.fleet.session(node)?.persistence;
}

/** A new process is a new connection: the old one's silence says nothing of it. */
function forgetConnection(tools: NodeTools, node: Resource<"node">): void {
  tools.fleet.drop(node);
}

function current(tools: NodeTools, node: Resource<"node">): Resource<"node"> {
  const found = tools.store.get(node);
  assert(found !== undefined, `${refKey(node)} went while a step was at it`);
  return found;
}
