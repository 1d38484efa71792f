import type { Route, RouteReport } from "@larder/gateway/protocol.ts";

/** The server's end of the gateway: a detached process that outlives it. */
export interface Gateway {
  /**
   * Makes `routes` the gateway's whole table. Starts the gateway if it does not run and there is a
   * route to carry; ends it when there is none. Idempotent.
   */
  apply(routes: readonly Route[]): Promise<RouteReport>;
  /** Starts the process ahead of its first route, and waits for nothing. */
  warm(): void;
  /** Calls back when the gateway's process ends by itself or stops answering. */
  onLost(listener: () => void): void;
  /** Ends the gateway process, if one runs. */
  stop(): Promise<void>;
  /** Forgets it without ending it: the next server adopts it. */
  release(): void;
}
