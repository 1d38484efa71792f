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
import { formatSlots } from "../../resources/slots.ts";
import type { OutsideShard } from "../../resources/upstream.ts";
import type { Decision, Write } from "../reconciler.ts";
import { memberEvent } from "./member-event.ts";
import type { SeenGlobalMember, SeenGlobalShard } from "./observe.ts";
import { isFollowing, relieve } from "./relief.ts";

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
    writes: [
      ...(spec === global.spec ? [] : [{ write: "spec", ref: global, spec } as const]),
      ...alignNodeGroups(status, seen),
    ],
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

/**
 * In cluster mode, gives every secondary the node groups and slots that the primary was left with
 * when a change of them could not be carried out, and with that the layout for the day when it takes
 * the role.
 */
function alignNodeGroups(
  status: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): readonly Write[] {
  const primary = seen.find(({ member }) => sameMember(member, status.primary))?.group;
  if (primary === undefined || primary.spec.clusterMode !== "enabled") return [];
  if (!isSettledGroup(primary)) return [];
  return seen.flatMap(({ member, group }): readonly Write[] => {
    if (group === undefined || group.deletingSince !== null) return [];
    if (member.leaving || sameMember(member, status.primary)) return [];
    const shards = primary.spec.shards.flatMap(({ id, slots }) => {
      const own = group.spec.shards.find((one) => one.id === id);
      return own === undefined ? [] : [{ ...own, slots }];
    });
    if (isDeepStrictEqual(shards, group.spec.shards)) return [];
    return [{ write: "spec", ref: group, spec: { ...group.spec, shards } }];
  });
}

/** A member counts as associated from the first time on that it has followed the primary. */
function associatedOf(
  status: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): readonly string[] {
  return seen
    .filter(({ member, shards }) => {
      const isPrimary = sameMember(member, status.primary);
      return isPrimary || isFollowing(shards) || status.associated.includes(memberKey(member));
    })
    .map(({ member }) => memberKey(member));
}

/**
 * Who holds the data: whoever has a place in its streams, be it their beginning. One that cannot be
 * read is believed. This is to be known as soon as a secondary follows: a primary that is lost right
 * then would start empty otherwise, and have its followers drop what they hold.
 */
function holdersOf(
  { holders }: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): readonly string[] {
  return seen
    .filter(({ member, shards }) => {
      const isBelieved = holders.includes(memberKey(member));
      const holds = ({ shard, view }: SeenGlobalShard) =>
        !shard.status.dataLost &&
        (view === null ? isBelieved : view.offset > 0 || shard.status.upstreamLink === "up");
      return shards.length > 0 && shards.every(holds);
    })
    .map(({ member }) => memberKey(member));
}

/** The spec without the members that live on alone by now, or are gone. */
function withoutWhoLeft(
  spec: GlobalReplicationGroupSpec,
  seen: readonly SeenGlobalMember[],
): GlobalReplicationGroupSpec {
  const left = seen.filter(
    ({ member, group, shards }) =>
      member.leaving &&
      (group === undefined ||
        (shards.every(({ shard }) => shard.spec.upstream === null) && isSettledGroup(group))),
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
  // While all is as asked, a member that changes by itself is its own affair. After one stood in for
  // another nothing else was asked for, and still their roles have to be taken.
  const wasSettled = global.status.state !== "modifying";
  if (wasSettled && status.settledGeneration === global.generation) return null;
  // Who follows whom may change by it.
  const learnt = !isDeepStrictEqual(status.holders, global.status.holders);
  if (learnt) return "who holds the data was just learnt";
  const primary = seen.find(({ member }) => sameMember(member, status.primary));
  const unsettled = seen.find((one) => !isInPlace({ ...global, status }, one, primary));
  return unsettled === undefined ? null : `${unsettled.member.id} is being changed`;
}

/** Whether a member is what the datastore makes of it. */
function isInPlace(
  global: Global,
  { member, group, shards }: SeenGlobalMember,
  primary: SeenGlobalMember | undefined,
): boolean {
  if (group === undefined || !isSettledGroup(group)) return false;
  const isPrimary = roleOf(global, member) === "primary";
  return shards.every(({ shard }) => {
    const { upstream, outside } = shard.spec;
    if (isPrimary) return upstream === null;
    const isOfPrimary =
      upstream?.kind === "cache" && sameMember(upstream.cache, global.status.primary);
    return isOfPrimary && shard.status.upstreamLink === "up" && isUpToDate(outside, primary?.group);
  });
}

/** Whether the slots are where a secondary thinks that they are. */
function isUpToDate(
  outside: readonly OutsideShard[],
  primary: Resource<"replication-group"> | undefined,
): boolean {
  const held = primary?.status.slotsHeld ?? {};
  return outside.every(({ id, slots }) => formatSlots(slots) === formatSlots(held[id] ?? []));
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
