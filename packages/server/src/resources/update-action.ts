import { compareVersions } from "./engine-version.ts";
import { isInMaintenanceWindow } from "./maintenance-window.ts";
import type { CacheSettings } from "./cache-settings.ts";
import type { CacheKind } from "./compile.ts";
import type { NodeStatus } from "./node.ts";
import { binaryAtLeast, type CompletedUpdate, type RequestedUpdate } from "./requested-update.ts";
import type { Resource } from "./resource.ts";
import { concerns, type ServiceUpdate } from "./service-update.ts";

/** What an update means to one cache, in ElastiCache's words. */
export type UpdateActionState =
  | "not-applied"
  | "scheduled"
  | "waiting-to-start"
  | "in-progress"
  | "stopping"
  | "stopped"
  | "complete";

/** A node of a cache, as far as updates are concerned. */
export type UpdatableNode = Pick<NodeStatus, "launchedAs" | "startedAt">;

/** A cache and what there is of it. */
export interface UpdatableCache {
  readonly settings: CacheSettings;
  /** ISO time. */
  readonly createdAt: string;
  /** Whether everything that was asked of it is carried out. */
  readonly isSettled: boolean;
  /** Whether its shards were told of the update that it was asked to take. */
  readonly isUnderWay: boolean;
  readonly completed: CompletedUpdate | null;
  /** Its nodes; undefined for places that have none yet. */
  readonly nodes: readonly (UpdatableNode | undefined)[];
}

/** An update of a cache: how far it is, by what its nodes run. */
export interface UpdateAction {
  readonly state: UpdateActionState;
  readonly nodesUpdated: number;
  /** ISO time of the last change of `state`, as far as it can be told. */
  readonly modifiedAt: string;
  /** Whether it was complete in time; null where there is nothing to tell yet. */
  readonly slaMet: boolean | null;
  /** The request that it is carried out by; null while there is none. */
  readonly requested: RequestedUpdate | null;
}

/**
 * A cache as updates see it.
 * @param shards undefined for those that are still to be made
 * @param nodes in the places that it asks for
 */
export function updatableCache(
  cache: Resource<CacheKind>,
  shards: readonly (Resource<"shard"> | undefined)[],
  nodes: readonly (Resource<"node"> | undefined)[],
): UpdatableCache {
  const wanted = binaryAtLeast(cache.spec.update);
  return {
    settings: cache.spec,
    createdAt: cache.createdAt,
    isSettled: cache.generation <= cache.status.settledGeneration,
    isUnderWay: shards.some((one) => one?.spec.binaryAtLeast === wanted),
    completed: cache.status.completedUpdate ?? null,
    nodes: nodes.map((one) => one?.status),
  };
}

const completeShownMs = 7 * 24 * 60 * 60 * 1_000;

/** Whether a node runs the update's binary or a newer one. */
export function isUpdated(
  node: UpdatableNode | undefined,
  update: Pick<ServiceUpdate, "binaryVersion">,
): boolean {
  const launchedAs = node?.launchedAs ?? null;
  return (
    launchedAs !== null && compareVersions(launchedAs.binaryVersion, update.binaryVersion) >= 0
  );
}

/** What the update means to the cache; null when it means nothing to it, or is long done. */
export function updateActionOf(
  cache: UpdatableCache,
  update: ServiceUpdate,
  now: Date,
): UpdateAction | null {
  if (!concerns(update, cache.settings)) return null;
  const requested = requestFor(cache.settings, update);
  // A place whose node is still to start gets the newest binary anyway.
  const nodesUpdated = cache.nodes.filter((one) => !runsOlder(one, update)).length;
  const isComplete = nodesUpdated === cache.nodes.length;
  if (requested === null && (isComplete || update.status !== "available")) return null;
  const state = isComplete ? "complete" : stateOf(cache, requested, update, now);
  const modifiedAt = modifiedOf(cache, requested, update, state);
  if (isComplete && now.getTime() - Date.parse(modifiedAt) > completeShownMs) return null;
  const slaMet = slaOf(cache, update, isComplete ? modifiedAt : null, now);
  return { state, nodesUpdated, modifiedAt, slaMet, requested };
}

