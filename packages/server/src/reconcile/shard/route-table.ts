import type { Route, RouteReport } from "@larder/gateway/protocol.ts";
import { isDeepStrictEqual } from "node:util";
import type { Gateway } from "../../network/gateway.ts";
import type { Store } from "../../store/store.ts";

/** Thrown when the gateway cannot carry some routes; the others it does. */
export class RouteError extends Error {
  override readonly name = "RouteError";
  /** Ids of the routes. */
  readonly routes: readonly string[];

  constructor(failed: RouteReport["failed"]) {
    super(failed.map((one) => `the gateway cannot carry ${one.id}: ${one.reason}`).join("; "));
    this.routes = failed.map((one) => one.id);
  }
}

/**
 * The gateway's table: what the statuses of all shards and groups record, so that the first look after a
 * restart takes nothing away from shards that were not looked at yet.
 */
export class RouteTable {
  readonly #store: Store;
  readonly #gateway: Gateway;
  /** What the gateway last said that it carries, by id of the route; null until it was asked. */
  #carried: ReadonlyMap<string, Route> | null = null;
  #applying: Promise<void> | null = null;
  #wanted = false;

  constructor(store: Store, gateway: Gateway) {
    this.#store = store;
    this.#gateway = gateway;
  }

  /**
   * Whether the gateway carries exactly these of the one whose routes begin with `prefix`. Not
   * before it was asked, even if that is none: one that outlived a server may carry more.
   */
  carries(prefix: string, routes: readonly Route[]): boolean {
    const all = this.#carried;
    if (all === null) return false;
    const carried = [...all.values()].filter((one) => one.id.startsWith(`${prefix}/`));
    return (
      carried.length === routes.length &&
      routes.every((route) => isDeepStrictEqual(all.get(route.id), route))
    );
  }

  /** Nothing is known of what the gateway carries: it ended. */
  forget(): void {
    this.#carried = null;
  }

  /** Has the gateway carry what the statuses record at this moment or later. */
  async apply(): Promise<void> {
    // Whoever comes while one table is on its way waits for the next, which serves them all.
    this.#wanted = true;
    while (this.#wanted || this.#applying !== null) {
      this.#applying ??= this.#applyOnce().finally(() => (this.#applying = null));
      await this.#applying;
    }
  }

  async #applyOnce(): Promise<void> {
    this.#wanted = false;
    const routed = [...this.#store.listAll("shard"), ...this.#store.listAll("replication-group")];
    const routes = routed.flatMap(({ status }) => status.routes);
    const { failed } = await this.#gateway.apply(routes);
    const refused = new Set(failed.map((one) => one.id));
    this.#carried = new Map(
      routes.filter((one) => !refused.has(one.id)).map((one) => [one.id, one]),
    );
    if (failed.length > 0) throw new RouteError(failed);
  }
}
