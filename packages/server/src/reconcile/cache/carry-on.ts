import type { CacheKind } from "../../resources/compile.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Resource, Spec, Status } from "../../resources/resource.ts";
import type { Decision, Write } from "../reconciler.ts";
import { planChange } from "./planned.ts";

/** How soon to look again while a change cannot begin yet. */
const waitingLookMs = 500;

/**
 * The decision, with what waits until all is as asked: the change that was carried out is told of,
 * and the next one begins.
 * @param spec of the cache, with what else is due already in it
 * @param fits whether the data fits the smaller node type that waits; null while that is not known
 */
export function carryOn<K extends CacheKind, Step>(
  cache: Resource<K>,
  decision: Decision<K, Step>,
  spec: Spec<K>,
  fits: boolean | null,
  installed: readonly InstalledEngine[],
  now: Date,
): Decision<K, Step> {
  const told = cache.status.announce ?? [];
  const { status } = decision;
  if (status.state !== "available") return { ...decision, status: { ...status, announce: told } };
  const change = planChange(spec, fits, installed, now);
  const next = change?.spec ?? spec;
  const begun: readonly Write[] =
    next === cache.spec ? [] : [{ write: "spec", ref: cache, spec: next } as Write];
  const messages = [...told, ...(change?.messages ?? [])];
  const announced = { ...status, announce: change?.announce ?? [] };
  return {
    ...decision,
    // Not "available" in between, which whoever waits for the change would take for its end.
    status: change === null ? announced : waiting(cache, announced, change.because),
    writes: [...(decision.writes ?? []), ...begun],
    events: [...(decision.events ?? []), ...messages.flatMap((one) => eventsOf(cache, one))],
    lookAgainAfterMs:
      change !== null && change.spec === null ? waitingLookMs : (decision.lookAgainAfterMs ?? null),
  };
}

function waiting<K extends CacheKind>(
  cache: Resource<K>,
  status: Status<CacheKind>,
  because: string,
): Status<CacheKind> {
  const { settledGeneration } = cache.status;
  return { ...status, state: "modifying", settledGeneration, because };
}

/** A cache's event; a group's is its members' as well. */
function eventsOf(cache: Resource<CacheKind>, message: string): readonly EventDraft[] {
  const { kind, id, spec } = cache;
  if (kind === "cache-cluster") return [{ sourceType: kind, sourceId: id, message }];
  const members = "shards" in spec ? spec.shards.flatMap((shard) => shard.members) : [];
  return [
    { sourceType: "replication-group", sourceId: id, message },
    ...members.map(
      ({ clusterId }) => ({ sourceType: "cache-cluster", sourceId: clusterId, message }) as const,
    ),
  ];
}
