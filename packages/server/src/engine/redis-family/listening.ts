import { isIP } from "node:net";
import type { Listening } from "../engine.ts";
import type { ControlConnection } from "./connection.ts";

/** The engine itself accepts at most 16 addresses. */
const hostsMax = 16;

/** The addresses of a redis or valkey node, changed by CONFIG SET bind. */
export class NodeListening implements Listening {
  readonly #connection: ControlConnection;

  constructor(connection: ControlConnection) {
    this.#connection = connection;
  }

  async hosts(): Promise<readonly string[]> {
    const reply = await this.#connection.send(["CONFIG", "GET", "bind"]);
    const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
    if (typeof value !== "string") throw new Error("the node does not say where it listens");
    return value.split(" ").filter((host) => host !== "");
  }

  async listenOn(hosts: readonly string[]): Promise<void> {
    if (hosts.length === 0 || hosts.length > hostsMax) {
      throw new Error(`a node listens on 1 to ${hostsMax} addresses`);
    }
    for (const host of hosts) {
      if (isIP(host) === 0) throw new Error("a node listens on IP addresses only");
    }
    // The engine closes and opens all its listeners, which costs clients that are just connecting
    // an attempt; so not without need. When one cannot be bound it opens the old ones again.
    const now = await this.hosts();
    if (now.join(" ") === hosts.join(" ")) return;
    await this.#connection.send(["CONFIG", "SET", "bind", hosts.join(" ")]);
  }
}
