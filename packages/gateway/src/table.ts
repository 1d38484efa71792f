import { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import type { Route, RouteReport, RouteTable } from "./protocol.ts";

type Failure = RouteReport["failed"][number];

/** The listeners of the table in force. */
export class Table {
  readonly #listeners = new Map<string, Listener>();
  readonly #nowMs: () => number;
  readonly #log: Log;
  #current: RouteTable = { routes: [] };
  #last: Promise<unknown> = Promise.resolve();

  constructor(nowMs: () => number, log: Log) {
    this.#nowMs = nowMs;
    this.#log = log;
  }

  /** The table that was put last. */
  get current(): RouteTable {
    return this.#current;
  }

  /** Makes `table` the table in force. Of two that come together, the later is applied later. */
  apply(table: RouteTable): Promise<RouteReport> {
    const applied = this.#last.then(() => this.#apply(table));
    // Only the order matters to the next one; this one's failure is told to whoever asked.
    this.#last = applied.catch(() => {});
    return applied;
  }

  async #apply(table: RouteTable): Promise<RouteReport> {
    this.#current = table;
    const wanted = new Map<string, Route>();
    const failed: Failure[] = [];
    for (const route of table.routes) {
      const address = `${route.listen.host}:${route.listen.port}`;
      const holder = wanted.get(address);
      if (holder === undefined) wanted.set(address, route);
      else failed.push({ id: route.id, reason: `${address} belongs to the route ${holder.id}` });
    }
    await this.#closeOthers(wanted);
    const opened = await Promise.all(
      [...wanted].map(([address, route]) => this.#carry(address, route)),
    );
    failed.push(...opened.filter((failure) => failure !== null));
    return { failed };
  }

  /** Before anything is opened, as a wildcard address in the old table may cover a new one. */
  async #closeOthers(wanted: ReadonlyMap<string, Route>): Promise<void> {
    const gone = [...this.#listeners].filter(([address]) => !wanted.has(address));
    for (const [address] of gone) this.#listeners.delete(address);
    await Promise.all(gone.map(([, listener]) => listener.close()));
    for (const [address, listener] of gone)
      this.#log("route closed", { route: listener.id, address });
  }

  async #carry(address: string, route: Route): Promise<Failure | null> {
    const listener = this.#listeners.get(address);
    if (listener !== undefined) {
      listener.update(route);
      return null;
    }
    try {
      this.#listeners.set(address, await Listener.open(route, this.#nowMs, this.#log));
      this.#log("route opened", { route: route.id, address });
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log("route not opened", { route: route.id, address, reason });
      return { id: route.id, reason };
    }
  }
}
