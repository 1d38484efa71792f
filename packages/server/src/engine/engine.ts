import type { Address } from "../resources/address.ts";
import type { EngineName, InstalledEngine } from "../resources/engine-name.ts";
import type { LaunchPlan } from "../resources/launch-plan.ts";
import type { NodeType } from "../resources/node-type.ts";
import type { SlotRange } from "../resources/slots.ts";
import type { OutsideShard } from "../resources/upstream.ts";
import type { SlotKeeping } from "./slot-keeping.ts";

/** The control plane's own user on every redis and valkey node. */
export const controlUser = "larder";

/** Everything that decides how a node's process is started. */
export interface LaunchRequest {
  readonly installed: InstalledEngine;
  readonly nodeType: NodeType;
  /** Where the node itself listens; endpoints are added at run time. */
  readonly address: Address;
  /** Engine parameters by AWS's names, values resolved for this node type. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Password of the control user. */
  readonly controlPassword: string;
  /** The primary to replicate from the start, or null. */
  readonly following: Address | null;
  /** In cluster mode: the shards of another cluster, one of which the node follows; or none. */
  readonly outside: readonly OutsideShard[];
  /** Whether it starts without the data that it may have had. */
  readonly startsEmpty: boolean;
  /**
   * What it logs in with at the primary that it follows, as the control user; null for no login.
   * Absent: its own control password, as nodes of one cache share it.
   */
  readonly followingPassword?: string | null;
}

/** What a node's parameters come to: they depend on its engine and its size. */
export type NodeSettings = Pick<LaunchRequest, "installed" | "nodeType" | "parameters">;

/** One reading of a node. Names follow INFO and `stats`; sizes in bytes. */
export interface Sample {
  readonly usedMemoryBytes: number;
  readonly maxMemoryBytes: number;
  readonly connections: number;
  /** Commands processed per second since the sample before; 0 in the first. */
  readonly opsPerSecond: number;
  readonly loading: boolean;
  /** Null where the engine does not replicate. */
  readonly replication: ReplicationView | null;
}

/** What a node says of its place in replication (INFO replication). */
export interface ReplicationView {
  readonly role: "primary" | "replica";
  readonly replicationId: string;
  /** The primary's offset, or how far this replica has read and applied. */
  readonly offset: number;
  /** A replica's link to its primary; null on a primary. */
  readonly link: {
    readonly primary: Address;
    readonly up: boolean;
    readonly syncing: boolean;
  } | null;
  /** The replicas attached to this node, whatever its own role. */
  readonly replicas: readonly AttachedReplica[];
}

/** A replica as its primary sees it. */
export interface AttachedReplica {
  /** The address that the replica announced. */
  readonly address: Address;
  readonly online: boolean;
  /** The offset it acknowledged; 0 until its first real acknowledgement. */
  readonly acknowledgedOffset: number;
}

/** What an engine that is none of Larder's says of itself to whoever does not log in. */
export interface ForeignEngine {
  /** What its name meant. */
  readonly address: Address;
  readonly engine: "redis" | "valkey";
  readonly version: string;
  readonly role: "primary" | "replica";
  readonly replicationId: string;
  readonly offset: number;
  readonly isCluster: boolean;
  readonly usedMemoryBytes: number;
  /** Whether it has as many databases as was asked. */
  readonly hasDatabases: boolean;
  /** Whether it lets replicas attach without a login. */
  readonly admitsReplicas: boolean;
}

/** Thrown by `connect` when a node is up but has no connection left to give (its `maxclients`). */
export class NodeFullError extends Error {
  override readonly name = "NodeFullError";
}

/** A control connection to one running node. Every call rejects when the connection is gone. */
export interface Session {
  readonly address: Address;
  /** Resolves when the connection is gone, whoever closed it. Never rejects. */
  readonly closed: Promise<void>;
  /** Reads the node. BUSY, LOADING and MASTERDOWN are answers, not failures. */
  sample(): Promise<Sample>;
  /** Closes this connection only. */
  close(): void;
  /** The numbers of the databases that hold keys; present where there can be several. */
  databases?(): Promise<readonly number[]>;
  /** Present where the engine replicates. */
  readonly replication?: Replication;
  /** Present where the engine can listen on further addresses at run time. */
  readonly listening?: Listening;
  /** Present where the engine can keep its data on disk. */
  readonly persistence?: Persistence;
  /** Present where the node runs in cluster mode. */
  readonly cluster?: Cluster;
  /** Present where the node runs in cluster mode: what it takes to move slots. */
  readonly slots?: SlotKeeping;
  /** Present where parameters can change while the node runs. */
  readonly tuning?: Tuning;
  /** Present where items can be stored through this session (memcached's auto discovery key). */
  readonly items?: Items;
}

/** What has to be known of a replica that is to take over a role. */
export type Heir = Pick<Session, "address" | "replication" | "cluster">;

