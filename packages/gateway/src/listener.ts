import { createServer, type Server, type Socket } from "node:net";
import { connectToTarget, socketOptions } from "./connect.ts";
import { serveDiscovery } from "./discovery-connection.ts";
import type { Log } from "./log.ts";
import type { Discovery, Route } from "./protocol.ts";
import { Targets } from "./targets.ts";
import { tunnel } from "./tunnel.ts";

/** A node of ElastiCache takes 65,000 clients; a route stays below half of the usual port range. */
const clientsMax = 16_384;
/** How many clients the kernel holds until they are accepted; it may hold fewer. */
const backlog = 1_024;

/** A listening address, whose route can change while its clients stay. */
export class Listener {
  readonly #server: Server;
  readonly #targets: Targets;
  readonly #clients = new Set<Socket>();
  #route: Route;
  /** The last membership, for clients that came before the route lost its discovery. */
  #discovery: Discovery | null;

  private constructor(route: Route, nowMs: () => number, log: Log) {
    this.#route = route;
    this.#discovery = route.discovery;
    this.#targets = new Targets(nowMs);
    this.#targets.replace(route.targets);
    this.#server = createServer({ ...socketOptions }, (client) => this.#accept(client));
    this.#server.maxConnections = clientsMax;
    this.#server.on("error", (error) =>
      log("listener failed", { route: this.id, ...reasonOf(error) }),
    );
  }

  /** Listens, or rejects with the system's error. */
  static async open(route: Route, nowMs: () => number, log: Log): Promise<Listener> {
    const listener = new Listener(route, nowMs, log);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    listener.#server.once("error", reject);
    listener.#server.listen({ ...route.listen, backlog, exclusive: true }, () => resolve());
    await promise;
    listener.#server.off("error", reject);
    return listener;
  }

  get id(): string {
    return this.#route.id;
  }

  /** Takes a route of the same address. Clients stay, but for those of a target that went. */
  update(route: Route): void {
    this.#route = route;
    this.#discovery = route.discovery ?? this.#discovery;
    this.#targets.replace(route.targets);
  }

  /** Frees the address and ends every client at once. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const client of this.#clients) client.destroy();
    await promise;
  }

  #accept(client: Socket): void {
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));
    // A connection that breaks ends in "close", which is where it is dealt with.
    client.on("error", () => {});
    const discovery = this.#discovery;
    if (this.#route.discovery !== null && discovery !== null) {
      serveDiscovery(client, this.#targets, () => this.#discovery ?? discovery);
    } else {
      void this.#forward(client);
    }
  }

  async #forward(client: Socket): Promise<void> {
    const upstream = await connectToTarget(client, this.#targets);
    if (upstream === null) client.destroy();
    else tunnel(client, upstream);
  }
}

function reasonOf(error: Error): { readonly reason: string } {
  return { reason: error.message };
}
