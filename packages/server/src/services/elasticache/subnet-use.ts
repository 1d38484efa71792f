import { holds, parseCidr } from "../../resources/vpc.ts";
import type { Part } from "../../store/networks.ts";
import type { ElastiCacheCall } from "./operation.ts";

type Subnet = Part<"subnet">;

/** The caches whose nodes take their addresses from a subnet group, those being deleted too. */
export function cachesIn(call: ElastiCacheCall, group: string): readonly string[] {
  const caches = [
    ...call.store.list("replication-group", call),
    ...call.store.list("cache-cluster", call),
  ];
  return caches.filter(({ spec }) => spec.subnetGroup === group).map(({ id }) => id);
}

/**
 * Those of `removed` that a group's caches cannot do without. A subnet is in use when it holds the
 * address of a node or an endpoint. Where the network gives out ports of one address, and for nodes
 * that have no address yet, zones decide: one with nodes needs a subnet that stays.
 */
export function subnetsInUse(
  call: ElastiCacheCall,
  group: string,
  removed: readonly Subnet[],
  kept: readonly Subnet[],
): readonly Subnet[] {
  const { hosts, zones } = placesIn(call, group);
  const coveredZones = new Set(kept.map(({ zone }) => zone));
  return removed.filter(({ cidr, zone }) => {
    const block = parseCidr(cidr);
    if (hosts.some((host) => holds(block, host))) return true;
    return zones.has(zone) && !coveredZones.has(zone);
  });
}

/** Where the nodes and endpoints of a group's caches are, and in which zones nodes are asked for. */
function placesIn(
  { store, account, region }: ElastiCacheCall,
  group: string,
): { readonly hosts: readonly string[]; readonly zones: ReadonlySet<string> } {
  const home = { account, region };
  const inGroup = <T extends { readonly spec: { readonly subnetGroup: string } }>(
    all: readonly T[],
  ) => all.filter(({ spec }) => spec.subnetGroup === group);
  const nodes = inGroup(store.list("node", home));
  const shards = inGroup(store.list("shard", home));
  const groups = inGroup(store.list("replication-group", home));
  const clusters = inGroup(store.list("cache-cluster", home));
  const members = [
    ...groups.flatMap(({ spec }) => spec.shards.flatMap((shard) => shard.members)),
    ...clusters.flatMap(({ spec }) => [...spec.members, ...(spec.pendingNodes?.add ?? [])]),
  ];
  const hosts = [
    ...nodes.flatMap(({ status }) => status.address?.host ?? []),
    ...shards.flatMap(({ status }) => Object.values(status.endpoints).map(({ host }) => host)),
  ];
  const zones = [
    ...nodes.map(({ spec }) => spec.zone),
    ...members.flatMap(({ zone }) => zone ?? []),
  ];
  return { hosts, zones: new Set(zones) };
}
