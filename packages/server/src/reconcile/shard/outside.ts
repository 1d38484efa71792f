import type { ClusterView } from "../../engine/engine.ts";
import { type Address, sameAddress } from "../../resources/address.ts";
import type { Resource } from "../../resources/resource.ts";
import { formatSlots } from "../../resources/slots.ts";
import { isUp, type SeenMember, type SeenShard } from "./seen.ts";

/*
 * A shard in cluster mode can follow one of another cluster. Its nodes do so each by itself, since in
 * a cluster no replica has replicas, and a node learns of it only when it starts. Both what it
 * follows and whose it thinks the slots there are show in its view of its own cluster.
 */

/** Whether the nodes of the shard each follow its upstream, a shard of another cluster. */
export function followsOutside({ spec }: Resource<"shard">): boolean {
  return spec.outside.length > 0;
}

/** Whether the member has to start anew: to follow the upstream, or to know whose slots are now. */
export function startsToFollow(
  shard: Resource<"shard">,
  one: SeenMember,
  { members }: SeenShard,
): boolean {
  const { upstream } = shard.spec;
  if (!followsOutside(shard) || upstream?.kind !== "cache") return false;
  if (!isUp(one) || one.cluster === null) return false;
  if (!isReplicaOf(one.cluster, upstream.address)) return true;
  const isStale = ({ cluster }: SeenMember) => cluster !== null && !knowsOutside(shard, cluster);
  // One after the other: what they serve meanwhile is right, but for slots that have moved.
  const others = members.filter((other) => other !== one);
  const isNext = others.every((other) => isUp(other) && other.view?.link?.up === true);
  return isNext && members.find(isStale) === one;
}

function isReplicaOf({ self, nodes }: ClusterView, upstream: Address): boolean {
  const own = nodes.find(({ id }) => id === self);
  const followed = nodes.find(({ id }) => id === own?.primaryId);
  return sameAddress(followed?.address ?? null, upstream);
}

function knowsOutside({ spec }: Resource<"shard">, { nodes }: ClusterView): boolean {
  return spec.outside.every(({ primary, slots }) => {
    const known = nodes.find(({ address }) => sameAddress(address, primary));
    return known !== undefined && formatSlots(known.slots) === formatSlots(slots);
  });
}

/** The members that are in step with the upstream, besides the primary. */
export function inStepWithUpstream(
  { spec }: Resource<"shard">,
  primary: SeenMember,
  { members }: SeenShard,
): readonly string[] {
  const { upstream } = spec;
  if (upstream?.kind !== "cache") return [];
  const isInStep = ({ view }: SeenMember) =>
    view?.link?.up === true && sameAddress(view.link.primary, upstream.address);
  return members.filter((one) => one !== primary && isUp(one) && isInStep(one)).map(({ id }) => id);
}
