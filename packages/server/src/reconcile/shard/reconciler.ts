import { discoveryPayload } from "@larder/gateway/discovery.ts";
import { assert } from "../../base/assert.ts";
import type { Listening, Replication, Session } from "../../engine/engine.ts";
import type { Address } from "../../resources/address.ts";
import { clientsKnowClusters } from "../../resources/cluster-mode.ts";
import { refIn, refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import { cacheOfShard, upstreamPassword } from "../lineage.ts";
import type { Placed, Placement } from "../placement.ts";
import type { Reconciler } from "../reconciler.ts";
import { discoveryOf } from "./discovery.ts";
import { discoveryKey, observeShard, type ShardTools } from "./observe.ts";
import { slotsOnTheirWay } from "./open-slots.ts";
import { planShard } from "./plan.ts";
import { RouteError } from "./route-table.ts";
import type { SeenShard } from "./seen.ts";
import type { ShardStep } from "./steps.ts";

/** Replicas acknowledge within a round trip; a slow one is asked again in the next pass. */
const confirmWithinMs = 200;

/** Drives shards: their members, their primary, their endpoints. It is their supervisor. */
export function createShardReconciler(
  tools: ShardTools,
  placementOf: (one: Placed) => Placement,
): Reconciler<"shard", SeenShard, ShardStep> {
  return {
    kind: "shard",
    observe: (shard) => observeShard(tools, shard),
    plan: (shard, seen, now) => planShard(shard, seen, now, placementOf(shard)),
    act: (step, shard) => act(tools, step, shard),
    eventSource: (shard) =>
      shard.owner?.kind === "replication-group"
        ? { sourceType: "replication-group", sourceId: shard.owner.id }
        : { sourceType: "cache-cluster", sourceId: shard.owner?.id ?? shard.id },
  };
}

async function act(tools: ShardTools, step: ShardStep, shard: Resource<"shard">): Promise<void> {
  switch (step.do) {
    case "fence": {
      const node = nodeOf(tools, shard, step.node);
      if (node.status.process !== null) await tools.runtime.kill(node.status.process);
      return;
    }
    case "promote":
      return replicationOf(tools, shard, step.node).promote(await slotsOnTheirWay(tools, shard));
    case "follow":
      return replicationOf(tools, shard, step.node).follow(
        step.primary,
        passwordOf(tools.store, shard),
      );
    case "follow-upstream":
      return replicationOf(tools, shard, step.node).follow(
        step.upstream,
        upstreamPassword(tools.store, step.login, cacheOfShard(shard)),
      );
    case "hand-over": {
      const heir = sessionOf(tools, shard, step.to);
      const from = replicationOf(tools, shard, step.from);
      // It may have followed somebody else before it was promoted.
      await from.setLogin?.(passwordOf(tools.store, shard));
      return from.handOver(heir, step.withinMs, clientsKnowClusters(shard.spec.clusterMode));
    }
    case "listen":
      return listen(tools, shard, step.node, step.hosts);
    case "drop-clients":
      return replicationOf(tools, shard, step.node).dropClients();
    case "confirm":
      await replicationOf(tools, shard, step.node).confirm(step.replicas, confirmWithinMs);
      return;
    case "route":
      return route(tools, shard);
    case "publish-discovery":
      return publishDiscovery(tools, shard, step.node);
  }
}

async function listen(
  tools: ShardTools,
  shard: Resource<"shard">,
  id: string,
  hosts: readonly string[],
): Promise<void> {
  const listening = listeningOf(tools, shard, id);
  try {
    await listening.listenOn(hosts);
  } catch (error) {
    const held = new Set(await listening.hosts());
    giveUpEndpoints(tools, shard, (_, { host }) => hosts.includes(host) && !held.has(host));
    throw error;
  }
}

async function route(tools: ShardTools, shard: Resource<"shard">): Promise<void> {
  try {
    await tools.routes.apply();
  } catch (error) {
    const refused = error instanceof RouteError ? error.routes : [];
    giveUpEndpoints(tools, shard, (kind) => refused.includes(`${refKey(shard)}/${kind}`));
    throw error;
  }
}

/**
 * Gives back the addresses of endpoints that cannot be had because somebody outside Larder listens
 * there, so that the next pass takes others. Only while the shard is new: afterwards clients know
 * them, and they are tried until they are free.
 */
function giveUpEndpoints(
  tools: ShardTools,
  shard: Resource<"shard">,
  isUnavailable: (kind: string, address: Address) => boolean,
): void {
  const now = tools.store.get(shard);
  if (now === undefined || now.status.settledGeneration > 0) return;
  const kept = Object.entries(now.status.endpoints).filter(
    ([kind, address]) => !isUnavailable(kind, address),
  );
  tools.store.setStatus(shard, { ...now.status, endpoints: Object.fromEntries(kept) });
}

async function publishDiscovery(
  tools: ShardTools,
  shard: Resource<"shard">,
  id: string,
): Promise<void> {
  const items = sessionOf(tools, shard, id).items;
  const status = tools.store.get(shard)?.status;
  if (items === undefined || status === undefined || status.discovery === null) return;
  const shown = discoveryOf(
    status.discovery,
    (node) => tools.store.get(refIn(shard, "node", node))?.status.address ?? null,
  );
  await items.set(discoveryKey, discoveryPayload(shown));
}

function passwordOf(store: Store, shard: Resource<"shard">): string {
  return store.controlPassword(cacheOfShard(shard));
}

function nodeOf(tools: ShardTools, shard: Resource<"shard">, id: string): Resource<"node"> {
  const node = tools.store.get(refIn(shard, "node", id));
  assert(node !== undefined, `${id} is a node of ${shard.id}`);
  return node;
}

/** The node's connection. A node without one is no bug: it may just have ended. */
function sessionOf(tools: ShardTools, shard: Resource<"shard">, id: string): Session {
  const session = tools.fleet.session(nodeOf(tools, shard, id));
  if (session === null) throw new Error(`${id} cannot be reached`);
  return session;
}

function replicationOf(tools: ShardTools, shard: Resource<"shard">, id: string): Replication {
  const { replication } = sessionOf(tools, shard, id);
  assert(replication !== undefined, `${id} replicates`);
  return replication;
}

function listeningOf(tools: ShardTools, shard: Resource<"shard">, id: string): Listening {
  const { listening } = sessionOf(tools, shard, id);
  assert(listening !== undefined, `${id} can listen on further addresses`);
  return listening;
}
