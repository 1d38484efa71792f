import type { Carrier } from "../network/network.ts";
import type { Address } from "../resources/address.ts";
import type { Home } from "../resources/ref.ts";
import type { Claims } from "../store/store.ts";
import type { EndpointKind } from "../resources/shard.ts";

/** What has a place in a network: it takes its addresses from the subnets of one group. */
export interface Placed extends Home {
  readonly spec: { readonly subnetGroup: string };
}

/** The network as plans see it: pure functions of what they are given. */
export interface Placement {
  /**
   * A free address for a node or endpoint in a subnet of its group that lies in `zone`, or null if
   * there is none.
   * @param port the port the caller asked for
   * @param claims addresses that others hold, and held lately
   */
  pick(zone: string, port: number, claims: Claims): Address | null;
  /** Who carries an endpoint that leads to `targets` nodes. */
  carrier(kind: EndpointKind, targets: number, movable: boolean): Carrier;
}
