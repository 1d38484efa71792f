import { nodeIdOf } from "../../resources/cache-settings.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ClusterState, GroupState } from "./allowed-in.ts";
import type { Place, ShardView } from "./cache-view.ts";

/**
 * What callers are told of a replication group. A change that was accepted a moment ago shows
 * before any reconciler saw it, so that nobody waiting for it takes the old "available" for the end.
 */
export function groupStateOf(group: Resource<"replication-group">): GroupState {
  return settledState(group);
}

/** What callers are told of a cache cluster outside any replication group. */
export function clusterStateOf(
  cluster: Resource<"cache-cluster">,
  places: readonly Place[],
): ClusterState {
  const state = settledState(cluster);
  const busy = state === "available" || state === "modifying";
  return busy && places.some(isRebooting) ? "rebooting cluster nodes" : state;
}

/** What callers are told of a member of a replication group. */
export function memberStateOf(
  group: Resource<"replication-group">,
  view: ShardView,
  place: Place,
): ClusterState {
  const state = groupStateOf(group);
  // The nodes of a group that follows somebody else's engine are all there.
  if (state === "migrating") return isRebooting(place) ? "rebooting cluster nodes" : "available";
  if (state !== "available" && state !== "modifying") return state;
  if (isRebooting(place)) return "rebooting cluster nodes";
  return state === "modifying" && isJoining(view, place) ? "creating" : "available";
}

/** Whether a reboot of the node was asked for and is not over. */
export function isRebooting({ member, node }: Place): boolean {
  return member.reboots > (node?.status.reboots ?? 0);
}

/** Whether the node has not yet served its shard: it is being made, or copies the data set. */
function isJoining({ shard }: ShardView, { member, node }: Place): boolean {
  if (node === undefined || node.status.launched === 0) return true;
  const id = nodeIdOf(member);
  const serves = shard?.status.primary === id || shard?.status.ready.includes(id) === true;
  return !serves && node.status.launched === 1;
}

function settledState<S extends string>(resource: {
  readonly generation: number;
  readonly deletingSince: string | null;
  readonly status: { readonly state: S; readonly settledGeneration: number };
}): S | "creating" | "modifying" | "deleting" {
  const { state, settledGeneration } = resource.status;
  if (resource.deletingSince !== null) return "deleting";
  if (resource.generation <= settledGeneration || state === "create-failed") return state;
  return state === "creating" ? "creating" : "modifying";
}
