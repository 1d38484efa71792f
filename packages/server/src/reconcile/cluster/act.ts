import type { Cluster } from "../../engine/engine.ts";
import { sameAddress } from "../../resources/address.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { clusterViewOf, type ClusterTools } from "./observe.ts";
import { assignSlots, closeSlots, copyFunctions, moveSlots } from "./move-slots.ts";
import type { ClusterStep, Introduction } from "./steps.ts";

/** Greetings take a round or two of the engines' own clock, which ticks every 100 ms. */
const introducedWithinMs = 1_000;
const lookEveryMs = 25;

/** Takes one step of a cluster, but for routes. */
export async function actOnCluster(
  tools: ClusterTools,
  step: Exclude<ClusterStep, { readonly do: "route" }>,
  group: Resource<"replication-group">,
  signal: AbortSignal,
): Promise<void> {
  switch (step.do) {
    case "introduce":
      return introduce(tools, group, step.pairs);
    case "forget":
      for (const node of step.nodes) {
        await clusterOf(tools, group, node).forget(step.clusterNodeId);
      }
      return;
    case "add-slots":
      return clusterOf(tools, group, step.node).addSlots(step.ranges);
    case "copy-functions":
      return copyFunctions(tools, group, step.from, step.to);
    case "move-slots":
      return moveSlots(tools, group, step.moves, signal);
    case "assign-slots":
      return assignSlots(tools, group, step.node, step.owner, step.slots);
    case "close-slots":
      return closeSlots(tools, group, step.node, step.slots);
  }
}

async function introduce(
  tools: ClusterTools,
  group: Resource<"replication-group">,
  pairs: readonly Introduction[],
): Promise<void> {
  await Promise.all(pairs.map(({ node, other }) => clusterOf(tools, group, node).meet(other)));
  // Waited for here, as the next look would only find everybody still greeting.
  const deadlineMs = tools.clock.monotonicMs() + introducedWithinMs;
  while (tools.clock.monotonicMs() < deadlineMs) {
    const known = await Promise.all(pairs.map((pair) => isIntroduced(tools, group, pair)));
    if (known.every(Boolean)) return;
    await new Promise<void>((resolve) => void tools.clock.after(lookEveryMs, resolve));
  }
}

async function isIntroduced(
  tools: ClusterTools,
  group: Resource<"replication-group">,
  { node, other }: Introduction,
): Promise<boolean> {
  const session = tools.fleet.session(refIn(group, "node", node));
  const view = await clusterViewOf(tools.clock, session, introducedWithinMs);
  return view?.nodes.some((one) => one.met && sameAddress(one.address, other)) ?? false;
}

/** A node without a connection is no bug: it may just have ended. */
function clusterOf(tools: ClusterTools, group: Resource<"replication-group">, id: string): Cluster {
  const cluster = tools.fleet.session(refIn(group, "node", id))?.cluster;
  if (cluster === undefined) throw new Error(`${id} cannot be reached`);
  return cluster;
}
