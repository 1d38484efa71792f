import { shardIdOf } from "../../resources/compile.ts";
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
import type { SeenGlobalMember, SeenGlobalShard } from "./observe.ts";

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
  const { spec, status } = global;
  const old = find(seen, status.primary);
  const standsIn = sameMember(status.primary, spec.primary);
  const heir = standsIn ? standInFor(old, status, seen) : find(seen, spec.primary);
  if (standsIn && heir === undefined)
    return { spec, status: { ...status, relief: null }, events: [] };
  const fresh: Relief = { fenced: false, since: now.toISOString(), isRecovery: standsIn };
  const relief = status.relief ?? fresh;
  if (heir !== undefined && hasEverything(old, heir, relief)) {
    const what = standsIn ? "stands in as the primary of" : "became the primary of";
    const { region, id } = heir.member;
    const next = { ...status, primary: { region, id }, relief: standsIn ? fresh : null };
    const event = memberEvent(next.primary, `${what} global datastore ${global.id}`);
    return { spec, status: next, events: [event] };
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
  const fenced = followsWhatIsLeft(old, heir) && (!isLate || !relief.fenced);
  const since = fenced === relief.fenced ? relief.since : now.toISOString();
  return { spec, status: { ...status, relief: { ...relief, fenced, since } }, events: [] };
}

/** Who stands in for a primary that lost data: a member that holds all, and as much as can be. */
function standInFor(
  primary: SeenGlobalMember | undefined,
  { holders }: GlobalReplicationGroupStatus,
  seen: readonly SeenGlobalMember[],
): SeenGlobalMember | undefined {
  if (primary?.shards.some(({ shard }) => shard.status.dataLost) !== true) return undefined;
  const [best] = seen
    .filter((one) => one !== primary && !one.member.leaving)
    .filter(({ member, shards }) => {
      return holders.includes(memberKey(member)) && shards.every(({ view }) => view !== null);
    })
    .toSorted((a, b) => progressOf(b) - progressOf(a));
  return best;
}

function progressOf({ shards }: SeenGlobalMember): number {
  return shards.reduce((sum, { view }) => sum + (view?.offset ?? 0), 0);
}

function find(seen: readonly SeenGlobalMember[], name: MemberName): SeenGlobalMember | undefined {
  return seen.find(({ member }) => sameMember(member, name));
}

/** Whether the shards of a member each have a link to their upstream that is up. */
export function isFollowing(shards: readonly SeenGlobalShard[]): boolean {
  return shards.length > 0 && shards.every(({ shard }) => shard.status.upstreamLink === "up");
}

/** Whether the heir has everything that can be had from the old primary. */
function hasEverything(
  old: SeenGlobalMember | undefined,
  heir: SeenGlobalMember,
  { fenced }: Relief,
): boolean {
  return pairsOf(old, heir).every(
    ([was, next]) => holdsNothing(was) || (fenced && isInStep(was, next)),
  );
}

/** Whether the heir follows every shard from which there is something to be had. */
function followsWhatIsLeft(
  old: SeenGlobalMember | undefined,
  heir: SeenGlobalMember | undefined,
): boolean {
  if (heir === undefined) return false;
  return pairsOf(old, heir).every(
    ([was, next]) => holdsNothing(was) || next?.shard.status.upstreamLink === "up",
  );
}

/** Each shard of the old primary, with the heir's that follows it. */
function pairsOf(
  old: SeenGlobalMember | undefined,
  heir: SeenGlobalMember,
): readonly (readonly [SeenGlobalShard, SeenGlobalShard | undefined])[] {
  return (old?.shards ?? []).map((was) => {
    const id = shardIdOf(was.shard);
    return [was, heir.shards.find(({ shard }) => shardIdOf(shard) === id)];
  });
}

/** Whether nothing can be had from the shard any more. */
function holdsNothing({ shard, view }: SeenGlobalShard): boolean {
  return shard.status.dataLost || view?.offset === 0;
}

/** Whether the next one has everything that the old one acknowledged before it refused writes. */
function isInStep(old: SeenGlobalShard, next: SeenGlobalShard | undefined): boolean {
  const isFenced = old.shard.spec.upstream?.kind === "none" && old.view?.role === "replica";
  if (!isFenced || old.view === null || next === undefined || next.view === null) return false;
  const isSameStream = next.view.replicationId === old.view.replicationId;
  return isSameStream && next.view.offset >= old.view.offset;
}
