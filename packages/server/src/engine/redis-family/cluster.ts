import type { Clock } from "../../base/clock.ts";
import { type Address, busPortOf, formatAddress } from "../../resources/address.ts";
import type { SlotRange } from "../../resources/slots.ts";
import type { Cluster, ClusterView } from "../engine.ts";
import { parseClusterNodes } from "./cluster-nodes.ts";
import type { ControlConnection } from "./connection.ts";
import { parseInfo } from "./info.ts";

const lookEveryMs = 5;
/**
 * A primary that has not heard yet that the asking node is its replica drops the question, and the
 * replica waits 5 s in vain. A swap takes some 50 ms, so one that has not begun by now is asked for
 * again.
 */
const askAgainMs = 400;

/** A redis or valkey node in cluster mode. */
export class NodeCluster implements Cluster {
  readonly #clock: Clock;
  readonly #connection: ControlConnection;

  constructor(clock: Clock, connection: ControlConnection) {
    this.#clock = clock;
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
    if (ranges.length === 0) return;
    const ends = ranges.flatMap(({ first, last }) => [String(first), String(last)]);
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

  async takeRole(withinMs: number): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    const before = await this.view();
    const self = before.nodes.find((one) => one.id === before.self);
    if (self?.role === "primary") return;
    let askedAtMs = Number.NEGATIVE_INFINITY;
    while (this.#clock.monotonicMs() < deadlineMs) {
      const { nodes } = await this.view();
      if (nodes.some((one) => one.id === before.self && one.role === "primary")) return;
      if (this.#clock.monotonicMs() - askedAtMs > askAgainMs) {
        await this.#connection.send(["CLUSTER", "FAILOVER"]);
        askedAtMs = this.#clock.monotonicMs();
      }
      await new Promise<void>((resolve) => void this.#clock.after(lookEveryMs, resolve));
    }
    const where = formatAddress(this.#connection.address);
    throw new Error(`${where} did not take the role of its primary within ${withinMs} ms`);
  }
}
