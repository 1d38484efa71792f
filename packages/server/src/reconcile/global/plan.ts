import { isDeepStrictEqual } from "node:util";
import {
  type GlobalReplicationGroupSpec,
  type GlobalReplicationGroupStatus,
  memberKey,
  roleOf,
  sameMember,
} from "../../resources/global-replication-group.ts";
import type { EventDraft } from "../../resources/event.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Decision } from "../reconciler.ts";
import { memberEvent } from "./member-event.ts";
import type { SeenGlobalMember } from "./observe.ts";
import { relieve } from "./relief.ts";

type Global = Resource<"global-replication-group">;
type GlobalDecision = Decision<"global-replication-group", never>;

/** While a datastore is not as asked, it is looked at this often even if nothing wakes it. */
const unsettledLookMs = 200;
/** While nothing changes: which members hold the data is to be known before one of them is lost. */
const settledLookMs = 2_000;

/** What to do about a global datastore: who is primary, who still joins, who has left. */
export function planGlobal(
  global: Global,
  seen: readonly SeenGlobalMember[],
  now: Date,
): GlobalDecision {
  if (global.deletingSince !== null) return planDeletion(global, seen);
  const next = relieve(global, seen, now);
  const associated = associatedOf(next.status, seen);
  const holders = holdersOf(next.status, seen);
  const spec = withoutWhoLeft(next.spec, seen);
  const status = settle(global, { ...next.status, associated, holders }, spec, seen);
  const isSettled = status.state === "available" || status.state === "primary-only";
  return {
    status,
    writes: spec === global.spec ? [] : [{ write: "spec", ref: global, spec }],
    events: [...next.events, ...membershipEvents(global, status, spec)],
    lookAgainAfterMs: isSettled ? settledLookMs : unsettledLookMs,
  };
}

/** The groups that are not kept go first: their datastore shows until they have. */
function planDeletion(global: Global, seen: readonly SeenGlobalMember[]): GlobalDecision {
  const going = seen.find(({ group }) => group !== undefined && group.deletingSince !== null);
  const because = going === undefined ? "it is deleted" : `${going.member.id} is being deleted`;
  return {
    status: { ...global.status, state: "deleting", because },
    gone: going === undefined,
    lookAgainAfterMs: unsettledLookMs,
  };
}

/** A member counts as associated from the first time on that it has followed the primary. */
function associatedOf(
  status: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): readonly string[] {
  return seen
    .filter(({ member, shard }) => {
      const isPrimary = sameMember(member, status.primary);
      const follows = shard?.status.upstreamLink === "up";
      return isPrimary || follows || status.associated.includes(memberKey(member));
    })
    .map(({ member }) => memberKey(member));
}

/** Who holds the data: whoever has a place in its stream. One that cannot be read is believed. */
function holdersOf(
  { holders }: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): readonly string[] {
  return seen
    .filter(({ member, shard, view }) => {
      if (shard === undefined || shard.status.dataLost) return false;
      return view === null ? holders.includes(memberKey(member)) : view.offset > 0;
    })
    .map(({ member }) => memberKey(member));
}

/** The spec without the members that live on alone by now, or are gone. */
function withoutWhoLeft(
  spec: GlobalReplicationGroupSpec,
  seen: readonly SeenGlobalMember[],
): GlobalReplicationGroupSpec {
  const left = seen.filter(
    ({ member, group, shard }) =>
      member.leaving &&
      (group === undefined || (shard?.spec.upstream === null && isSettledGroup(group))),
  );
  if (left.length === 0) return spec;
  const members = spec.members.filter((one) => !left.some(({ member }) => sameMember(member, one)));
  return { ...spec, members };
}

function settle(
  global: Global,
  status: GlobalReplicationGroupStatus,
  spec: GlobalReplicationGroupSpec,
  seen: readonly SeenGlobalMember[],
): GlobalReplicationGroupStatus {
  const missing = spec === global.spec ? missingOf(global, status, seen) : "its members change";
  if (missing === null) {
    const state = spec.members.length > 1 ? "available" : "primary-only";
    return { ...status, state, settledGeneration: global.generation, because: "all is as asked" };
  }
  const state = status.settledGeneration === 0 ? "creating" : "modifying";
  return { ...status, state, because: missing };
}

function missingOf(
  global: Global,
  status: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): string | null {
  if (!sameMember(status.primary, global.spec.primary)) return "its primary is to change";
  const leaving = seen.find(({ member }) => member.leaving);
  if (leaving !== undefined) return `${leaving.member.id} is leaving`;
  const joining = seen.find(({ member }) => !status.associated.includes(memberKey(member)));
  if (joining !== undefined) return `${joining.member.id} copies the data`;
  // Once all was as asked, a member that changes by itself is its own affair.
  if (status.settledGeneration === global.generation) return null;
  // Who follows whom may change by it.
  const learnt = !isDeepStrictEqual(status.holders, global.status.holders);
  if (learnt) return "who holds the data was just learnt";
  const unsettled = seen.find((one) => !isInPlace({ ...global, status }, one));
  return unsettled === undefined ? null : `${unsettled.member.id} is being changed`;
}

/** Whether a member is what the datastore makes of it. */
function isInPlace(global: Global, { member, group, shard }: SeenGlobalMember): boolean {
  if (group === undefined || shard === undefined || !isSettledGroup(group)) return false;
  const { upstream } = shard.spec;
  if (roleOf(global, member) === "primary") return upstream === null;
  return (
    upstream?.kind === "cache" &&
    sameMember(upstream.cache, global.status.primary) &&
    shard.status.upstreamLink === "up"
  );
}

function isSettledGroup({ status, generation }: Resource<"replication-group">): boolean {
  return status.state === "available" && status.settledGeneration === generation;
}

function membershipEvents(
  global: Global,
  status: GlobalReplicationGroupStatus,
  spec: GlobalReplicationGroupSpec,
): readonly EventDraft[] {
  const { associated } = global.status;
  const joined = global.spec.members.filter(
    (one) => status.associated.includes(memberKey(one)) && !associated.includes(memberKey(one)),
  );
  const left = global.spec.members.filter((one) => !spec.members.includes(one));
  return [
    ...joined.map((one) => memberEvent(one, `associated with global datastore ${global.id}`)),
    ...left.map((one) => memberEvent(one, `disassociated from global datastore ${global.id}`)),
  ];
}
