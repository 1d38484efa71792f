import { sameAddress } from "../../resources/address.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { followsOutside, inStepWithUpstream } from "./outside.ts";
import { addressOf, isUp, type SeenMember, type SeenShard } from "./seen.ts";
import { actsAsPrimary } from "./upstream.ts";

/**
 * The status with the replicas that count as ready, by what the primary says. Being online is not
 * enough, nor is any acknowledgement: after a full sync the primary calls a replica online at once,
 * but streams to it only from the replica's next acknowledgement on, up to a second later, and the
 * first one may have come too early to count. So a replica is ready once it acknowledges more than
 * the primary held when it was first seen online. Kills within that second lost thousands of writes.
 */
export function withReady(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
): ShardStatus {
  const { view } = primary;
  if (followsOutside(shard)) {
    const ready = inStepWithUpstream(shard, primary, seen);
    return { ...status, ready, joining: {}, readyEpoch: -status.epoch };
  }
  if (view === null || !actsAsPrimary(shard, primary)) return stillRunning(status, seen);
  // What was ready for another primary has to show it again for this one.
  const isFollower = shard.spec.upstream !== null;
  // What showed it to a primary with an upstream has to show it again to one that takes writes.
  const epoch = isFollower ? -status.epoch : status.epoch;
  const before = new Set(status.readyEpoch === epoch ? status.ready : []);
  const ready: string[] = [];
  const joining: Record<string, number> = {};
  for (const one of seen.members) {
    const replica = view.replicas.find(({ address }) => sameAddress(address, addressOf(one)));
    if (replica?.online !== true || !isUp(one)) continue;
    const since = status.readyEpoch === epoch ? status.joining[one.id] : undefined;
    const acknowledged = replica.acknowledgedOffset;
    // A quiet upstream sends nothing newer, and what a follower loses the upstream still has.
    const streams =
      since !== undefined && (acknowledged > since || (isFollower && acknowledged === since));
    if (before.has(one.id) || streams) ready.push(one.id);
    // The offset falls when the primary has copied the data of an upstream: that is another stream.
    else joining[one.id] = Math.min(since ?? view.offset, view.offset);
  }
  return { ...status, ready, joining, readyEpoch: epoch };
}

/** The status without the replicas whose process has ended, while the primary cannot be asked. */
export function stillRunning(status: ShardStatus, seen: SeenShard): ShardStatus {
  const running = new Set(seen.members.filter((one) => one.running).map((one) => one.id));
  return { ...status, ready: status.ready.filter((id) => running.has(id)) };
}
