import type { CacheSettings, Member } from "./cache-settings.ts";
import type { CompletedUpdate } from "./requested-update.ts";

/** What a cache cluster outside any replication group is asked to be. */
export interface CacheClusterSpec extends CacheSettings {
  /** One member for redis and valkey, 1 to 40 for memcached. */
  readonly members: readonly Member[];
  readonly azMode: "single-az" | "cross-az";
  /** A change of the node count that waits for the maintenance window; null if none does. */
  readonly pendingNodes: PendingNodes | null;
}

/** Memcached nodes to add or remove in the next maintenance window. */
export interface PendingNodes {
  readonly add: readonly { readonly zone: string | null }[];
  /** Cache node ids. */
  readonly remove: readonly string[];
}

/** What a cache cluster was seen to be. */
export interface CacheClusterStatus {
  readonly state:
    | "creating"
    | "available"
    | "modifying"
    | "rebooting cluster nodes"
    | "deleting"
    | "create-failed";
  /** The newest generation of the spec that was fully carried out; 0 before the first. */
  readonly settledGeneration: number;
  /** One sentence: why the state is what it is. */
  readonly because: string;
  /** Messages of the events that tell of the change under way, once it is carried out. */
  readonly announce?: readonly string[];
  /** Absent until there is one. */
  readonly completedUpdate?: CompletedUpdate;
}
