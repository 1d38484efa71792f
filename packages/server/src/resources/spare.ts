import { type Member, nodeIdOf } from "./cache-settings.ts";

/** The cache node id of every spare; members have four digits. */
const spareNodeId = "spare";

/**
 * The place of a shard's spare node, which stands in while members are replaced or rebooted. It has
 * the cluster id of the member that it was made beside, and is shown to nobody who asks through the
 * API.
 */
export function spareBeside(member: Member): Member {
  return { ...member, cacheNodeId: spareNodeId, uid: `${member.uid}-spare`, reboots: 0 };
}

/** Whether a place or a node is a shard's spare. */
export function isSpare({ cacheNodeId }: Pick<Member, "cacheNodeId">): boolean {
  return cacheNodeId === spareNodeId;
}

/** Whether the member, or the spare in its stead, is the primary. */
export function isPrimary(member: Member, primary: string | null): boolean {
  return primary === nodeIdOf(member) || primary === nodeIdOf(spareBeside(member));
}