/** Since when the update has been there for the cache. ISO time. */
export function availableSince(cache: Pick<UpdatableCache, "createdAt">, update: ServiceUpdate) {
  return cache.createdAt > update.releasedAt ? cache.createdAt : update.releasedAt;
}

/**
 * The update that the cache takes by itself now: in its maintenance window, once the time in which
 * its owner was to ask for it is over. One that was stopped waits for being asked for again.
 */
export function dueUpdate(
  cache: UpdatableCache,
  updates: readonly ServiceUpdate[],
  now: Date,
): ServiceUpdate | null {
  if (!isInMaintenanceWindow(cache.settings.maintenanceWindow, now)) return null;
  const due = updates.filter(
    (one) => one.isInstalled && updateActionOf(cache, one, now)?.state === "scheduled",
  );
  return due.toSorted((a, b) => compareVersions(a.binaryVersion, b.binaryVersion)).at(-1) ?? null;
}

/** What the cache was asked to take and has taken since; null when nothing is to be recorded. */
export function newlyCompleted(cache: UpdatableCache, now: Date): CompletedUpdate | null {
  const { settings, completed, nodes } = cache;
  const binaryVersion = binaryAtLeast(settings.update);
  if (binaryVersion === null || binaryVersion === completed?.binaryVersion) return null;
  const behind = nodes.some((one) => runsOlder(one, { binaryVersion }));
  return behind ? null : { binaryVersion, completedAt: now.toISOString() };
}

/** Updates are cumulative: a request for a newer one is one for this. */
function requestFor(settings: CacheSettings, update: ServiceUpdate): RequestedUpdate | null {
  const requested = settings.update;
  if (requested === null) return null;
  return compareVersions(requested.binaryVersion, update.binaryVersion) >= 0 ? requested : null;
}

function runsOlder(
  node: UpdatableNode | undefined,
  update: Pick<ServiceUpdate, "binaryVersion">,
): boolean {
  return (node?.launchedAs ?? null) !== null && !isUpdated(node, update);
}

function stateOf(
  cache: UpdatableCache,
  requested: RequestedUpdate | null,
  update: ServiceUpdate,
  now: Date,
): UpdateActionState {
  if (requested === null) {
    const byItself = cache.settings.autoMinorVersionUpgrade && update.isInstalled;
    return byItself && now.getTime() >= Date.parse(update.applyBy) ? "scheduled" : "not-applied";
  }
  // Settled and not complete: its binary was taken away, and no node can take it any more.
  if (cache.isSettled) return "stopped";
  if (requested.stoppedAt !== null) return "stopping";
  return cache.isUnderWay ? "in-progress" : "waiting-to-start";
}

function modifiedOf(
  cache: UpdatableCache,
  requested: RequestedUpdate | null,
  update: ServiceUpdate,
  state: UpdateActionState,
): string {
  if (state === "complete") {
    const { completed } = cache;
    if (completed !== null && completed.binaryVersion === requested?.binaryVersion) {
      return completed.completedAt;
    }
    // About to be recorded.
    const starts = cache.nodes.flatMap((one) => one?.startedAt ?? []);
    return starts.toSorted().at(-1) ?? cache.createdAt;
  }
  if (state === "scheduled") return update.applyBy;
  return requested?.stoppedAt ?? requested?.requestedAt ?? availableSince(cache, update);
}

function slaOf(
  cache: UpdatableCache,
  { applyBy }: ServiceUpdate,
  completeAt: string | null,
  now: Date,
): boolean | null {
  if (cache.createdAt > applyBy) return null;
  if (completeAt !== null) return completeAt <= applyBy;
  return now.toISOString() > applyBy ? false : null;
}
