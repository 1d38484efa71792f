import type { CacheKind } from "../../resources/compile.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import type { CompletedUpdate, RequestedUpdate } from "../../resources/requested-update.ts";
import type { Resource } from "../../resources/resource.ts";
import { type ServiceUpdate, serviceUpdates, updateName } from "../../resources/service-update.ts";
import { dueUpdate, newlyCompleted, updatableCache } from "../../resources/update-action.ts";
import type { Store } from "../../store/store.ts";
import type { Decision, Reconciler, Write } from "../reconciler.ts";

/** What the cache's own reconciler saw, and what there is to update. */
interface Seen<Observed> {
  readonly own: Observed;
  readonly updates: readonly ServiceUpdate[];
  readonly shards: readonly Resource<"shard">[];
  readonly nodes: readonly Resource<"node">[];
}

/**
 * Has caches take the service updates that their owners left until the recommended date: in their
 * maintenance window, where they upgrade by themselves, and when nothing else is being changed.
 * Records when all nodes have the update that was asked for, since nodes start anew later too.
 */
export function withAutoUpdate<K extends CacheKind, Observed, Step>(
  inner: Reconciler<K, Observed, Step>,
  store: Store,
  installed: readonly InstalledEngine[],
): Reconciler<K, Seen<Observed>, Step> {
  return {
    ...inner,
    async observe(cache, signal) {
      const own = await inner.observe(cache, signal);
      const { engine, update } = cache.spec;
      const releases = store.listAll("engine-release").filter(({ spec }) => spec.engine === engine);
      // Most of the time there is but one, which updates nothing, and nothing more to look at.
      const known = releases.length < 2 ? [] : serviceUpdates(releases, installed);
      const updates = known.filter((one) => one.isInstalled);
      const isConcerned = updates.length > 0 || update !== null;
      const shards = isConcerned ? store.ownedBy("shard", cache) : [];
      return { own, updates, shards, nodes: shards.flatMap((one) => store.ownedBy("node", one)) };
    },
    plan(cache, seen, now) {
      const decision = inner.plan(cache, seen.own, now);
      if (!isIdle(decision) || seen.shards.length === 0) return decision;
      const updatable = updatableCache(cache, seen.shards, seen.nodes);
      const completed = newlyCompleted(updatable, now);
      if (completed !== null) return complete(cache, completed, decision);
      const due = dueUpdate(updatable, seen.updates, now);
      return due === null ? decision : begin(cache, due, decision, now);
    },
  };
}

function complete<K extends CacheKind, Step>(
  cache: Resource<K>,
  completedUpdate: CompletedUpdate,
  decision: Decision<K, Step>,
): Decision<K, Step> {
  const { binaryVersion } = completedUpdate;
  const name = updateName({ engine: cache.spec.engine, binaryVersion });
  return {
    ...decision,
    status: { ...decision.status, completedUpdate },
    events: [...(decision.events ?? []), event(cache, `Finished applying service update ${name}`)],
  };
}

function begin<K extends CacheKind, Step>(
  cache: Resource<K>,
  due: ServiceUpdate,
  decision: Decision<K, Step>,
  now: Date,
): Decision<K, Step> {
  const update: RequestedUpdate = {
    binaryVersion: due.binaryVersion,
    requestedAt: now.toISOString(),
    requestedBy: "system",
    stoppedAt: null,
  };
  const message = `Applying service update ${due.name} in the maintenance window`;
  return {
    ...decision,
    writes: [{ write: "spec", ref: cache, spec: { ...cache.spec, update } } as Write],
    events: [...(decision.events ?? []), event(cache, message)],
  };
}

function event(cache: Resource<CacheKind>, message: string): EventDraft {
  return { sourceType: cache.kind, sourceId: cache.id, message };
}

function isIdle({ status, writes = [], gone }: Decision<CacheKind, unknown>): boolean {
  return status.state === "available" && writes.length === 0 && gone !== true;
}
