import { nodeIdOf } from "@larder/server/resources/cache-settings.ts";
import {
  type CacheKind,
  newNodeStatus,
  newShardStatus,
  nodeOfMember,
  newGroupStatus,
  onlyShardId,
  shardIdOf,
  shardOfCluster,
  shardOfGroup,
  shardRef,
} from "@larder/server/resources/compile.ts";
import type { Address } from "@larder/server/resources/address.ts";
import { memberKey } from "@larder/server/resources/global-replication-group.ts";
import type { Launch } from "@larder/server/resources/node.ts";
import { findNodeType } from "@larder/server/resources/node-types.ts";
import { resolveParameters } from "@larder/server/resources/parameters/resolve.ts";
import { withChange } from "@larder/server/resources/pending-change.ts";
import { type Ref, refIn } from "@larder/server/resources/ref.ts";
import type { Resource } from "@larder/server/resources/resource.ts";
import type { EndpointKind, ShardSpec } from "@larder/server/resources/shard.ts";
import type { ElastiCacheCall } from "@larder/server/services/elasticache/operation.ts";
import { requireParameterGroup } from "@larder/server/services/elasticache/parameter-groups.ts";

/**
 * Writes what reconcilers would write once everything asked for was carried out: shards, nodes,
 * addresses, roles and settled generations. What is to go is gone. No process runs.
 */
export function settle(call: ElastiCacheCall): void {
  const { store } = call;
  store.transaction(() => {
    for (const kind of ["replication-group", "cache-cluster"] as const) {
      for (const cache of store.list(kind, call)) begin(call, cache);
    }
    const groups = store.list("replication-group", call);
    const clusters = store.list("cache-cluster", call);
    for (const cache of [...groups, ...clusters]) {
      if (cache.deletingSince !== null) removeCache(call, cache);
    }
    for (const group of groups.filter((one) => one.deletingSince === null)) {
      const asked = new Set(group.spec.shards.map(({ id }) => id));
      for (const shard of store.ownedBy("shard", group)) {
        if (!asked.has(shardIdOf(shard))) removeShard(call, shard);
      }
      for (const layout of group.spec.shards) {
        const ref = shardRef(call, "replication-group", group.id, layout.id);
        settleShard(call, ref, shardOfGroup(group.spec, layout), group);
      }
      settleStatus(call, group);
      settleSlots(call, group);
    }
    settleGlobals(call);
    for (const cluster of clusters.filter((one) => one.deletingSince === null)) {
      const ref = shardRef(call, "cache-cluster", cluster.id, onlyShardId);
      settleShard(call, ref, shardOfCluster(cluster.spec), cluster);
      settleStatus(call, cluster);
    }
  });
}

/** Every member of a global datastore has the data; whoever leaves has left. */
function settleGlobals({ store, account }: ElastiCacheCall): void {
  for (const global of store.list("global-replication-group", { account, region: "" })) {
    if (global.deletingSince !== null) {
      store.remove(global);
      continue;
    }
    const members = global.spec.members.filter((one) => !one.leaving);
    store.setSpec(global, { ...global.spec, members });
    const { spec, generation, status } = store.get(global)!;
    store.setStatus(global, {
      ...{ ...status, primary: spec.primary, relief: null, associated: members.map(memberKey) },
      ...{ settledGeneration: generation, because: "all is as asked" },
      state: members.length > 1 ? "available" : "primary-only",
    });
  }
}

/** Has the cache's spec ask for what waits for nothing any more. */
function begin(call: ElastiCacheCall, cache: Resource<CacheKind>): void {
  const { pending } = cache.spec;
  if (pending?.due === "now") call.store.setSpec(cache, withChange(cache.spec, pending));
}

function settleStatus(call: ElastiCacheCall, cache: Ref): void {
  const ref = cache as Ref<"replication-group">;
  const settledGeneration = call.store.get(ref)?.generation ?? 0;
  const was = call.store.get(ref)?.status ?? newGroupStatus;
  const because = "all is as asked";
  call.store.setStatus(ref, { ...was, state: "available", settledGeneration, because });
}

function settleSlots({ store }: ElastiCacheCall, { spec, ...ref }: Resource<"replication-group">) {
  const held = spec.shards.map(({ id, slots }) => [id, slots] as const);
  const status = store.get(ref)?.status ?? newGroupStatus;
  store.setStatus(ref, { ...status, slotsHeld: Object.fromEntries(held) });
}

