import type { Route } from "@larder/gateway/protocol.ts";
import type { Address } from "./address.ts";
import type { CacheSettings, Member } from "./cache-settings.ts";
import type { ClusterMode } from "./cluster-mode.ts";
import type { Migration, MigrationStatus } from "./migration.ts";
import type { CompletedUpdate } from "./requested-update.ts";
import type { SlotRange } from "./slots.ts";

/** One node group as asked for. */
export interface ShardLayout {
  /** AWS's NodeGroupId, e.g. "0001". */
  readonly id: string;
  readonly members: readonly Member[];
  /** The slots that the shard is to hold; none while cluster mode is disabled. */
  readonly slots: readonly SlotRange[];
  /** The last request to move the primary; null if there was none. */
  readonly handover: Handover | null;
}

/** A request to move the primary to another node. It is done once its number was handled. */
export interface Handover {
  /** Rises with every request to this shard. */
  readonly number: number;
  /** The cluster id to promote, or null to let the shard choose (TestFailover). */
  readonly to: string | null;
  readonly reason: "promote" | "test-failover";
}

/** What a replication group is asked to be. */
export interface ReplicationGroupSpec extends CacheSettings {
  readonly description: string;
  readonly clusterMode: ClusterMode;
  readonly shards: readonly ShardLayout[];
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  /** A move over from somebody else's engine, or a trial of one; null while there is none. */
  readonly migration: Migration | null;
}

/** Slots that go from one shard to another. */
export interface SlotMove {
  /** AWS's ids of the shards. */
  readonly from: string;
  readonly to: string;
  readonly slots: readonly SlotRange[];
}

/** Slots being moved to where they are asked to be. */
export interface Resharding {
  /** How many were elsewhere when it began, and how many still are. */
  readonly slots: number;
  readonly left: number;
  /** What is moved now: recorded before any of it is opened. */
  readonly moves: readonly SlotMove[];
  /** Why it cannot go on, as a sentence; null while it can. */
  readonly refusal: string | null;
}

/** What a replication group was seen to be. */
export interface ReplicationGroupStatus {
  readonly state:
    | "creating"
    | "available"
    | "modifying"
    | "migrating"
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
  /** The cluster mode that was last carried out; null before the first. */
  readonly clusterMode: ClusterMode | null;
  /** In cluster mode: where clients ask for the cluster's nodes. */
  readonly configuration: Address | null;
  /** Null while the group does not migrate. */
  readonly migration: MigrationStatus | null;
  /** What the gateway is to carry for the group itself. */
  readonly routes: readonly Route[];
  /** In cluster mode: the slots that each shard was last seen to hold, by the shard's id. */
  readonly slotsHeld: Readonly<Record<string, readonly SlotRange[]>>;
  /** Null while no slots are on their way. */
  readonly resharding: Resharding | null;
}
