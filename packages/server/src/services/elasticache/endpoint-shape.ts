import type { Endpoint } from "@aws-sdk/client-elasticache";
import type { Address } from "../../resources/address.ts";

/** An endpoint as the API writes it; undefined while it has no address. */
export function endpointShape(address: Address | null | undefined): Endpoint | undefined {
  return address ? { Address: address.host, Port: address.port } : undefined;
}
