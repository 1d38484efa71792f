import type { CacheKind } from "../../resources/compile.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import type { RequestedUpdate } from "../../resources/requested-update.ts";
import type { Resource } from "../../resources/resource.ts";
import { type ServiceUpdate, serviceUpdates } from "../../resources/service-update.ts";
import { dueUpdate, updatableCache } from "../../resources/update-action.ts";
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
      const { engine } = cache.spec;
      const releases = store.listAll("engine-release").filter(({ spec }) => spec.engine === engine);
      // Most of the time there is but one, which updates nothing, and nothing more to look at.
      const known = releases.length < 2 ? [] : serviceUpdates(releases, installed);
      const updates = known.filter((one) => one.isInstalled && one.engine === engine);
      const shards = updates.length === 0 ? [] : store.ownedBy("shard", cache);
      return { own, updates, shards, nodes: shards.flatMap((one) => store.ownedBy("node", one)) };
    },
    plan(cache, seen, now) {
      const decision = inner.plan(cache, seen.own, now);
      return isIdle(decision) ? updateIfDue(cache, seen, decision, now) : decision;
    },
  };
}

function updateIfDue<K extends CacheKind, Step>(
  cache: Resource<K>,
  { updates, shards, nodes }: Seen<unknown>,
  decision: Decision<K, Step>,
  now: Date,
): Decision<K, Step> {
  if (updates.length === 0) return decision;
  const due = dueUpdate(updatableCache(cache, shards, nodes), updates, now);
  if (due === null) return decision;
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
    events: [...(decision.events ?? []), { sourceType: cache.kind, sourceId: cache.id, message }],
  };
}

function isIdle({ status, writes = [], gone }: Decision<CacheKind, unknown>): boolean {
  return status.state === "available" && writes.length === 0 && gone !== true;
}
