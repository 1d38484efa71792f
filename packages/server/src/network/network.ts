import type { Address } from "../resources/address.ts";
import type { EndpointKind } from "../resources/shard.ts";

/** Who holds an endpoint's address: an engine that binds it, or the gateway that forwards. */
export type Carrier = "engine" | "gateway";

/** What an address is asked for. */
export interface AddressRequest {
  /** The subnet's CIDR, e.g. "127.31.16.0/20". */
  readonly subnet: string;
  /** The port the caller asked for; drivers with one address choose another. */
  readonly port: number;
  /** Addresses held by others, formatted "host:port". */
  readonly taken: ReadonlySet<string>;
  /**
   * Addresses released lately, formatted alike. They are given only when nothing else is free: a
   * client that still holds one would otherwise talk to a stranger's cache.
   */
  readonly recent?: ReadonlySet<string>;
}

/** How nodes and endpoints get their addresses. Pure: it decides, others act. */
export interface Network {
  readonly name: "loopback" | "ports";
  /** A free address, or null when the subnet or port range is full. */
  pick(request: AddressRequest): Address | null;
  /**
   * Who carries an endpoint.
   * @param targets how many nodes the endpoint leads to
   * @param movable whether the engine can listen on further addresses at run time
   */
  carrier(kind: EndpointKind, targets: number, movable: boolean): Carrier;
}
