import { isDeepStrictEqual } from "node:util";
import { assert } from "../../base/assert.ts";
import { engineServing, type InstalledEngine } from "../../resources/engine-name.ts";
import { parametersToApply, withParametersApplied } from "../../resources/node-parameters.ts";
import { findNodeType } from "../../resources/node-types.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Fleet } from "../fleet.ts";

/** What parameters are changed with. */
interface Tools {
  readonly store: Store;
  readonly fleet: Fleet;
  readonly installed: readonly InstalledEngine[];
}

/** The parameters that the node's process is to take over while it runs. */
export function parametersToTakeOver(
  installed: readonly InstalledEngine[],
  { spec, status }: Resource<"node">,
): readonly string[] {
  const runs = runningEngine(installed, status.launchedAs);
  const asked = engineServing(installed, spec.engine, spec.engineVersion);
  // What is to become another engine or size gets the parameters of that with its next launch.
  const isSameSize = status.launchedAs?.nodeType === spec.nodeType;
  if (runs === null || runs.family !== asked?.family || !isSameSize) return [];
  return parametersToApply(runs.family, spec.parameters, status);
}

/** Changes parameters of the running process and records what is in force. */
export async function applyParameters(
  tools: Tools,
  node: Resource<"node">,
  names: readonly string[],
): Promise<void> {
  const { store, fleet } = tools;
  const { launchedAs, process } = node.status;
  const engine = runningEngine(tools.installed, launchedAs);
  const nodeType = findNodeType(launchedAs?.nodeType ?? "");
  assert(engine !== null && nodeType !== undefined, `${node.id} runs as something that is known`);
  const session = fleet.session(node);
  if (session === null) throw new Error(`${node.id} cannot be reached`);
  const { parameters } = node.spec;
  assert(session.tuning !== undefined, `${node.id} has parameters that can change while it runs`);
  const refusals = await session.tuning.apply({ installed: engine, nodeType, parameters }, names);
  store.transaction(() => {
    const now = store.get(node);
    // Another process has its parameters from its own launch.
    if (now === undefined || now.status.process?.startedAt !== process?.startedAt) return;
    const refused = Object.keys(refusals);
    const status = withParametersApplied(now.status, parameters, names, refused);
    if (isDeepStrictEqual(status, now.status)) return;
    store.setStatus(node, status);
    const { clusterId, cacheNodeId } = node.spec;
    const messages = eventsOf(cacheNodeId, names, refusals);
    store.addEvents(
      node,
      messages.map((message) => ({ sourceType: "cache-cluster", sourceId: clusterId, message })),
    );
  });
}

function eventsOf(
  cacheNodeId: string,
  names: readonly string[],
  refusals: Readonly<Record<string, string>>,
): readonly string[] {
  const taken = names.filter((name) => !Object.hasOwn(refusals, name));
  const changed =
    taken.length === 0
      ? []
      : [`Parameters changed on cache node ${cacheNodeId}: ${taken.join(", ")}`];
  const refused = Object.entries(refusals).map(
    ([name, reason]) =>
      `Cache node ${cacheNodeId} keeps the value of ${name} that it has: its engine refused the ` +
      `other (${reason})`,
  );
  return [...changed, ...refused];
}

/** The engine that the process runs, under the version that it was started as. */
function runningEngine(
  installed: readonly InstalledEngine[],
  as: Resource<"node">["status"]["launchedAs"],
): InstalledEngine | null {
  if (as === null) return null;
  const engine = engineServing(installed, as.engine, as.engineVersion);
  return engine === undefined ? null : { ...engine, binaryVersion: as.binaryVersion };
}
