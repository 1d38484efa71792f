import type { Clock } from "../../base/clock.ts";
import { type Address, sameAddress } from "../../resources/address.ts";
import type { Heir, Replication, ReplicationView } from "../engine.ts";
import { killCommands } from "./clients.ts";
import type { ControlConnection } from "./connection.ts";
import { crossOver } from "./crossing.ts";
import { handOver } from "./hand-over.ts";
import { loginCommand, readLogin, setLogin } from "./login.ts";
import { readView } from "./node-info.ts";

/** A channel that nobody need listen to: a message on it is an entry in the replication stream. */
const confirmChannel = "larder:confirm";
/** WAIT holds up whatever else is asked on the connection, so it is asked in short turns. */
const waitTurnMs = 50;

/** Moving a redis or valkey node between primary and replica. */
export class NodeReplication implements Replication {
  readonly #clock: Clock;
  readonly #connection: ControlConnection;

  constructor(clock: Clock, connection: ControlConnection) {
    this.#clock = clock;
    this.#connection = connection;
  }

  view(): Promise<ReplicationView> {
    return readView(this.#connection);
  }

  async follow(primary: Address, password?: string | null): Promise<void> {
    const before = await this.view();
    const login = await readLogin(this.#connection);
    const wanted = password === undefined ? login : password;
    const follows = before.link !== null && sameAddress(before.link.primary, primary);
    if (follows && login === wanted) return;
    // First, and answered, before the node hears of a stranger: it would send it the login.
    if (wanted === null && login !== null) await this.#connection.send(loginCommand(null));
    // In one transaction: were this process to die in between, nobody would end the connections of
    // clients that still take the node for a primary.
    await this.#connection.sendTogether([
      ...(before.role === "primary" ? await killCommands(this.#connection) : []),
      ["REPLICAOF", primary.host, String(primary.port)],
      // Last, so that whoever was followed until now never gets it; and at once, as a node without
      // a login would be refused, and would then copy the whole data set again.
      ...(wanted !== null && login !== wanted ? [loginCommand(wanted)] : []),
    ]);
  }

  async promote(): Promise<void> {
    await this.#connection.send(["REPLICAOF", "NO", "ONE"]);
  }

  async setLogin(password: string): Promise<void> {
    await setLogin(this.#connection, password);
  }

  async confirm(replicas: number, withinMs: number): Promise<number> {
    const deadlineMs = this.#clock.monotonicMs() + withinMs;
    await this.#connection.send(["PUBLISH", confirmChannel, ""]);
    for (;;) {
      const leftMs = Math.max(1, Math.ceil(deadlineMs - this.#clock.monotonicMs()));
      const turnMs = String(Math.min(waitTurnMs, leftMs));
      const reply = Number(await this.#connection.send(["WAIT", String(replicas), turnMs]));
      const confirmed = Number.isSafeInteger(reply) && reply > 0 ? reply : 0;
      if (confirmed >= replicas || this.#clock.monotonicMs() >= deadlineMs) return confirmed;
    }
  }

  async handOver(heir: Heir, withinMs: number): Promise<void> {
    if (heir.cluster !== undefined) {
      return crossOver(this.#clock, this.#connection, heir, withinMs);
    }
    await handOver(this.#clock, this.#connection, heir.address, withinMs);
  }

  async dropClients(): Promise<void> {
    await this.#connection.sendTogether(await killCommands(this.#connection));
  }
}
