import type { Handover } from "../../resources/replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { bestOf } from "./best-of.ts";
import { stillRunning, withReady } from "./readiness.ts";
import { heirOfRoll } from "./roll.ts";
import { addressOf, isUp, mayStart, phaseOf, type SeenMember, type SeenShard } from "./seen.ts";
import type { ShardStep } from "./steps.ts";
import { actsAsPrimary } from "./upstream.ts";

/**
 * How long candidates may go on reading what the dead primary had sent, before one is chosen. With
 * this wait, and choosing only among replicas that acknowledged, no acknowledged write was lost in
 * 3.6 million; without, up to 32,854 in one kill.
 */
const drainMs = 500;
const drainLookMs = 5;
/** When only nodes that hang hold the data, they get this long to wake before it is given up. */
const lastHolderMs = 30_000;
const startLookMs = 100;
const lastHolderLookMs = 500;
/** How soon to look again while something is expected any moment. */
const soonMs = 20;
const handoverWithinMs = 5_000;

/** What a pass decided about the primary. */
export interface PrimaryDecision {
  readonly status: ShardStatus;
  readonly steps: readonly ShardStep[];
  /** Start the primary's process again, with or without its data. */
  readonly relaunch: "keep" | "discard" | null;
  /** The primary that was replaced in this pass. */
  readonly replaced: string | null;
  readonly lookAgainAfterMs: number | null;
}

/** Decides which member is primary. Everything else follows from that. */
export function decidePrimary(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  now: Date,
): PrimaryDecision {
  const primary = seen.members.find((one) => one.id === status.primary);
  if (primary === undefined) return firstPrimary(status, seen);
  const elected = electedInstead(primary, seen);
  if (elected !== null) return replacePrimary(shard, status, primary, elected);
  switch (phaseOf(primary)) {
    case "absent":
    case "launching":
      return keep(status);
    case "up":
      return decideHandover(shard, withReady(shard, status, primary, seen), primary, seen);
    case "hung":
    case "down":
      return failOver(shard, stillRunning(status, seen), primary, seen, now);
  }
}

function firstPrimary(status: ShardStatus, seen: SeenShard): PrimaryDecision {
  const first = seen.members.find((one) => phaseOf(one) !== "absent");
  if (first === undefined) return keep(status);
  return keep({ ...status, primary: first.id, epoch: status.epoch + 1 });
}

/**
 * In cluster mode, the member that the engines themselves made primary while nobody looked: they
 * vote where most primaries live. Only who holds slots is primary of anything.
 */
function electedInstead(primary: SeenMember, seen: SeenShard): SeenMember | null {
  const stands = isUp(primary) && (primary.cluster === null || holdsSlots(primary));
  if (stands) return null;
  return seen.members.find((one) => one !== primary && isUp(one) && holdsSlots(one)) ?? null;
}

function holdsSlots({ view, cluster }: SeenMember): boolean {
  const self = cluster?.nodes.find((one) => one.id === cluster.self);
  return view?.role === "primary" && self !== undefined && self.slots.length > 0;
}

/** The primary is well: hand its role over if that was asked for, or its node is to be replaced. */
function decideHandover(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
): PrimaryDecision {
  const heir = seen.members.find((one) => one.id === status.heir);
  if (heir !== undefined && heir.view?.role === "primary" && primary.view?.role === "replica") {
    return replacePrimary(shard, status, primary, heir);
  }
  const calm = { ...status, failover: null, heir: null, dataLost: false };
  const { handover, automaticFailover } = shard.spec;
  const asked = handover !== null && handover.number > calm.handledHandover ? handover : null;
  const handled = { ...calm, handledHandover: asked?.number ?? calm.handledHandover };
  const returnTo = automaticFailover ? null : calm.returnTo;
  const wanted =
    asked === null
      ? (memberOf(seen, returnTo) ?? heirOfRoll(shard, calm, primary, seen))
      : memberAskedFor(asked, calm, seen);
  // The member asked for has left meanwhile, or has the role already.
  if (wanted === undefined) return keep({ ...handled, returnTo: null });
  if (wanted?.id === primary.id) return keep({ ...handled, returnTo: null });
  // Not before it is ready: the engine would wait for it with writes paused.
  if (wanted === null || !calm.ready.includes(wanted.id) || !actsAsPrimary(shard, primary)) {
    return keep({ ...calm, returnTo });
  }
  if (shard.spec.upstream !== null) {
    // Nobody writes here, so nothing has to wait: the roles are simply taken.
    return replacePrimary(shard, { ...calm, heir: wanted.id }, primary, wanted);
  }
  const step: ShardStep = {
    do: "hand-over",
    from: primary.id,
    to: wanted.id,
    withinMs: handoverWithinMs,
  };
  return {
    ...keep({ ...calm, returnTo, heir: wanted.id }),
    steps: [...leaveEndpoints(primary), step, ...takeEndpoint(calm, primary, wanted)],
  };
}

/**
 * Has the primary let go of endpoints before it hands its role over. Clients whose connections end
 * with it come back at once; refused, they try again until its heir is there, while a demoted node
 * would answer them with errors that their libraries hand on.
 */
function leaveEndpoints(primary: SeenMember): readonly ShardStep[] {
  const own = addressOf(primary)?.host;
  if (own === undefined || (primary.hosts ?? []).length < 2) return [];
  return [{ do: "listen", node: primary.id, hosts: [own] }];
}

/**
 * Has the heir take the primary endpoint right after the handover, without another look in between,
 * during which writes would find nobody. Where it should be elsewhere, the next pass puts it right.
 */
