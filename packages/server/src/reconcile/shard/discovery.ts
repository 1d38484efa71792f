import type { Discovery, Route } from "@larder/gateway/protocol.ts";
import type { Address } from "../../resources/address.ts";
import { refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { addressOf, isUp, type SeenShard } from "./seen.ts";

/**
 * The membership that auto discovery shows next. A node appears once it is up, stays while it is
 * being replaced after a failure, and goes when it is no longer asked for; the version rises by one
 * with each (AWS user guide, "How auto discovery works").
 */
export function nextDiscovery(
  before: ShardStatus["discovery"],
  seen: SeenShard,
): ShardStatus["discovery"] {
  const known = new Set(before?.nodes);
  const shown = seen.members
    .filter((one) => known.has(one.id) || (isUp(one) && one.connected))
    .map((one) => one.id);
  // A new cluster shows itself as a whole, with its first version.
  if (before === null) {
    return shown.length < seen.members.length ? null : { version: 1, nodes: shown };
  }
  const added = shown.filter((id) => !known.has(id)).length;
  const removed = before.nodes.filter((id) => !shown.includes(id)).length;
  return added + removed === 0
    ? before
    : { version: before.version + added + removed, nodes: shown };
}

/** The configuration endpoint: answers auto discovery, and forwards the rest to a live node. */
export function discoveryRoutes(
  shard: Resource<"shard">,
  status: ShardStatus,
  discovery: ShardStatus["discovery"],
  seen: SeenShard,
): readonly Route[] {
  const listen = status.endpoints.configuration;
  if (listen === undefined || discovery === null) return [];
  const targets = seen.members
    .filter(isUp)
    .map(addressOf)
    .filter((one) => one !== null);
  const id = `${refKey(shard)}/configuration`;
  const shown = discoveryOf(discovery, (node) =>
    addressOf(seen.members.find((one) => one.id === node)),
  );
  return [{ id, listen, targets, discovery: shown }];
}

/** The membership with the nodes' addresses. */
export function discoveryOf(
  discovery: NonNullable<ShardStatus["discovery"]>,
  addressOfNode: (id: string) => Address | null,
): Discovery {
  const nodes = discovery.nodes.flatMap((id) => {
    const address = addressOfNode(id);
    return address === null ? [] : [{ host: address.host, ip: address.host, port: address.port }];
  });
  return { version: discovery.version, nodes };
}
