import type { ClusterNode, ClusterView } from "../../engine/engine.ts";
import { type Address, sameAddress } from "../../resources/address.ts";
import type { ShardLayout } from "../../resources/replication-group.ts";
import { evenSlots, rangesOf, slotCount, type SlotRange, slotsIn } from "../../resources/slots.ts";
import { type ClusterOutcome, planCluster } from "./plan.ts";
import type { SeenCluster } from "./seen.ts";
import type { ClusterStep } from "./steps.ts";

/*
 * A cluster without processes, for tests of the plan: who knows whom, and who has which slots.
 * Greetings and gossip happen between two looks.
 */

/** A node of the simulation. */
export interface SimulatedNode {
  readonly id: string;
  readonly shardId: string;
  readonly isPrimary: boolean;
  readonly address: Address;
  readonly clusterNodeId: string;
  /** Whether it has heard that it is its primary's replica. */
  follows: boolean;
  /** Cluster ids of those that it knows; its own too. */
  readonly known: Set<string>;
  /** Cluster ids that it does not take in again. */
  readonly forgotten: Set<string>;
  readonly slots: Set<number>;
  /** Whether a look can read it. */
  readable: boolean;
}

/** Nodes, and the layout that they are to have. */
export class SimulatedCluster {
  readonly layout: readonly ShardLayout[];
  readonly nodes: readonly SimulatedNode[];

  /** @param sizes how many nodes each shard has */
  constructor(sizes: readonly number[]) {
    const slots = evenSlots(sizes.length);
    const ids = sizes.map((_, index) => String(index + 1).padStart(4, "0"));
    this.layout = ids.map((id, index) => ({
      ...{ id, members: [], handover: null },
      slots: slots.slice(index, index + 1),
    }));
    this.nodes = sizes.flatMap((size, shard) =>
      Array.from({ length: size }, (_, place): SimulatedNode => {
        const clusterNodeId = clusterIdOf(shard * 6 + place + 1);
        return {
          ...{ id: `shop-${ids[shard]}-00${place + 1}.0001`, shardId: ids[shard] ?? "" },
          ...{ isPrimary: place === 0, follows: false, readable: true, clusterNodeId },
          address: { host: `127.31.${shard}.${place + 4}`, port: 6379 },
          ...{ known: new Set([clusterNodeId]), forgotten: new Set(), slots: new Set() },
        };
      }),
    );
  }

  node(index: number): SimulatedNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** One look and what follows from it. */
  pass(): ClusterOutcome {
    const outcome = planCluster(this.layout, this.see());
    for (const step of outcome.steps) this.#take(step);
    this.gossip();
    return outcome;
  }

  /** Passes until nothing is missing; resolves with how many that took. */
  settle(passesMax = 50): number {
    for (let passes = 1; passes <= passesMax; passes += 1) {
      const { missing, steps } = this.pass();
      if (missing === null && steps.length === 0) return passes;
    }
    throw new Error(`not settled: ${planCluster(this.layout, this.see()).missing}`);
  }

  see(): SeenCluster {
    const held = new Map(this.nodes.map((node) => [node.clusterNodeId, rangesOf(node.slots)]));
    const nodes = this.nodes.map((node) => {
      const { id, shardId, isPrimary, address } = node;
      const view = node.readable ? this.#view(node, held) : null;
      return { id, shardId, isPrimary, address, view, memory: null };
    });
    return { nodes, routesInForce: true };
  }

  /** How many nodes hold each slot. */
  holders(): readonly number[] {
    const holders = Array.from({ length: slotCount }, () => 0);
    for (const { slots } of this.nodes) {
      for (const slot of slots) holders[slot] = (holders[slot] ?? 0) + 1;
    }
    return holders;
  }

  /** Who knows each other tells whom it knows, and so on, until nobody hears of anybody new. */
  gossip(): void {
    for (let isNews = true; isNews;) {
      isNews = false;
      for (const node of this.nodes) {
        for (const other of this.nodes) {
          const areAcquainted =
            node.known.has(other.clusterNodeId) || other.known.has(node.clusterNodeId);
          if (areAcquainted && hear(node, other)) isNews = true;
        }
      }
    }
  }

  #view(node: SimulatedNode, held: ReadonlyMap<string, readonly SlotRange[]>): ClusterView {
    const nodes = [...node.known].map((clusterNodeId): ClusterNode => {
      const known = this.nodes.find((one) => one.clusterNodeId === clusterNodeId);
      const primary = this.nodes.find((one) => one.shardId === known?.shardId && one.isPrimary);
      const isReplica = known?.isPrimary === false && known.follows;
      return {
        ...{ id: clusterNodeId, address: known?.address ?? null, met: true, failed: false },
        role: isReplica ? "replica" : "primary",
        primaryId: isReplica ? (primary?.clusterNodeId ?? null) : null,
        slots: held.get(clusterNodeId) ?? [],
      };
    });
    return { self: node.clusterNodeId, ok: true, nodes, openSlots: [] };
  }

  #take(step: ClusterStep): void {
    if (step.do === "introduce") {
      for (const { node, other } of step.pairs) {
        const met = this.nodes.find((one) => sameAddress(one.address, other));
        if (met === undefined) throw new Error(`nobody is at ${other.host}`);
        this.#named(node).known.add(met.clusterNodeId);
      }
    } else if (step.do === "forget") {
      for (const id of step.nodes) {
        const node = this.#named(id);
        if (node.clusterNodeId === step.clusterNodeId) throw new Error(`${id} forgets itself`);
        node.known.delete(step.clusterNodeId);
        node.forgotten.add(step.clusterNodeId);
      }
    } else if (step.do === "add-slots") {
      const node = this.#named(step.node);
      for (const slot of slotsIn(step.ranges)) {
        if (this.nodes.some((one) => one.slots.has(slot))) throw new Error(`${slot} is busy`);
        node.slots.add(slot);
      }
    }
  }

  #named(id: string): SimulatedNode {
    const node = this.nodes.find((one) => one.id === id);
    if (node?.readable !== true) throw new Error(`${id} cannot be asked for anything`);
    return node;
  }
}

/** A node's id in a cluster, from a number. */
export function clusterIdOf(number: number): string {
  return number.toString(16).padStart(40, "0");
}

/** Whether the node learnt anything from the other, which it knows from then on. */
function hear(node: SimulatedNode, other: SimulatedNode): boolean {
  const before = node.known.size;
  for (const id of [other.clusterNodeId, ...other.known]) {
    if (!node.forgotten.has(id)) node.known.add(id);
  }
  return node.known.size > before;
}