/** Moving a node between primary and replica. */
export interface Replication {
  view(): Promise<ReplicationView>;
  /**
   * Makes the node a replica of `primary` (idempotent), and ends its clients' connections. One that
   * is to follow itself takes no writes, and keeps what it has.
   * @param password of the control user there; null for an engine that is not to get a login;
   *   absent: it goes on with the one that it has
   */
  follow(primary: Address, password?: string | null): Promise<void>;
  /**
   * Makes the node a primary (idempotent), which its own replicas have to log in at.
   * @param onTheirWay in cluster mode: slots that its predecessor was giving or taking
   */
  promote(onTheirWay?: readonly OpenSlots[]): Promise<void>;
  /**
   * Present where nodes can follow engines outside their cache. Sets what a primary is to log in
   * with when it becomes a replica by a handover.
   */
  setLogin?(password: string): Promise<void>;
  /**
   * Asks every attached replica for an acknowledgement, without touching a key, and resolves with
   * how many gave it within `withinMs`.
   */
  confirm(replicas: number, withinMs: number): Promise<number>;
  /**
   * The coordinated change of roles with `heir`: resolves once this node is its replica.
   * @param redirects whether clients go where this node then sends them, as those that know of
   *   clusters do; all others' connections end
   */
  handOver(heir: Heir, withinMs: number, redirects?: boolean): Promise<void>;
  /** Ends the connections of every client but the control plane and replicas. */
  dropClients(): Promise<void>;
}

/** What a node in cluster mode knows of its cluster, and how it can be told more. */
export interface Cluster {
  view(): Promise<ClusterView>;
  /** Has the node get to know the one at `other`, and with it everybody that either knows. */
  meet(other: Address): Promise<void>;
  /** Gives the node slots that nobody has. */
  addSlots(ranges: readonly SlotRange[]): Promise<void>;
  /** Has the node forget another, which the others must forget too before it hears of it again. */
  forget(nodeId: string): Promise<void>;
}

/** A node's own view of its cluster. */
export interface ClusterView {
  /** The node's id in the cluster: 40 hexadecimal digits. */
  readonly self: string;
  /** Whether the node serves its part (`cluster_state:ok`). */
  readonly ok: boolean;
  /** Every node that this one knows, itself too. */
  readonly nodes: readonly ClusterNode[];
  /** Slots that this node is giving away or taking in. */
  readonly openSlots: readonly OpenSlot[];
}

/** A node as another knows it. */
export interface ClusterNode {
  readonly id: string;
  /** Null when it is not known any more. */
  readonly address: Address | null;
  readonly role: "primary" | "replica";
  /** Of a replica: the id of its primary. */
  readonly primaryId: string | null;
  readonly slots: readonly SlotRange[];
  /** Known by name, and not only from a greeting that goes on. */
  readonly met: boolean;
  /** Taken for failed by the majority. */
  readonly failed: boolean;
}

/** Slots on their way between a node and its peer. */
export interface OpenSlots {
  readonly slots: readonly number[];
  readonly direction: OpenSlot["direction"];
  /** Where the other node is. */
  readonly peer: Address;
}

/** A slot on its way between two nodes, as one of them knows it. */
export interface OpenSlot {
  readonly slot: number;
  readonly direction: "importing" | "migrating";
  /** The id of the other node. */
  readonly peer: string;
}

/** The addresses that a node accepts connections on. Its port is the same on all. */
export interface Listening {
  /** The node's own address first. */
  hosts(): Promise<readonly string[]>;
  /** Listens on exactly `hosts`; existing connections stay. Rejects if one cannot be bound. */
  listenOn(hosts: readonly string[]): Promise<void>;
}

/** Parameters that an engine refused, by name, with its reasons. */
export type Refusals = Readonly<Record<string, string>>;

/** Changing engine parameters of a running node. */
export interface Tuning {
  /**
   * Puts the parameters `names` in force, with the values that `settings` has. All of them at once,
   * or, where the engine refuses some, the others. Idempotent.
   */
  apply(settings: NodeSettings, names: readonly string[]): Promise<Refusals>;
}

/** Data on disk. */
export interface Persistence {
  /** Saves the data set and ends the process; the connection closes. */
  saveAndExit(): Promise<void>;
}

/** Storing and reading single items. */
export interface Items {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** What Larder knows of one engine family. */
export interface EngineDriver {
  readonly engines: readonly EngineName[];
  /** Whether its nodes replicate one another: one is primary, the others follow. */
  readonly replicates: boolean;
  /** Whether its nodes can listen on further addresses at run time. */
  readonly movesEndpoints: boolean;
  /** Pure: how a node's process is started. */
  plan(request: LaunchRequest): LaunchPlan;
  /**
   * Connects to a node that is up. Rejects within `withinMs` when it does not answer.
   * @param controlPassword of the control user; unused by memcached
   * @param clusterMode whether the node was started in cluster mode: one that is busy cannot say
   */
  connect(
    address: Address,
    controlPassword: string,
    withinMs: number,
    clusterMode?: boolean,
  ): Promise<Session>;
  /**
   * Present where engines of others can be followed: looks at one without logging in. Rejects with
   * a sentence for the caller when that cannot be done within `withinMs`.
   */
  readForeign?(
    place: { readonly host: string; readonly port: number },
    databases: number,
    withinMs: number,
  ): Promise<ForeignEngine>;
  /**
   * Names of files and folders below a node's directory that hold its data set. A name with *
   * stands for leftovers of saves that were cut off: to be discarded, but no data set.
   */
  readonly dataFiles: readonly string[];
  /** Whether a node with these parameters keeps its data on disk as it goes. */
  keepsData(parameters: Readonly<Record<string, string>>): boolean;
}
