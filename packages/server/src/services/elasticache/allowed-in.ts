import { Fault } from "../../aws/fault.ts";
import type { CacheClusterStatus } from "../../resources/cache-cluster.ts";
import type { GlobalReplicationGroupStatus } from "../../resources/global-replication-group.ts";
import type { ReplicationGroupStatus } from "../../resources/replication-group.ts";

/** The states that callers see. */
export type ClusterState = CacheClusterStatus["state"];
export type GroupState = ReplicationGroupStatus["state"];
export type GlobalState = GlobalReplicationGroupStatus["state"];

/**
 * In which states a caller may ask for what. ElastiCache refuses every change of something that is
 * not available (API reference, the Invalid…State errors of each operation); what could not be
 * created can only be deleted.
 */
export const clusterAllows = {
  modify: ["available"],
  reboot: ["available"],
  adopt: ["available"],
  delete: ["available", "create-failed"],
  "apply a service update to": ["available"],
  "stop the service update of": ["available", "modifying"],
} as const satisfies Record<string, readonly ClusterState[]>;

export const groupAllows = {
  modify: ["available"],
  "change the number of replicas of": ["available"],
  "change the shards of": ["available"],
  "reboot a node of": ["available"],
  "test the failover of": ["available"],
  "migrate data to": ["available"],
  "make the primary of a global datastore of": ["available"],
  "retain the primary of": ["available"],
  delete: ["available", "create-failed"],
  "apply a service update to": ["available"],
  "stop the service update of": ["available", "modifying"],
} as const satisfies Record<string, readonly GroupState[]>;

export const globalAllows = {
  modify: ["available", "primary-only"],
  "add a secondary to": ["available", "primary-only"],
  "fail over": ["available"],
  // A member that cannot join is got rid of this way.
  "disassociate a member of": ["available", "modifying"],
  delete: ["primary-only"],
} as const satisfies Record<string, readonly GlobalState[]>;

/** Throws InvalidCacheClusterState unless a cluster in `state` allows the action. */
export function requireClusterAllows(
  action: keyof typeof clusterAllows,
  clusterId: string,
  state: ClusterState,
): void {
  const states: readonly ClusterState[] = clusterAllows[action];
  if (states.includes(state)) return;
  throw new Fault(
    "InvalidCacheClusterState",
    `Cannot ${action} cache cluster ${clusterId} while its status is ${state}; ` +
      `it must be ${states.join(" or ")}.`,
  );
}

/** Throws InvalidReplicationGroupState unless a group in `state` allows the action. */
export function requireGroupAllows(
  action: keyof typeof groupAllows,
  groupId: string,
  state: GroupState,
): void {
  const states: readonly GroupState[] = groupAllows[action];
  if (states.includes(state)) return;
  throw new Fault(
    "InvalidReplicationGroupState",
    `Cannot ${action} replication group ${groupId} while its status is ${state}; ` +
      `it must be ${states.join(" or ")}.`,
  );
}
