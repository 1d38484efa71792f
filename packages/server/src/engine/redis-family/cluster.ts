import { type Address, busPortOf } from "../../resources/address.ts";
import { rangesOf, type SlotRange, slotsIn } from "../../resources/slots.ts";
import type { Cluster, ClusterView } from "../engine.ts";
import { parseClusterNodes } from "./cluster-nodes.ts";
import type { ControlConnection } from "./connection.ts";
import { parseInfo } from "./info.ts";

/** A redis or valkey node in cluster mode. */
export class NodeCluster implements Cluster {
  readonly #connection: ControlConnection;

  constructor(connection: ControlConnection) {
    this.#connection = connection;
  }

  async view(): Promise<ClusterView> {
    const [nodes, info] = await Promise.all([
      this.#connection.send(["CLUSTER", "NODES"]),
      this.#connection.send(["CLUSTER", "INFO"]),
    ]);
    return { ...parseClusterNodes(nodes), ok: parseInfo(info).get("cluster_state") === "ok" };
  }

  async meet(other: Address): Promise<void> {
    const { host, port } = other;
    const bus = String(busPortOf(other));
    await this.#connection.send(["CLUSTER", "MEET", host, String(port), bus]);
  }

  async addSlots(ranges: readonly SlotRange[]): Promise<void> {
    const { self, nodes } = await this.view();
    // A slot may be another's for this node alone, where two nodes take each other for the owner.
    const others = nodes.filter(({ id }) => id !== self);
    const ownerOf = new Map(
      others.flatMap(({ id, slots }) => slotsIn(slots).map((slot) => [slot, id] as const)),
    );
    const wanted = slotsIn(ranges);
    for (const slot of wanted.filter((one) => ownerOf.has(one))) {
      const owner = ownerOf.get(slot) ?? "";
      await this.#connection.send(["CLUSTER", "SETSLOT", String(slot), "IMPORTING", owner]);
      await this.#connection.send(["CLUSTER", "SETSLOT", String(slot), "NODE", self]);
    }
    const free = rangesOf(wanted.filter((slot) => !ownerOf.has(slot)));
    if (free.length === 0) return;
    const ends = free.flatMap(({ first, last }) => [String(first), String(last)]);
    await this.#connection.send(["CLUSTER", "ADDSLOTSRANGE", ...ends]);
  }

  async forget(nodeId: string): Promise<void> {
    try {
      await this.#connection.send(["CLUSTER", "FORGET", nodeId]);
    } catch (error) {
      // Forgotten already, which is what was asked for.
      if (!(error instanceof Error && /unknown node/i.test(error.message))) throw error;
    }
  }
}
