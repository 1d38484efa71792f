import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { type Address, formatAddress, sameAddress } from "../../resources/address.ts";
import type { Replication, ReplicationView, Session } from "../engine.ts";
import { killCommands } from "./clients.ts";
import { NodeCluster } from "./cluster.ts";
import type { ControlConnection } from "./connection.ts";
import { readView } from "./node-info.ts";

/** Two nodes that greet each other know each other after a round or two of gossip. */
const meetWithinMs = 1_000;
const lookEveryMs = 20;
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
    await this.#connection.send(["CLUSTER", "REPLICATE", await this.#idOf(primary)]);
  }

  /** Takes over from a primary that is gone, whether or not the rest of the cluster agrees. */
  async promote(): Promise<void> {
    if ((await this.view()).role === "primary") return;
    await this.#connection.send(["CLUSTER", "FAILOVER", "TAKEOVER"]);
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

  /** In cluster mode it is the heir that asks for the role. */
  async handOver(heir: Pick<Session, "cluster">, withinMs: number): Promise<void> {
    assert(
      heir.cluster !== undefined,
      "a node in cluster mode hands over to one that is in it too",
    );
    await heir.cluster.takeRole(withinMs);
  }

  async dropClients(): Promise<void> {
    await this.#connection.sendTogether(await killCommands(this.#connection));
  }

  /** The id of the node at an address, which this node gets to know if it does not yet. */
  async #idOf(address: Address): Promise<string> {
    const deadlineMs = this.#clock.monotonicMs() + meetWithinMs;
    for (let greeted = false; ; greeted = true) {
      const { nodes } = await this.#cluster.view();
      const found = nodes.find((one) => one.met && sameAddress(one.address, address));
      if (found !== undefined) return found.id;
      if (!greeted) await this.#cluster.meet(address);
      if (this.#clock.monotonicMs() >= deadlineMs) {
        throw new Error(`no node at ${formatAddress(address)} has answered the greeting yet`);
      }
      await new Promise<void>((resolve) => void this.#clock.after(lookEveryMs, resolve));
    }
  }
}
