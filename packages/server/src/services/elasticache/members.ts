import { type Member, nodeIdOf } from "../../resources/cache-settings.ts";
import { isPrimary } from "../../resources/spare.ts";

/** What is known of a shard when replicas are to be chosen. Ids are node ids. */
export interface ShardRoles {
  readonly primary: string | null;
  readonly ready: readonly string[];
}

/** The member that is the primary; before one is known, the first, which is where it starts. */
export function primaryOf(members: readonly Member[], roles: ShardRoles): Member | undefined {
  return members.find((member) => isPrimary(member, roles.primary)) ?? members[0];
}

/**
 * The `count` replicas that a shard misses least. The spread over zones is kept first, then those
 * that are in step with the primary (user guide, "Decreasing the number of replicas"); the newest
 * goes first among equals.
 */
export function replicasToSpare(
  members: readonly Member[],
  roles: ShardRoles,
  count: number,
): readonly Member[] {
  const primary = primaryOf(members, roles);
  const spared: Member[] = [];
  let left = members;
  while (spared.length < count) {
    const inZone = (zone: string) => left.filter((member) => member.zone === zone).length;
    const isReady = (member: Member) => roles.ready.includes(nodeIdOf(member));
    const next = left
      .filter((member) => member !== primary)
      .toSorted(
        (a, b) =>
          inZone(b.zone) - inZone(a.zone) ||
          Number(isReady(a)) - Number(isReady(b)) ||
          (a.clusterId < b.clusterId ? 1 : -1),
      )[0];
    if (next === undefined) return spared;
    spared.push(next);
    left = left.filter((member) => member !== next);
  }
  return spared;
}
