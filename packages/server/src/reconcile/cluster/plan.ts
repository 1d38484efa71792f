import type { ClusterView } from "../../engine/engine.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import { rangesOf, slotCount, slotsIn } from "../../resources/slots.ts";
import {
  followedBy,
  knowsEverySlot,
  type ReadNode,
  type SeenCluster,
  slotOwners,
  slotsHeld,
} from "./seen.ts";
import type { ClusterStep, Introduction } from "./steps.ts";

/** What a look at a cluster comes to. */
export interface ClusterOutcome {
  /** What is still missing until the cluster is as asked, as one sentence; null when nothing is. */
  readonly missing: string | null;
  /** Whether something is only not known, as some node cannot be read. */
  readonly unclear: boolean;
  readonly steps: readonly ClusterStep[];
}

/**
 * Makes the nodes of all shards one cluster: they get to know each other, forget who left, and
 * share the slots as the layout says.
 */
export function planCluster(layout: readonly ShardLayout[], seen: SeenCluster): ClusterOutcome {
  return whenAllRead(seen, (nodes) => planRead(layout, nodes));
}

/**
 * Decides by what all nodes say. Nothing is decided while a node cannot be read: the slots that seem
 * to be nobody's may be its.
 */
export function whenAllRead(
  { nodes }: SeenCluster,
  plan: (nodes: readonly ReadNode[]) => ClusterOutcome,
): ClusterOutcome {
  const unread = nodes.find(({ view }) => view === null);
  if (unread === undefined) return plan(nodes as readonly ReadNode[]);
  return { missing: `${unread.id} cannot be read`, unclear: true, steps: [] };
}

function planRead(layout: readonly ShardLayout[], nodes: readonly ReadNode[]): ClusterOutcome {
  if (layout.some(({ id }) => !nodes.some((one) => one.shardId === id))) {
    return missing("some shards have no nodes yet", []);
  }
  const pairs = introductions(nodes);
  if (pairs.length > 0) {
    return missing("its nodes get to know each other", [{ do: "introduce", pairs }]);
  }
  const strangers = strangersOf(nodes);
  // Neither forgets whom it follows, nor has its slots given out.
  const astray = nodes.find((node) => strangers.includes(followedBy(node) ?? ""));
  if (astray !== undefined) return missing(`${astray.id} follows a node that left`, []);
  if (strangers.length > 0) return forgetting(strangers, nodes);
  const owners = slotOwners(nodes);
  if (owners.size < slotCount) return planSlots(layout, nodes, owners);
  const stalled = nodes.find(({ view }) => !view.ok);
  if (stalled !== undefined) return missing(`${stalled.id} does not serve its slots yet`, []);
  const unaware = nodes.find(({ view }) => !knowsEverySlot(view));
  if (unaware !== undefined) {
    return missing(`${unaware.id} has not heard of every slot yet`, corrections(nodes));
  }
  return missing(null, []);
}

/** For each node that does not know everybody, the first one that it lacks; gossip does the rest. */
export function introductions(nodes: readonly ReadNode[]): readonly Introduction[] {
  return nodes.flatMap((node) => {
    const known = new Set(node.view.nodes.filter(({ met }) => met).map(({ id }) => id));
    const other = nodes.find((one) => !known.has(one.view.self));
    return other === undefined ? [] : [{ node: node.id, other: other.address }];
  });
}

/** Ids that some node knows and that are no node's. */
export function strangersOf(nodes: readonly ReadNode[]): readonly string[] {
  const selves = new Set(nodes.map(({ view }) => view.self));
  const known = nodes.flatMap(({ view }) => view.nodes.filter(({ met }) => met));
  return [...new Set(known.map(({ id }) => id))].filter((id) => !selves.has(id));
}

/** Gives the slots that nobody holds to the primaries of the shards that are to hold them. */
function planSlots(
  layout: readonly ShardLayout[],
  nodes: readonly ReadNode[],
  owners: ReadonlyMap<number, string>,
): ClusterOutcome {
  const steps = layout.flatMap(({ id, slots }): readonly ClusterStep[] => {
    const primary = nodes.find((one) => one.shardId === id && one.isPrimary);
    const free = slotsIn(slots).filter((slot) => !owners.has(slot));
    if (primary === undefined || free.length === 0) return [];
    return [{ do: "add-slots", node: primary.id, ranges: rangesOf(free) }];
  });
  return missing("its slots are being given out", steps);
}

/**
 * Tells shards where a node takes a replica for the owner of slots who has them. Where a primary's
 * newest claim reached that node, but not the heir who then took over, valkey 8.0 drops the word of
 * the change as stale, yet believes that the old primary is a replica; gossip never puts that right
 * (valkey#2169). A primary of valkey passes what it is told on to its replicas.
 */
function corrections(nodes: readonly ReadNode[]): readonly ClusterStep[] {
  const owners = nodes.filter((one) => slotsHeld(one).length > 0);
  return nodes
    .filter(({ isPrimary }) => isPrimary)
    .flatMap((primary) => {
      const views = nodes.filter((one) => one.shardId === primary.shardId).map(({ view }) => view);
      const mistaken = new Set(views.flatMap(slotsOfReplicas));
      return owners.flatMap((owner): readonly ClusterStep[] => {
        const slots = slotsIn(slotsHeld(owner)).filter((slot) => mistaken.has(slot));
        const step = { do: "assign-slots", node: primary.id, owner: owner.view.self } as const;
        return slots.length === 0 ? [] : [{ ...step, slots }];
      });
    });
}

function slotsOfReplicas({ nodes }: ClusterView): readonly number[] {
  return nodes.filter(({ role }) => role === "replica").flatMap(({ slots }) => slotsIn(slots));
}

/** Has every node forget those that are none of theirs. */
export function forgetting(
  strangers: readonly string[],
  nodes: readonly ReadNode[],
): ClusterOutcome {
  const ids = nodes.map(({ id }) => id);
  return missing(
    "nodes that left are being forgotten",
    strangers.map((clusterNodeId) => ({ do: "forget", clusterNodeId, nodes: ids })),
  );
}

/** What is missing, where all is known. */
export function missing(what: string | null, steps: readonly ClusterStep[]): ClusterOutcome {
  return { missing: what, unclear: false, steps };
}
