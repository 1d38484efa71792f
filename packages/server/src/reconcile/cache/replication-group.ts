import { isDeepStrictEqual } from "node:util";
import { shardOfGroup, shardRef } from "../../resources/compile.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { ReplicationGroupStatus } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Upstream } from "../../resources/upstream.ts";
import type { Claims } from "../../store/store.ts";
import { actOnCluster } from "../cluster/act.ts";
import {
  configurationRouteId,
  configurationRoutes,
  placeConfiguration,
} from "../cluster/configuration.ts";
import { type ClusterTools, observeCluster } from "../cluster/observe.ts";
import { planFollowers, slotsElsewhere } from "../cluster/followers.ts";
import { planCluster } from "../cluster/plan.ts";
import { planResharding, slotsAtHand } from "../cluster/resharding.ts";
import type { SeenCluster } from "../cluster/seen.ts";
import type { ClusterStep } from "../cluster/steps.ts";
import { type GlobalWish, globalWishOf } from "../global/upstream.ts";
import { withMigration } from "../migration/decision.ts";
import { type MigrationTools, observeMigration, type SeenMigration } from "../migration/observe.ts";
import { planMigration } from "../migration/plan.ts";
import type { Placed, Placement } from "../placement.ts";
import type { Decision, Reconciler } from "../reconciler.ts";
import { RouteError } from "../shard/route-table.ts";
import { carryOn } from "./carry-on.ts";
import { databasesBeside, databasesInUse, withoutClusterMode } from "./entering-cluster-mode.ts";
import { fitsPending, type FitTools } from "./fits.ts";
import { type CacheOutcome, settleCache } from "./settle.ts";

type Group = Resource<"replication-group">;
type GroupDecision = Decision<"replication-group", ClusterStep>;

/** What a look at a group found. */
interface SeenGroup {
  readonly shards: readonly Resource<"shard">[];
  /** Null while cluster mode is disabled. */
  readonly cluster: SeenCluster | null;
  /** Null while the group does not migrate. */
  readonly migration: SeenMigration | null;
  readonly global: GlobalWish;
  readonly claims: Claims;
  /** While it goes into cluster mode: its databases with keys; null otherwise, and if unknown. */
  readonly databases: readonly number[] | null;
  /** Whether its data fits the smaller node type that waits; null if none does, or unknown. */
  readonly fits: boolean | null;
}

/** While a cluster is not as asked, it is looked at this often even if nothing wakes it. */
const unsettledLookMs = 150;

/** Drives replication groups: one shard for each node group asked for, and what holds them together. */
export function createReplicationGroupReconciler(
  tools: ClusterTools & MigrationTools & FitTools,
  placementOf: (one: Placed) => Placement,
): Reconciler<"replication-group", SeenGroup, ClusterStep> {
  const { store } = tools;
  return {
    kind: "replication-group",
    observe: async (group) => {
      const migration = await observeMigration(tools, group);
      const shards = store.ownedBy("shard", group);
      const cluster =
        group.spec.clusterMode === "disabled" ? null : await observeCluster(tools, group, shards);
      const databases = await databasesInUse(tools, group);
      const fits = await fitsPending(tools, group);
      const global = globalWishOf(store, group);
      return { shards, cluster, migration, global, claims: store.claims(), databases, fits };
    },
    plan(group, seen, now) {
      const refused = databasesBeside(group, seen.databases);
      if (refused !== null) return withoutClusterMode(group, refused);
      const migration = planMigration(group, seen.migration, now);
      const planned = planReplicationGroup(group, seen, migration.upstream, placementOf(group));
      const { decision, spec } = withMigration(group, planned, migration);
      return carryOn(group, decision, spec, seen.fits, tools.installed, now);
    },
    act: (step, group, signal) =>
      step.do === "route" ? route(tools, group) : actOnCluster(tools, step, group, signal),
    eventSource: (group) => ({ sourceType: "replication-group", sourceId: group.id }),
  };
}

