import type { Route } from "@larder/gateway/protocol.ts";
import type { Address } from "./address.ts";
import type { Member } from "./cache-settings.ts";
import type { ClusterMode } from "./cluster-mode.ts";
import type { EngineName } from "./engine-name.ts";
import type { Handover } from "./replication-group.ts";
import type { OutsideShard, Upstream, UpstreamLink } from "./upstream.ts";

/** Which moving endpoints a shard has, by the front door it was asked through. */
export type EndpointKind = "primary" | "reader" | "configuration";

/** What a shard is asked to be. Written by its replication group or cache cluster. */
export interface ShardSpec {
  readonly engine: EngineName;
  readonly engineVersion: string;
  readonly nodeType: string;
  /** The oldest engine binary that its nodes may run, by a service update; null for any. */
  readonly binaryAtLeast: string | null;
  readonly port: number;
  readonly subnetGroup: string;
  readonly parameterGroup: string;
  readonly members: readonly Member[];
  /** Whether the nodes form one engine cluster with those of the cache's other shards. */
  readonly clusterMode: ClusterMode;
  readonly automaticFailover: boolean;
  readonly handover: Handover | null;
  /** What the primary follows outside the shard; null for a shard that takes writes. */
  readonly upstream: Upstream | null;
  /** In cluster mode: all shards of the cache that `upstream` is of; each node then follows it. */
  readonly outside: readonly OutsideShard[];
  /** Whether caches elsewhere follow the shard and hold its data: it never starts empty over them. */
  readonly heldElsewhere: boolean;
  readonly endpoints: readonly EndpointKind[];
}

/** A failover on its way, recorded before each of its acts. */
export interface Failover {
  /** The node that is being replaced as primary. */
  readonly from: string;
  /** Found lost at this ISO time. */
  readonly noticedAt: string;
  /** Fenced at this ISO time; draining since then. */
  readonly fencedAt: string | null;
}

/** What a shard was seen to be. Ids are node ids. */
export interface ShardStatus {
  readonly state: "creating" | "available" | "modifying" | "deleting" | "create-failed";
  readonly because: string;
  readonly settledGeneration: number;
  /** Rises with every change of primary; 0 before the first. */
  readonly epoch: number;
  readonly primary: string | null;
  /** Replicas that the primary reported online and that acknowledged what came after that. */
  readonly ready: readonly string[];
  /** The epoch whose primary said so; an older one's replicas still hold what they had then. */
  readonly readyEpoch: number;
  /** Replicas that are online but not ready, with the primary's offset when they were first seen. */
  readonly joining: Readonly<Record<string, number>>;
  readonly failover: Failover | null;
  /** The heir of a handover on its way; null when there is none. */
  readonly heir: string | null;
  /**
   * Automatic failover is off and the primary was lost: a replica holds the data until this node is
   * ready to be primary again. Meanwhile nobody holds the primary endpoint.
   */
  readonly returnTo: string | null;
  /** The number of the last handover that was carried out or given up. */
  readonly handledHandover: number;
  /** The place of the node that stands in while members are replaced or rebooted; else null. */
  readonly spare: Member | null;
  /** How the primary stands to the upstream; null without one. */
  readonly upstreamLink: UpstreamLink | null;
  /** Nobody here holds the data any more, and it waits for an upstream that does. */
  readonly dataLost: boolean;
  /** Nodes that were lost and are on their way back. */
  readonly recovering: readonly string[];
  readonly endpoints: Partial<Record<EndpointKind, Address>>;
  /** What the gateway is to carry for this shard. */
  readonly routes: readonly Route[];
  /** Memcached: the membership that auto discovery shows, and its version (from 1). */
  readonly discovery: { readonly version: number; readonly nodes: readonly string[] } | null;
}
