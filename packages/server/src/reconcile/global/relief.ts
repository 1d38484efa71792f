import type { EventDraft } from "../../resources/event.ts";
import {
  type GlobalReplicationGroupSpec,
  type GlobalReplicationGroupStatus,
  memberKey,
  type MemberName,
  type Relief,
  sameMember,
} from "../../resources/global-replication-group.ts";
import type { Resource } from "../../resources/resource.ts";
import { memberEvent } from "./member-event.ts";
import type { SeenGlobalMember } from "./observe.ts";

type Global = Resource<"global-replication-group">;

/** A member that cannot catch up with the primary in this time does not become primary. */
const catchUpWithinMs = 30_000;

/** Who is primary from now on, and who is on the way to it. */
interface Outcome {
  readonly spec: GlobalReplicationGroupSpec;
  readonly status: GlobalReplicationGroupStatus;
  readonly events: readonly EventDraft[];
}

/**
 * Moves the role of the primary to another member. The primary is made to refuse writes first: what
 * it acknowledged until then, the next one has before it takes any. A primary that lost its data is
 * not waited for. Asked to stay primary, it gets its data back: another member that holds it stands
 * in, and is relieved once the lost one has everything.
 */
export function relieve(global: Global, seen: readonly SeenGlobalMember[], now: Date): Outcome {
  const { spec } = global;
  const status = standIn(global, seen, now);
  const isSame = sameMember(status.primary, spec.primary);
  if (isSame) return { spec, status: { ...status, relief: null }, events: [] };
  const old = find(seen, status.primary);
  const heir = find(seen, spec.primary);
  const fresh: Relief = { fenced: false, since: now.toISOString(), isRecovery: false };
  const relief = status.relief ?? fresh;
  if (heir !== undefined && (holdsNothing(old) || (relief.fenced && isInStep(old, heir)))) {
    const what = `became the primary of global datastore ${global.id}`;
    const next = { ...status, primary: spec.primary, relief: null };
    return { spec, status: next, events: [memberEvent(spec.primary, what)] };
  }
  const isLate = now.getTime() - Date.parse(relief.since) > catchUpWithinMs;
  if (isLate && !relief.isRecovery) {
    // Writes were refused long enough: the old primary goes on, and nothing is lost.
    const what = `stays a secondary of global datastore ${global.id}: it does not catch up`;
    return {
      ...{ spec: { ...spec, primary: status.primary }, status: { ...status, relief: null } },
      events: [memberEvent(spec.primary, what)],
    };
  }
  // Not before the heir follows: writes would be refused for nothing.
  const isReady = heir?.shard?.status.upstreamLink === "up";
  const fenced = isReady && (!isLate || !relief.fenced);
  const since = fenced === relief.fenced ? relief.since : now.toISOString();
  return { spec, status: { ...status, relief: { ...relief, fenced, since } }, events: [] };
}

/** A primary that lost its data, and is to stay primary, has a member that holds it stand in. */
function standIn(
  { spec, status }: Global,
  seen: readonly SeenGlobalMember[],
  now: Date,
): GlobalReplicationGroupStatus {
  if (!sameMember(status.primary, spec.primary)) return status;
  if (find(seen, status.primary)?.shard?.status.dataLost !== true) return status;
  const holders = seen
    .filter(({ member }) => !member.leaving && !sameMember(member, status.primary))
    .filter(({ member, view }) => view !== null && status.holders.includes(memberKey(member)))
    .toSorted((a, b) => (b.view?.offset ?? 0) - (a.view?.offset ?? 0));
  const [best] = holders;
  if (best === undefined) return status;
  const { region, id } = best.member;
  const relief = { fenced: false, since: now.toISOString(), isRecovery: true };
  return { ...status, primary: { region, id }, relief };
}

function find(seen: readonly SeenGlobalMember[], name: MemberName): SeenGlobalMember | undefined {
  return seen.find(({ member }) => sameMember(member, name));
}

/** Whether nothing can be had from the member any more. */
function holdsNothing(one: SeenGlobalMember | undefined): boolean {
  if (one?.group === undefined || one.shard === undefined) return true;
  return one.shard.status.dataLost || one.view?.offset === 0;
}

/** Whether the heir has everything that the old primary acknowledged before it refused writes. */
function isInStep(old: SeenGlobalMember | undefined, heir: SeenGlobalMember): boolean {
  const isFenced = old?.shard?.spec.upstream?.kind === "none" && old.view?.role === "replica";
  if (!isFenced || old.view === null || heir.view === null) return false;
  const isSameStream = heir.view.replicationId === old.view.replicationId;
  return isSameStream && heir.view.offset >= old.view.offset;
}
