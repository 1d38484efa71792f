import { isDeepStrictEqual } from "node:util";
import { clientsKnowClusters } from "../../resources/cluster-mode.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import type { Placement } from "../placement.ts";
import type { Decision } from "../reconciler.ts";
import { alignNodes, fenceHung } from "./align.ts";
import { nextDiscovery, discoveryRoutes } from "./discovery.ts";
import { placeEndpoints, routesOf, targetsOf } from "./endpoints.ts";
import { primaryEvents, trackRecoveries } from "./events.ts";
import { judge } from "./judge.ts";
import {
  planHalt,
  planIndependentLaunches,
  planMembership,
  planReplicatedLaunches,
} from "./launches.ts";
import { planParameters } from "./parameters.ts";
import { decidePrimary, type PrimaryDecision } from "./primary.ts";
import { replicaToReplace, withSpare } from "./roll.ts";
import { isUp, type SeenShard } from "./seen.ts";
import type { ShardStep } from "./steps.ts";
import { upstreamLinkOf } from "./upstream.ts";

type ShardDecision = Decision<"shard", ShardStep>;

/** While a shard is not as asked, it is looked at this often even if nothing wakes it. */
const unsettledLookMs = 500;
/** An auto discovery item that an application overwrote is repaired within 15 s, as on AWS. */
const discoveryLookMs = 10_000;

/** What to do about a shard: its members, its primary, its endpoints. */
export function planShard(
  shard: Resource<"shard">,
  seen: SeenShard,
  now: Date,
  placement: Placement,
): ShardDecision {
  if (shard.deletingSince !== null) return planDeletion(shard, seen);
  const placed = placeEndpoints(shard, seen, placement);
  if (seen.halted) {
    const status = judge(shard, placed, seen, true);
    return { status, writes: planHalt(seen) };
  }
  return seen.replicates
    ? planReplicated(shard, placed, seen, now, placement)
    : planIndependent(shard, placed, seen, now);
}

function planReplicated(
  shard: Resource<"shard">,
  placed: ShardStatus,
  seen: SeenShard,
  now: Date,
  placement: Placement,
): ShardDecision {
  const decision = decidePrimary(shard, placed, seen, now);
  const targets = targetsOf(decision.status, seen);
  const routes = routesOf(shard, decision.status, seen, targets, placement);
  const routesChanged = !isDeepStrictEqual(routes, shard.status.routes);
  const holder = seen.members.find((one) => one.id === decision.status.primary);
  const upstreamLink = upstreamLinkOf(shard, holder);
  const routed = withSpare(shard, { ...decision.status, routes, upstreamLink }, seen);
  const replace = replicaToReplace(shard, decision.status, seen);
  const writes = [
    ...planMembership(shard, seen),
    ...planReplicatedLaunches(shard, decision, seen, now, replace),
  ];
  // The engine moves the role itself during a handover: nothing may interfere.
  const aligning =
    routed.heir === null ? alignNodes(shard, routed, seen, targets, placement, routesChanged) : [];
  // Only beside a primary that is well: otherwise a replica that hangs may be the last to know.
  const fencing = holder !== undefined && isUp(holder) ? fenceHung(seen, holder.id) : [];
  // Fenced first: a node that hangs keeps its endpoints from whoever is to have them now.
  const steps = [...decision.steps, ...dropDemoted(shard, decision, seen), ...fencing, ...aligning];
  const recovery = trackRecoveries(shard, routed, seen, writes, decision.replaced);
  const tracked = { ...routed, recovering: recovery.recovering };
  const status = judge(shard, tracked, seen, steps.length > 0 || writes.length > 0);
  return {
    status,
    writes: [...writes, ...planParameters(shard, seen, writes)],
    steps,
    events: [...primaryEvents(shard, seen, decision), ...recovery.events],
    lookAgainAfterMs: decision.lookAgainAfterMs ?? lookAgain(status),
  };
}

/**
 * A handover that went wrong after the swap may have left clients with the old primary. Those of
 * clusters are sent to the new one by it.
 */
function dropDemoted(
  { spec }: Resource<"shard">,
  { replaced }: PrimaryDecision,
  seen: SeenShard,
): readonly ShardStep[] {
  if (clientsKnowClusters(spec.clusterMode)) return [];
  const demoted = seen.members.find((one) => one.id === replaced);
  if (demoted === undefined || !isUp(demoted) || demoted.view?.role !== "replica") return [];
  return [{ do: "drop-clients", node: demoted.id }];
}

function planIndependent(
  shard: Resource<"shard">,
  placed: ShardStatus,
  seen: SeenShard,
  now: Date,
): ShardDecision {
  const discovery = nextDiscovery(placed.discovery, seen);
  const routes = discoveryRoutes(shard, placed, discovery, seen);
  const routesChanged = !isDeepStrictEqual(routes, shard.status.routes);
  const membership = planMembership(shard, seen);
  // A node that leaves is dropped from auto discovery before it is shut down.
  const stillShown = routesChanged || !seen.routesInForce;
  const writes = [
    ...(stillShown ? membership.filter((one) => one.write === "create") : membership),
    ...planIndependentLaunches(shard, seen, now),
  ];
  const steps: ShardStep[] = [
    ...(stillShown ? [{ do: "route" } as const] : []),
    ...fenceHung(seen, null),
    ...seen.staleDiscovery.map((node) => ({ do: "publish-discovery", node }) as const),
  ];
  const { recovering, events } = trackRecoveries(shard, placed, seen, writes, null);
  const routed = { ...placed, discovery, routes, recovering };
  const status = judge(shard, routed, seen, steps.length > 0 || writes.length > 0);
  const again = status.state === "available" ? discoveryLookMs : unsettledLookMs;
  const written = [...writes, ...planParameters(shard, seen, writes)];
  return { status, writes: written, steps, events, lookAgainAfterMs: again };
}

function planDeletion(shard: Resource<"shard">, seen: SeenShard): ShardDecision {
  const nodes = [...seen.members.map((one) => one.node), ...seen.leaving].filter(
    (one) => one !== null,
  );
  const routesLeft = shard.status.routes.length > 0;
  if (nodes.length === 0 && !routesLeft && seen.routesInForce) {
    return { status: shard.status, gone: true };
  }
  return {
    status: { ...shard.status, state: "deleting", because: "it is being deleted", routes: [] },
    writes: nodes
      .filter((one) => one.deletingSince === null)
      .map((one) => ({ write: "mark-deleting", ref: one })),
    steps: routesLeft || !seen.routesInForce ? [{ do: "route" }] : [],
  };
}

function lookAgain(status: ShardStatus): number | null {
  return status.state === "available" ? null : unsettledLookMs;
}
