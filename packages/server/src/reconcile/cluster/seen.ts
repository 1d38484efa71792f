import type { ClusterNode, ClusterView } from "../../engine/engine.ts";
import type { Address } from "../../resources/address.ts";
import { countSlots, slotCount, type SlotRange, slotsIn } from "../../resources/slots.ts";

/** What a look at one node of a cluster found. */
export interface SeenClusterNode {
  /** The node's id in the store. */
  readonly id: string;
  /** AWS's id of the shard that it belongs to. */
  readonly shardId: string;
  /** Whether its shard takes it for the primary. */
  readonly isPrimary: boolean;
  readonly address: Address;
  /** Null while it cannot be read. */
  readonly view: ClusterView | null;
  /** What its data takes, and how much there is room for; null while that is not known. */
  readonly memory: { readonly usedBytes: number; readonly maxBytes: number } | null;
}

/** A node whose view of the cluster could be read. */
export interface ReadNode extends SeenClusterNode {
  readonly view: ClusterView;
}

/** What a look at a cluster found: every node that is to be part of it. */
export interface SeenCluster {
  readonly nodes: readonly SeenClusterNode[];
  /** Whether the gateway carries the routes that the group's status records. */
  readonly routesInForce: boolean;
}

/** A node's row in its own view. */
function selfOf({ view }: ReadNode): ClusterNode | undefined {
  return view.nodes.find((one) => one.id === view.self);
}

/** The slots that a node itself says it has: what it believes is what it serves. */
export function slotsHeld(node: ReadNode): readonly SlotRange[] {
  const self = selfOf(node);
  return self?.role === "primary" ? self.slots : [];
}

/** Whether a node takes itself for a primary. */
export function isPrimaryInOwnView(node: ReadNode): boolean {
  return selfOf(node)?.role === "primary";
}

/** The id of the node that a node follows; null for a primary. */
export function followedBy(node: ReadNode): string | null {
  return selfOf(node)?.primaryId ?? null;
}

/**
 * Whether a node has heard who holds each slot. One that has only just joined has not, and serves
 * all the same: a client that learnt the cluster from it would miss whole shards.
 */
export function knowsEverySlot(view: ClusterView): boolean {
  const primaries = view.nodes.filter(({ role }) => role === "primary");
  return countSlots(primaries.flatMap(({ slots }) => slots)) >= slotCount;
}

/** Which shard holds each slot that anyone holds. */
export function slotOwners(nodes: readonly ReadNode[]): ReadonlyMap<number, string> {
  return new Map(
    nodes.flatMap((node) => slotsIn(slotsHeld(node)).map((slot) => [slot, node.shardId] as const)),
  );
}
