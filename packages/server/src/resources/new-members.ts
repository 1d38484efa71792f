import { newSuffix } from "../base/random.ts";
import type { ClusterMode } from "./cluster-mode.ts";
import type { Member } from "./cache-settings.ts";

/** The node id of every redis and valkey node: each is the only node of its cache cluster. */
export const onlyCacheNodeId = "0001";

/** A new place for a node, with a directory that no other place ever had. */
export function newMember(
  clusterId: string,
  cacheNodeId: string,
  zone: string,
  createdAt: Date,
): Member {
  const uid = `${clusterId}-${cacheNodeId}-${newSuffix()}`;
  return { clusterId, cacheNodeId, zone, reboots: 0, uid, createdAt: createdAt.toISOString() };
}

/**
 * Zones for `count` new nodes beside those in the zones `used`: always the zone with the fewest
 * nodes, the first of `zones` among equals, so that a new cache goes round-robin.
 */
export function spreadOver(
  zones: readonly string[],
  used: readonly string[],
  count: number,
): readonly string[] {
  const chosen: string[] = [];
  for (let index = 0; index < count; index += 1) {
    chosen.push(leastUsed(zones, [...used, ...chosen]));
  }
  return chosen;
}

/** What the ids of a shard's members begin with: in cluster mode they name the shard too. */
export function memberIdStem(clusterMode: ClusterMode, groupId: string, shardId: string): string {
  return clusterMode === "enabled" ? `${groupId}-${shardId}` : groupId;
}

/**
 * Cache cluster ids for `count` new members of a replication group: their stem and the lowest free
 * numbers, "shop-001", "shop-002"…
 */
export function freeMemberIds(
  stem: string,
  taken: ReadonlySet<string>,
  count: number,
): readonly string[] {
  return lowestFree((number) => `${stem}-${String(number).padStart(3, "0")}`, taken, count);
}

/** Cache node ids for `count` new nodes of a memcached cluster: the lowest free numbers. */
export function freeNodeIds(taken: ReadonlySet<string>, count: number): readonly string[] {
  return lowestFree((number) => String(number).padStart(4, "0"), taken, count);
}

function leastUsed(zones: readonly string[], used: readonly string[]): string {
  const uses = (zone: string) => used.filter((one) => one === zone).length;
  return zones.reduce((best, zone) => (uses(zone) < uses(best) ? zone : best));
}

function lowestFree(
  name: (number: number) => string,
  taken: ReadonlySet<string>,
  count: number,
): readonly string[] {
  const free: string[] = [];
  for (let number = 1; free.length < count; number += 1) {
    if (!taken.has(name(number))) free.push(name(number));
  }
  return free;
}
