import { formatAddress } from "../resources/address.ts";
import type { Kind } from "../resources/ref.ts";
import type { Resource } from "../resources/resource.ts";

/** What only one resource may hold at a time: addresses, as "host:port". */
export function claimsOf(resource: Resource): readonly string[] {
  if (isKind(resource, "node")) {
    return resource.status.address === null ? [] : [formatAddress(resource.status.address)];
  }
  if (isKind(resource, "shard")) {
    return Object.values(resource.status.endpoints).map(formatAddress);
  }
  if (isKind(resource, "replication-group")) {
    const { configuration } = resource.status;
    return configuration === null ? [] : [formatAddress(configuration)];
  }
  return [];
}

function isKind<K extends Kind>(resource: Resource, kind: K): resource is Resource<K> {
  return resource.kind === kind;
}
