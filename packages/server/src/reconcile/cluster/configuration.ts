import type { Route } from "@larder/gateway/protocol.ts";
import type { Address } from "../../resources/address.ts";
import { refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Claims } from "../../store/store.ts";
import type { Placement } from "../placement.ts";
import { knowsEverySlot, type SeenCluster } from "./seen.ts";

/** The configuration endpoint's address; null when none is free. */
export function placeConfiguration(
  { spec, status }: Resource<"replication-group">,
  claims: Claims,
  placement: Placement,
): Address | null {
  if (status.configuration !== null) return status.configuration;
  const zone = spec.shards[0]?.members[0]?.zone;
  return zone === undefined ? null : placement.pick(zone, spec.port, claims);
}

/**
 * Who the configuration endpoint leads to: any node that knows the whole cluster, and while none
 * does, any that answers. Clients ask it once and then talk to the nodes themselves.
 */
export function configurationRoutes(
  group: Resource<"replication-group">,
  listen: Address | null,
  { nodes }: SeenCluster,
): readonly Route[] {
  const answering = nodes.filter(({ view }) => view !== null);
  const aware = answering.filter(({ view }) => view !== null && knowsEverySlot(view));
  const targets = (aware.length > 0 ? aware : answering).map(({ address }) => address);
  if (listen === null || targets.length === 0) return [];
  return [{ id: configurationRouteId(group), listen, targets, discovery: null }];
}

/** The route's name in the gateway's table. */
export function configurationRouteId(group: Resource<"replication-group">): string {
  return `${refKey(group)}/configuration`;
}
