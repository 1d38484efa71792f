import type { Clock } from "../../base/clock.ts";
import { type Address, formatAddress, sameAddress } from "../../resources/address.ts";
import type { Heir, OpenSlots, Replication, ReplicationView } from "../engine.ts";
import { killCommands } from "./clients.ts";
import { NodeCluster } from "./cluster.ts";
import { clusterNodeTimeoutMs } from "./cluster-timeouts.ts";
import type { Command, ControlConnection } from "./connection.ts";
import { crossOver } from "./crossing.ts";
import { readView } from "./node-info.ts";

/** Two nodes that greet each other know each other after a round or two of gossip. */
const followableWithinMs = 1_000;
const lookEveryMs = 20;
const swapLookEveryMs = 2;
/** How long one WAIT blocks: the replicas on the same network answer well within it. */
const waitTurnMs = 15;

/** Moving a node in cluster mode between primary and replica. */
export class ClusterReplication implements Replication {
  readonly #clock: Clock;
  readonly #connection: ControlConnection;
  readonly #cluster: NodeCluster;

  constructor(clock: Clock, connection: ControlConnection) {
    this.#clock = clock;
    this.#connection = connection;
    this.#cluster = new NodeCluster(clock, connection);
  }

  view(): Promise<ReplicationView> {
    return readView(this.#connection);
  }

  async follow(primary: Address): Promise<void> {
    const { link } = await this.view();
    if (link !== null && sameAddress(link.primary, primary)) return;
    const id = await this.#whenFollowable(primary);
    await this.#connection.send(["CLUSTER", "REPLICATE", id]);
    await this.#watchCluster();
  }

  /** Takes over from a primary that is gone, whether or not the rest of the cluster agrees. */
  async promote(onTheirWay: readonly OpenSlots[] = []): Promise<void> {
    if ((await this.view()).role === "primary") return;
    const takeOver: Command = ["CLUSTER", "FAILOVER", "TAKEOVER"];
    const marks = await this.#marksOf(onTheirWay);
    try {
      // In one go: between the two it would deny having keys that are at the taker by now.
      await this.#connection.sendTogether([takeOver, ...marks]);
    } catch (error) {
      // A mark that does not fit any more is no loss: whoever moves the slots looks again.
      if ((await this.view()).role !== "primary") throw error;
    }
    await this.#watchCluster();
  }

  /** Redis keeps no word of slots on their way at its replicas; valkey does, and hears it again. */
  async #marksOf(onTheirWay: readonly OpenSlots[]): Promise<readonly Command[]> {
    if (onTheirWay.length === 0) return [];
    const { nodes } = await this.#cluster.view();
    return onTheirWay.flatMap(({ slots, direction, peer }) => {
      const id = nodes.find((one) => sameAddress(one.address, peer))?.id;
      if (id === undefined) return [];
      return slots.map((slot): Command => {
        return ["CLUSTER", "SETSLOT", String(slot), direction.toUpperCase(), id];
      });
    });
  }

  /** From now on everybody is in the cluster, and silence tells of a failure: see crossing.ts. */
  async #watchCluster(): Promise<void> {
    const timeoutMs = String(clusterNodeTimeoutMs);
    await this.#connection.send(["CONFIG", "SET", "cluster-node-timeout", timeoutMs]);
  }

  /**
   * In cluster mode a message to a channel is no entry in the replication stream. A WAIT for more
   * replicas than there are is: it blocks, and asks all of them for an acknowledgement through the
   * stream. The second question is what shows that they read the first.
   */
  async confirm(replicas: number, withinMs: number): Promise<number> {
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    for (let turn = 1; ; turn += 1) {
      const tooMany = String(replicas + 1);
      const reply = await this.#connection.send(["WAIT", tooMany, String(waitTurnMs)]);
      const confirmed = Number(reply);
      const isOver = this.#clock.monotonicMs() >= deadlineMs;
      if ((turn > 1 && confirmed >= replicas) || isOver) return confirmed;
    }
  }

  /** In cluster mode it is the heir that asks for the role; one that is not in it cannot. */
  async handOver(heir: Heir, withinMs: number): Promise<void> {
    if (heir.cluster === undefined) {
      return crossOver(this.#clock, this.#connection, heir, withinMs);
    }
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    const kills = await killCommands(this.#connection);
    await heir.cluster.takeRole(withinMs);
    // This node hears of it at once; the heir hears that it was heard only with the next gossip.
    while (!sameAddress((await this.view()).link?.primary ?? null, heir.address)) {
      if (this.#clock.monotonicMs() >= deadlineMs) {
        throw new Error(`${formatAddress(this.#connection.address)} has not become a replica yet`);
      }
      await new Promise<void>((resolve) => void this.#clock.after(swapLookEveryMs, resolve));
    }
    // Whoever does not know of clusters would be sent away by it, command by command.
    await this.#connection.sendTogether(kills);
  }

  async dropClients(): Promise<void> {
    await this.#connection.sendTogether(await killCommands(this.#connection));
  }

  /**
   * The id of the node at an address, once this one can follow it: it must know it, as a primary,
   * and have no slots of its own. A greeting brings both about, also for a node that was primary
   * before it ended and has not heard who is now.
   */
  async #whenFollowable(address: Address): Promise<string> {
    const deadlineMs = this.#clock.monotonicMs() + followableWithinMs;
    for (let greeted = false; ;) {
      const { self, nodes } = await this.#cluster.view();
      const found = nodes.find((one) => one.met && sameAddress(one.address, address));
      const own = nodes.find((one) => one.id === self);
      const isFree = own?.role === "replica" || own?.slots.length === 0;
      if (found?.role === "primary" && isFree) return found.id;
      if (found === undefined && !greeted) {
        await this.#cluster.meet(address);
        greeted = true;
      }
      if (this.#clock.monotonicMs() >= deadlineMs) {
        throw new Error(`the primary at ${formatAddress(address)} cannot be followed yet`);
      }
      await new Promise<void>((resolve) => void this.#clock.after(lookEveryMs, resolve));
    }
  }
}
