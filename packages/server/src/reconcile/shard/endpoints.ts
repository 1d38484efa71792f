import type { Route } from "@larder/gateway/protocol.ts";
import { type Address, formatAddress, sameAddress } from "../../resources/address.ts";
import { refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { EndpointKind, ShardSpec, ShardStatus } from "../../resources/shard.ts";
import type { Placement } from "../placement.ts";
import { addressOf, inClusterMode, isUp, type SeenMember, type SeenShard } from "./seen.ts";

/** The status with an address for every endpoint that the shard is to have. */
export function placeEndpoints(
  shard: Resource<"shard">,
  seen: SeenShard,
  placement: Placement,
): ShardStatus {
  const { spec, status } = shard;
  const zone = spec.members[0]?.zone;
  const endpoints: Partial<Record<EndpointKind, Address>> = {};
  const held = new Set(seen.claims.held);
  for (const kind of spec.endpoints) {
    const address =
      status.endpoints[kind] ??
      (zone === undefined ? null : placement.pick(zone, spec.port, { ...seen.claims, held }));
    if (address === null) continue;
    endpoints[kind] = address;
    held.add(formatAddress(address));
  }
  return { ...status, endpoints };
}

/** The nodes that each endpoint leads to. */
export type Targets = Readonly<Record<EndpointKind, readonly SeenMember[]>>;

/** Where each endpoint of a replicated shard leads, by what was decided and seen. */
export function targetsOf(status: ShardStatus, seen: SeenShard): Targets {
  const primary = seen.members.find((one) => one.id === status.primary && isUp(one));
  const atPrimary = primary === undefined ? [] : [primary];
  // A replica in cluster mode sends whoever does not know of clusters on to the primary.
  const readers = seen.members.filter(
    (one) => status.ready.includes(one.id) && isUp(one) && !inClusterMode(one),
  );
  return {
    // While another node only keeps the seat warm, nobody takes writes.
    primary: status.returnTo === null ? atPrimary : [],
    // Without a replica, the primary answers reads, as AWS's reader endpoint does.
    reader: readers.length > 0 ? readers : atPrimary,
    configuration: [],
  };
}

/** Whether the gateway carries the endpoint, rather than an engine that listens on its address. */
export function isRouted(
  kind: EndpointKind,
  spec: ShardSpec,
  movesEndpoints: boolean,
  placement: Pick<Placement, "carrier">,
): boolean {
  // By the replicas asked for, not those alive: an address should not change hands at a failure.
  const members = spec.members.length;
  const targets = kind === "primary" ? 1 : kind === "reader" ? members - 1 : members;
  return placement.carrier(kind, targets, movesEndpoints) === "gateway";
}

/** What the gateway is to carry for the shard. */
export function routesOf(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  targets: Targets,
  placement: Placement,
): readonly Route[] {
  return shard.spec.endpoints.flatMap((kind) => {
    const listen = status.endpoints[kind];
    if (listen === undefined || !isRouted(kind, shard.spec, seen.movesEndpoints, placement))
      return [];
    const addresses = targets[kind].map(addressOf).filter((one) => one !== null);
    // Refused at once is kinder than accepted and dropped.
    if (addresses.length === 0) return [];
    const id = `${refKey(shard)}/${kind}`;
    return [{ id, listen, targets: addresses, discovery: null }];
  });
}

/** The hosts that a node is to listen on: its own first, then the endpoints it carries. */
export function hostsOf(
  member: SeenMember,
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  targets: Targets,
  placement: Placement,
): readonly string[] {
  const own = addressOf(member);
  if (own === null) return [];
  const carried = shard.spec.endpoints.filter(
    (kind) =>
      !isRouted(kind, shard.spec, seen.movesEndpoints, placement) &&
      targets[kind][0]?.id === member.id,
  );
  const hosts = carried
    .map((kind) => status.endpoints[kind]?.host)
    .filter((one) => one !== undefined);
  return [own.host, ...hosts];
}

/** Whether a replica of the view follows `primary`. */
export function follows(member: SeenMember, primary: Address): boolean {
  return member.view?.role === "replica" && sameAddress(member.view.link?.primary ?? null, primary);
}
