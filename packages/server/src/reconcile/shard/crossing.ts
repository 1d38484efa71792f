import { onlyShardId } from "../../resources/compile.ts";
import type { Resource } from "../../resources/resource.ts";
import { evenSlots } from "../../resources/slots.ts";
import type { OutsideShard } from "../../resources/upstream.ts";
import { follows } from "./endpoints.ts";
import { addressOf, inClusterMode, isUp, type SeenMember } from "./seen.ts";

/*
 * While a shard goes into cluster mode or back, its members are replaced by ones in the other mode,
 * which follow a primary that is not. Such a node is told whom to follow when it starts.
 */

/** A node that was just started needs this long to find its primary. */
const findsPrimaryWithinMs = 5_000;

/** What nodes that start now in cluster mode know of a primary that is in none: it has all slots. */
export function outsideOnTheWay(
  { spec }: Resource<"shard">,
  primary: SeenMember,
): readonly OutsideShard[] {
  const address = addressOf(primary);
  const isCrossing = spec.clusterMode !== "disabled" && !inClusterMode(primary);
  return isCrossing && address !== null
    ? [{ id: onlyShardId, primary: address, slots: evenSlots(1) }]
    : [];
}

/** Whether the member can be told to follow the primary while it runs. */
export function canBeRepointed(one: SeenMember, primary: SeenMember): boolean {
  return !inClusterMode(one) || inClusterMode(primary);
}

/** Whether the member has lost a primary that it can only be given by starting anew. */
export function isAstray(one: SeenMember, primary: SeenMember, now: Date): boolean {
  const address = addressOf(primary);
  if (canBeRepointed(one, primary) || !isUp(one) || one.view === null || address === null) {
    return false;
  }
  const startedAt = one.node?.status.startedAt ?? null;
  const isOld = startedAt !== null && now.getTime() - Date.parse(startedAt) > findsPrimaryWithinMs;
  return isOld && !follows(one, address);
}
