import type { EngineName } from "./engine-name.ts";
import type { PendingChange } from "./pending-change.ts";
import type { RequestedUpdate } from "./requested-update.ts";

/** What a cache is asked to be, whichever front door it came through. */
export interface CacheSettings {
  readonly engine: EngineName;
  /** AWS's name of the version, e.g. "7.1", "8.0", "1.6.18". */
  readonly engineVersion: string;
  /** With its prefix, e.g. "cache.t4g.small". */
  readonly nodeType: string;
  readonly port: number;
  readonly parameterGroup: string;
  readonly subnetGroup: string;
  readonly securityGroupIds: readonly string[];
  /** "ddd:hh24:mi-ddd:hh24:mi", UTC. */
  readonly maintenanceWindow: string;
  readonly autoMinorVersionUpgrade: boolean;
  /** The last service update that was asked for; null if none ever was. */
  readonly update: RequestedUpdate | null;
  /** A change of node type or engine that was not begun yet; null if there is none. */
  readonly pending: PendingChange | null;
}

/** A place for one node: the cluster id that the API shows, and its zone. */
export interface Member {
  /** The cache cluster id, e.g. "shop-001"; of a memcached cluster, the cluster's own id. */
  readonly clusterId: string;
  /** "0001" but for memcached, where nodes count up. */
  readonly cacheNodeId: string;
  readonly zone: string;
  /** Rises with every reboot asked for. */
  readonly reboots: number;
  /** Marks the member's directory, so that a later namesake never meets old files. */
  readonly uid: string;
  /** ISO time at which the member was asked for. */
  readonly createdAt: string;
}

/** The id of the node resource that fills a place: unique among a region's nodes. */
export function nodeIdOf(member: Pick<Member, "clusterId" | "cacheNodeId">): string {
  return `${member.clusterId}.${member.cacheNodeId}`;
}
