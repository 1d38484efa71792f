import type { CacheClusterSpec, CacheClusterStatus } from "./cache-cluster.ts";
import type { EngineReleaseSpec } from "./engine-release.ts";
import type {
  GlobalReplicationGroupSpec,
  GlobalReplicationGroupStatus,
} from "./global-replication-group.ts";
import type { SecurityGroupSpec, SubnetSpec, VpcSpec } from "./network-specs.ts";
import type { NodeSpec, NodeStatus } from "./node.ts";
import type { ParameterGroupSpec } from "./parameter-group.ts";
import type { Kind, Ref } from "./ref.ts";
import type { ReplicationGroupSpec, ReplicationGroupStatus } from "./replication-group.ts";
import type { ReservedNodeSpec } from "./reserved-node.ts";
import type { ShardSpec, ShardStatus } from "./shard.ts";
import type { SubnetGroupSpec } from "./subnet-group.ts";

/** A status of kinds that are only described, never reconciled. */
export type NoStatus = Record<never, never>;

/** What each kind is asked to be (spec) and was seen to be (status). */
export interface Kinds {
  "replication-group": { spec: ReplicationGroupSpec; status: ReplicationGroupStatus };
  "cache-cluster": { spec: CacheClusterSpec; status: CacheClusterStatus };
  shard: { spec: ShardSpec; status: ShardStatus };
  node: { spec: NodeSpec; status: NodeStatus };
  "parameter-group": { spec: ParameterGroupSpec; status: NoStatus };
  "subnet-group": { spec: SubnetGroupSpec; status: NoStatus };
  vpc: { spec: VpcSpec; status: NoStatus };
  subnet: { spec: SubnetSpec; status: NoStatus };
  "security-group": { spec: SecurityGroupSpec; status: NoStatus };
  "global-replication-group": {
    spec: GlobalReplicationGroupSpec;
    status: GlobalReplicationGroupStatus;
  };
  "reserved-node": { spec: ReservedNodeSpec; status: NoStatus };
  "engine-release": { spec: EngineReleaseSpec; status: NoStatus };
}

export type Spec<K extends Kind> = Kinds[K]["spec"];
export type Status<K extends Kind> = Kinds[K]["status"];

/** One row of the store. Frozen: a change is a new object, written through the store. */
export interface Resource<K extends Kind = Kind> extends Ref<K> {
  /** Rises with every change of `spec` and when deletion is asked for. */
  readonly generation: number;
  /** Rises with every write. */
  readonly revision: number;
  readonly spec: Spec<K>;
  readonly status: Status<K>;
  /** The parent that writes this resource's spec, or null for what callers ask for directly. */
  readonly owner: Ref | null;
  /** ISO time of creation. */
  readonly createdAt: string;
  /** ISO time since when the resource is to go; null while it is to stay. */
  readonly deletingSince: string | null;
}