function takeEndpoint(
  { endpoints }: ShardStatus,
  primary: SeenMember,
  heir: SeenMember,
): readonly ShardStep[] {
  const endpoint = endpoints.primary?.host;
  // No engine holds it where the gateway carries it, and while nobody is to have it.
  const isHeld = endpoint !== undefined && primary.hosts?.includes(endpoint) === true;
  if (!isHeld || heir.hosts === null || heir.hosts.includes(endpoint)) return [];
  return [{ do: "listen", node: heir.id, hosts: [...heir.hosts, endpoint] }];
}

/** The member that a handover names, or the best one; undefined if the named one is not here. */
function memberAskedFor(
  handover: Handover,
  status: ShardStatus,
  seen: SeenShard,
): SeenMember | null | undefined {
  if (handover.to !== null) {
    return seen.members.find((one) => one.member.clusterId === handover.to);
  }
  return bestOf(
    seen.members.filter((one) => status.ready.includes(one.id)),
    null,
  );
}

function memberOf(seen: SeenShard, id: string | null): SeenMember | null {
  return seen.members.find((one) => one.id === id) ?? null;
}

/** The primary is lost: fence it, let the candidates drain, choose the one that has most. */
function failOver(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
  now: Date,
): PrimaryDecision {
  const others = seen.members.filter((one) => one.id !== primary.id && one.running && !one.hung);
  const readable = others.filter((one) => one.view !== null && one.view.link?.syncing !== true);
  const ready = readable.filter((one) => status.ready.includes(one.id));
  const holding = readable.filter((one) => (one.view?.offset ?? 0) > 0);
  const primaryKept = primary.node?.status.dataOnDisk ?? false;
  const pool = ready.length > 0 ? ready : primaryKept ? [] : holding;
  const failover = status.failover ?? {
    ...{ from: primary.id, noticedAt: now.toISOString(), fencedAt: null },
  };
  const noticedForMs = now.getTime() - Date.parse(failover.noticedAt);
  // A replica that cannot be read yet, or whose sync with the lost primary is just breaking off, may
  // hold everything. Until that is known, nobody who holds less takes over, or starts empty.
  const unclear = others.filter((one) => !readable.includes(one));
  const mayHoldMore = unclear.some((one) => status.ready.includes(one.id)) && ready.length === 0;
  if ((mayHoldMore || (pool.length === 0 && unclear.length > 0)) && noticedForMs < lastHolderMs) {
    return { ...keep({ ...status, failover }), lookAgainAfterMs: soonMs };
  }
  if (primary.running) {
    if (pool.length === 0 && !primaryKept && noticedForMs < lastHolderMs) {
      // Ending it would be the end of the data, and nobody could take over.
      return { ...keep({ ...status, failover }), lookAgainAfterMs: lastHolderLookMs };
    }
    // Fence before promoting: a primary that is only slow would go on taking writes that the new
    // one never sees. Ending its process turns a possible split brain into a short outage.
    return { ...keep({ ...status, failover }), steps: [{ do: "fence", node: primary.id }] };
  }
  const fencedAt = failover.fencedAt ?? now.toISOString();
  const fencedForMs = now.getTime() - Date.parse(fencedAt);
  const waiting = { ...status, failover: { ...failover, fencedAt } };
  if (pool.length === 0) {
    const mayWake = seen.members.some((one) => one.hung && status.ready.includes(one.id));
    if (mayWake && !primaryKept && fencedForMs < lastHolderMs) {
      return { ...keep(waiting), lookAgainAfterMs: soonMs };
    }
    if (!mayStart(primary, now)) return { ...keep(waiting), lookAgainAfterMs: startLookMs };
    return withoutHeir(shard, { ...waiting, dataLost: false }, primary, seen);
  }
  if (pool.some((one) => one.view?.link?.up === true) && fencedForMs < drainMs) {
    return { ...keep(waiting), lookAgainAfterMs: drainLookMs };
  }
  const heir = bestOf(pool, primary.member.zone);
  return heir === null ? keep(status) : replacePrimary(shard, status, primary, heir);
}

/** Nobody who runs holds the data: start again from a disk that has it, or empty. */
function withoutHeir(
  shard: Resource<"shard">,
  waiting: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
): PrimaryDecision {
  const status = { ...waiting, failover: null };
  if (primary.node?.status.dataOnDisk === true) return { ...keep(status), relaunch: "keep" };
  const saved = seen.members.find(
    (one) => phaseOf(one) === "down" && one.node?.status.dataOnDisk === true,
  );
  if (saved === undefined) {
    // Empty, it would be followed by those who hold the data, and they would drop it.
    const { upstream, heldElsewhere } = shard.spec;
    const waits = heldElsewhere && (upstream === null || upstream.kind === "none");
    if (waits) return { ...keep({ ...waiting, dataLost: true }), lookAgainAfterMs: startLookMs };
    return { ...keep(status), relaunch: "discard" };
  }
  const next = { ...status, primary: saved.id, epoch: status.epoch + 1, ready: [] };
  return { ...keep(next), relaunch: "keep" };
}

function replacePrimary(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  heir: SeenMember,
): PrimaryDecision {
  const { handover, automaticFailover } = shard.spec;
  const satisfied = handover !== null && (handover.to === null || heir.id === status.heir);
  const planned = heir.id === status.heir;
  const returnTo = automaticFailover || planned ? null : (status.returnTo ?? primary.id);
  return {
    ...keep({
      ...status,
      primary: heir.id,
      epoch: status.epoch + 1,
      ready: status.ready.filter((id) => id !== heir.id && id !== primary.id),
      failover: null,
      heir: null,
      returnTo: returnTo === heir.id ? null : returnTo,
      handledHandover: satisfied ? handover.number : status.handledHandover,
    }),
    replaced: primary.id,
  };
}

function keep(status: ShardStatus): PrimaryDecision {
  return { status, steps: [], relaunch: null, replaced: null, lookAgainAfterMs: null };
}
