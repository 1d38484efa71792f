import type { Clock } from "../../base/clock.ts";
import { type Address, formatAddress, sameAddress } from "../../resources/address.ts";
import { countSlots } from "../../resources/slots.ts";
import type {
  Cluster,
  ClusterNode,
  Heir,
  OpenSlots,
  Replication,
  ReplicationView,
} from "../engine.ts";
import { killCommands } from "./clients.ts";
import { NodeCluster } from "./cluster.ts";
import { clusterNodeTimeoutMs } from "./cluster-timeouts.ts";
import type { Command, ControlConnection } from "./connection.ts";
import { crossOver } from "./crossing.ts";
import { setLogin } from "./login.ts";
import { readView } from "./node-info.ts";
import { resumeWrites, stopWrites } from "./quiesce.ts";
import { isFenced, lowerFence, raiseFence } from "./write-fence.ts";

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
    this.#cluster = new NodeCluster(connection);
  }

  /** A primary that refuses writes shows as one that follows itself, as it would in no cluster. */
  async view(): Promise<ReplicationView> {
    const [view, fenced] = await Promise.all([
      readView(this.#connection),
      isFenced(this.#connection),
    ]);
    if (view.role === "replica" || !fenced) return view;
    const link = { primary: this.#connection.address, up: false, syncing: false };
    return { ...view, role: "replica", link };
  }

  async follow(primary: Address, password?: string | null): Promise<void> {
    if (sameAddress(primary, this.#connection.address)) return this.#refuseWrites();
    await this.#replicate(primary);
    await this.#watchCluster();
    // Last, as nobody looks here again once the link is up.
    if (typeof password === "string") await setLogin(this.#connection, password);
  }

  /** A replica stops following by being primary, which the fence has to be up for. */
  async #refuseWrites(): Promise<void> {
    await raiseFence(this.#connection);
    if ((await readView(this.#connection)).role === "replica") await this.#takeOver([]);
  }

  async #replicate(primary: Address): Promise<void> {
    const { link } = await readView(this.#connection);
    if (link !== null && sameAddress(link.primary, primary)) return;
    const { id, role } = await this.#whenFollowable(primary);
    const follow: Command = ["CLUSTER", "REPLICATE", id];
    // A primary that holds keys is refused, also where it has no slots and so nobody reads them.
    if (role === "primary") await this.#connection.sendTogether([["FLUSHALL", "ASYNC"], follow]);
    else await this.#connection.send(follow);
    await lowerFence(this.#connection);
  }

  /** Takes over from a primary that is gone, whether or not the rest of the cluster agrees. */
  async promote(onTheirWay: readonly OpenSlots[] = []): Promise<void> {
    if ((await readView(this.#connection)).role === "replica") await this.#takeOver(onTheirWay);
    await lowerFence(this.#connection);
    await this.#watchCluster();
  }

  async #takeOver(onTheirWay: readonly OpenSlots[]): Promise<void> {
    const takeOver: Command = ["CLUSTER", "FAILOVER", "TAKEOVER"];
    const marks = await this.#marksOf(onTheirWay);
    try {
      // In one go: between the two it would deny having keys that are at the taker by now.
      await this.#connection.sendTogether([takeOver, ...marks]);
    } catch (error) {
      // A mark that does not fit any more is no loss: whoever moves the slots looks again.
      if ((await readView(this.#connection)).role !== "primary") throw error;
    }
  }

  async setLogin(password: string): Promise<void> {
    await setLogin(this.#connection, password);
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

  /** From now on everybody is in the cluster, and silence tells of a failure: see outside-file.ts. */
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

  /**
   * The engine's own swap in cluster mode is a vote, in which a node that was elected within the
   * last 20 s (four node timeouts) cannot stand again: writes would wait for all that time. So the
   * heir simply takes the role, once it has every write.
   */
  async handOver(heir: Heir, withinMs: number, redirects = false): Promise<void> {
    if (heir.cluster === undefined) {
      return crossOver(this.#clock, this.#connection, heir, withinMs);
    }
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    const kills = redirects ? [] : await killCommands(this.#connection);
    const before = await this.view();
    const isDone = (link: ReplicationView["link"]) =>
      link !== null && sameAddress(link.primary, heir.address);
    if (before.role === "replica" && !isDone(before.link)) {
      throw new Error("only a primary can hand over");
    }
    const taken = (await heir.replication?.view())?.role === "primary";
    if (before.role === "primary" && !taken) {
      await this.#untilAcquainted(heir.address, heir.cluster, deadlineMs);
      await stopWrites(this.#clock, this.#connection, heir, withinMs);
      await heir.replication?.promote();
    }
    // It hears of it at once. Until then, writes that it took would never come to the heir.
    while (!isDone((await this.view()).link)) {
      if (this.#clock.monotonicMs() >= deadlineMs) {
        throw new Error(`${formatAddress(this.#connection.address)} has not become a replica yet`);
      }
      await new Promise<void>((resolve) => void this.#clock.after(swapLookEveryMs, resolve));
    }
    // Whoever does not know of clusters would be sent away by it, command by command.
    if (kills.length > 0) await this.#connection.sendTogether(kills);
    await resumeWrites(this.#connection);
  }

  /**
   * Waits until this node and its heir at `address` have heard of each other what each is. Valkey
   * takes one that it does not know as its replica for another shard's: it would lose its slots to
   * it, and not follow. And an heir takes over the slots that it knows as its primary's, no others.
   */
  async #untilAcquainted(
    address: Address,
    heir: Pick<Cluster, "view">,
    deadlineMs: number,
  ): Promise<void> {
    for (;;) {
      const [{ self, nodes }, theirs] = await Promise.all([this.#cluster.view(), heir.view()]);
      // Another that was there before may still be known by the same address.
      const isKnown = nodes.some(
        (one) => one.primaryId === self && sameAddress(one.address, address),
      );
      if (isKnown && slotCountOf(theirs.nodes, self) === slotCountOf(nodes, self)) return;
      if (this.#clock.monotonicMs() >= deadlineMs) {
        throw new Error(`${formatAddress(address)} is not known as a replica of its primary yet`);
      }
      await new Promise<void>((resolve) => void this.#clock.after(lookEveryMs, resolve));
    }
  }

  async dropClients(): Promise<void> {
    await this.#connection.sendTogether(await killCommands(this.#connection));
  }

  /**
   * The id of the node at an address, once this one can follow it, and what this one is: it must
   * know it, as a primary, and have no slots of its own. A greeting brings both about, also for a
   * node that was primary before it ended and has not heard who is now.
   */
  async #whenFollowable(address: Address): Promise<Pick<ClusterNode, "id" | "role">> {
    const deadlineMs = this.#clock.monotonicMs() + followableWithinMs;
    for (let greeted = false; ;) {
      const { self, nodes } = await this.#cluster.view();
      const found = nodes.find((one) => one.met && sameAddress(one.address, address));
      const own = nodes.find((one) => one.id === self);
      const isFree = own?.role === "replica" || own?.slots.length === 0;
      if (found?.role === "primary" && own !== undefined && isFree) {
        return { id: found.id, role: own.role };
      }
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

function slotCountOf(nodes: readonly ClusterNode[], id: string): number {
  return countSlots(nodes.find((one) => one.id === id)?.slots ?? []);
}