/** What to do about a replication group. */
function planReplicationGroup(
  group: Group,
  { shards, cluster, claims, global }: SeenGroup,
  source: Upstream | null,
  placement: Placement,
): GroupDecision {
  const wanted = group.spec.shards.map((layout) => ({
    ref: shardRef(group, "replication-group", group.id, layout.id),
    spec: {
      ...shardOfGroup(group.spec, layout),
      ...global.ofShard(layout.id),
      ...(source !== null && { upstream: source }),
    },
  }));
  if (cluster === null) return withoutCluster(group, settleCache(group, wanted, shards));
  const { followed } = global;
  const hand =
    followed === null
      ? slotsAtHand(group, shards, cluster)
      : slotsElsewhere(group, shards, followed);
  // A shard that is no longer asked for leaves once it holds nothing.
  const kept = hand.needed.map((shard) => ({ ref: shard, spec: shard.spec }));
  const outcome = settleCache(group, [...wanted, ...kept], shards);
  if (group.deletingSince !== null) return planClusterDeletion(group, outcome, cluster);
  const configuration = placeConfiguration(group, claims, placement);
  const routes = configurationRoutes(group, configuration, cluster);
  const routing = !cluster.routesInForce || !isDeepStrictEqual(routes, group.status.routes);
  const { missing, unclear, steps } =
    followed === null ? planCluster(group.spec.shards, cluster) : planFollowers(cluster);
  const mayBegin = outcome.state === "available" && missing === null;
  const moving = planResharding(group, hand, mayBegin);
  const isAsBefore = group.status.settledGeneration === group.generation;
  const isUnread = followed === null && hand.map === null && !isAsBefore;
  const unread = isUnread ? "its slots cannot be read now" : null;
  const lacking =
    configuration === null
      ? "no address is free for the configuration endpoint"
      : (moving.because ?? missing ?? unread);
  // A new server is not connected to every node at once: what its predecessor left is believed,
  // unless something else was asked for meanwhile.
  const isTakenUp = unclear && group.status.state === "available" && isAsBefore;
  const settled = isTakenUp ? outcome : unlessMissing(group, outcome, lacking);
  const decision = decisionOf(group, settled, { configuration, routes, ...moving.status });
  return {
    ...decision,
    writes: [...(decision.writes ?? []), ...moving.writes],
    events: [...(decision.events ?? []), ...moving.events],
    steps: [...steps, ...(routing ? [{ do: "route" } as const] : []), ...moving.steps],
    lookAgainAfterMs: settled.state === "available" && !unclear ? null : unsettledLookMs,
  };
}

/** What is left of a cluster goes with the mode. */
function withoutCluster(group: Group, outcome: CacheOutcome): GroupDecision {
  const { routes, configuration } = group.status;
  if (routes.length === 0 && configuration === null) return decisionOf(group, outcome, {});
  const decision = decisionOf(group, outcome, { routes: [], configuration: null });
  return { ...decision, steps: [{ do: "route" }] };
}

function planClusterDeletion(
  group: Group,
  outcome: CacheOutcome,
  cluster: SeenCluster,
): GroupDecision {
  const routed = group.status.routes.length > 0 || !cluster.routesInForce;
  return {
    ...decisionOf(group, { ...outcome, gone: outcome.gone && !routed }, { routes: [] }),
    steps: routed ? [{ do: "route" }] : [],
  };
}

/** The outcome of a group whose shards are each as asked, held back while the cluster is not. */
function unlessMissing(group: Group, outcome: CacheOutcome, missing: string | null): CacheOutcome {
  if (missing === null || outcome.state !== "available") return outcome;
  const { settledGeneration } = group.status;
  const state = settledGeneration === 0 ? "creating" : "modifying";
  return { ...outcome, state, settledGeneration, because: missing };
}

function decisionOf(
  group: Group,
  outcome: CacheOutcome,
  change: Partial<ReplicationGroupStatus>,
): GroupDecision {
  const { state, settledGeneration, because, writes, gone } = outcome;
  const clusterMode = state === "available" ? group.spec.clusterMode : group.status.clusterMode;
  const status = { ...group.status, ...change, state, settledGeneration, because, clusterMode };
  return { status, writes, gone, events: eventsOf(group, outcome) };
}

function eventsOf(group: Group, outcome: CacheOutcome): readonly EventDraft[] {
  const event = (message: string): EventDraft => ({
    sourceType: "replication-group",
    sourceId: group.id,
    message,
  });
  if (outcome.gone) return [event(`Replication group ${group.id} deleted`)];
  if (outcome.state === "create-failed" && group.status.state !== "create-failed") {
    return [event(`Failed to create replication group ${group.id}: ${outcome.because}`)];
  }
  const isFirst = group.status.settledGeneration === 0 && outcome.settledGeneration > 0;
  return isFirst ? [event(`Replication group ${group.id} created`)] : [];
}

/** Has the gateway carry the configuration endpoint; a new group takes another address instead. */
async function route({ store, routes }: ClusterTools, group: Group): Promise<void> {
  try {
    await routes.apply();
  } catch (error) {
    const now = store.get(group);
    const refused = error instanceof RouteError ? error.routes : [];
    if (
      now !== undefined &&
      now.status.settledGeneration === 0 &&
      refused.includes(configurationRouteId(group))
    ) {
      store.setStatus(group, { ...now.status, configuration: null, routes: [] });
    }
    throw error;
  }
}
