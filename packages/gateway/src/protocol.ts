/**
 * What the server and the gateway say to each other: HTTP with JSON bodies over a unix socket.
 * `PUT /routes` replaces the whole table and answers once every listener is as asked;
 * `GET /routes` answers with the table in force, and `GET /health` with 204 while it is well. The
 * gateway keeps its last table when the server goes away.
 */
export interface Route {
  /** Names the route; unique in a table. */
  readonly id: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** New connections go to the target with the fewest; those of a removed target are ended. */
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  /**
   * Memcached auto discovery: answered here (`config get cluster`, and `get` or `gets` of the key
   * AmazonElastiCache:cluster); everything else is forwarded. Null for plain TCP.
   */
  readonly discovery: Discovery | null;
}

/** A memcached cluster's membership. */
export interface Discovery {
  readonly version: number;
  readonly nodes: readonly { readonly host: string; readonly ip: string; readonly port: number }[];
}

/** A table of routes, replaced as a whole. */
export interface RouteTable {
  readonly routes: readonly Route[];
}

/** Why some routes could not be carried out; the others were. */
export interface RouteReport {
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}