function settleShard(call: ElastiCacheCall, ref: Ref<"shard">, spec: ShardSpec, owner: Ref): void {
  const { store } = call;
  if (store.get(ref) === undefined) store.create(ref, spec, newShardStatus, owner);
  else store.setSpec(ref, spec);
  const places = new Set(spec.members.map(({ uid }) => uid));
  for (const node of store.ownedBy("node", ref)) {
    if (!places.has(node.spec.uid)) store.remove(node);
  }
  for (const member of spec.members) settleNode(call, ref, spec, nodeIdOf(member));
  const shard = store.get(ref)!;
  const ids = spec.members.map(nodeIdOf);
  const handover = spec.handover;
  const isNew = handover !== null && handover.number > shard.status.handledHandover;
  const before = ids.find((id) => id === shard.status.primary) ?? ids[0]!;
  const wanted = ids.find((id) => id === `${handover?.to}.0001`) ?? ids.find((id) => id !== before);
  const primary = isNew && wanted !== undefined ? wanted : before;
  store.setStatus(ref, {
    ...shard.status,
    ...{ state: "available", because: "all is as asked", settledGeneration: shard.generation },
    primary: spec.engine === "memcached" ? null : primary,
    ready: spec.engine === "memcached" ? [] : ids.filter((id) => id !== primary),
    handledHandover: handover?.number ?? shard.status.handledHandover,
    endpoints: endpointsOf(call, shard, spec),
  });
}

function settleNode(call: ElastiCacheCall, shard: Ref<"shard">, spec: ShardSpec, id: string): void {
  const { store } = call;
  const ref = refIn(call, "node", id);
  const member = spec.members.find((one) => nodeIdOf(one) === id)!;
  const node = store.get(ref);
  const restarts = node === undefined || node.spec.launch.reboots < member.reboots;
  const { family, values } = requireParameterGroup(call, spec.parameterGroup);
  const parameters = restarts
    ? resolveParameters(family, values, findNodeType(spec.nodeType)!)
    : node.spec.parameters;
  const launch: Launch = {
    number: 1 + member.reboots,
    run: true,
    following: null,
    outside: [],
    upstream: null,
    data: "keep",
    reboots: member.reboots,
  };
  const nodeSpec = nodeOfMember(spec, member, parameters, launch);
  if (node === undefined) store.create(ref, nodeSpec, newNodeStatus, shard);
  else store.setSpec(ref, nodeSpec);
  store.setStatus(ref, {
    ...store.get(ref)!.status,
    ...{ state: "running", because: "it answers", launched: launch.number, parameters },
    ...{ process: { pid: 1, startedAt: "1" }, reboots: member.reboots },
    address: node?.status.address ?? freeAddress(call, spec.port),
  });
}

function endpointsOf(
  call: ElastiCacheCall,
  { status }: Resource<"shard">,
  spec: ShardSpec,
): Partial<Record<EndpointKind, Address>> {
  const pairs = spec.endpoints.map((kind, index) => [
    kind,
    status.endpoints[kind] ?? freeAddress(call, spec.port, index),
  ]);
  return Object.fromEntries(pairs) as Partial<Record<EndpointKind, Address>>;
}

function freeAddress(call: ElastiCacheCall, port: number, skip = 0): Address {
  const { store } = call;
  const nodes = store.listAll("node").map(({ status }) => status.address?.host);
  const endpoints = store
    .listAll("shard")
    .flatMap(({ status }) => Object.values(status.endpoints).map(({ host }) => host));
  const taken = new Set([...nodes, ...endpoints]);
  const free = addresses().filter((host) => !taken.has(host));
  return { host: free.drop(skip).next().value!, port };
}

/** The addresses of the default VPC, one after the other. */
function* addresses(): Generator<string> {
  for (let at = 0; at < 60_000; at += 1) yield `127.31.${Math.floor(at / 250)}.${at % 250}`;
}

function removeCache(call: ElastiCacheCall, cache: Ref): void {
  const { store } = call;
  for (const shard of store.ownedBy("shard", cache)) {
    removeShard(call, shard);
  }
  store.remove(cache);
}

function removeShard({ store }: ElastiCacheCall, shard: Ref<"shard">): void {
  for (const node of store.ownedBy("node", shard)) store.remove(node);
  store.remove(shard);
}
