import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import type { Placement } from "../placement.ts";
import { canBeRepointed } from "./crossing.ts";
import { follows, hostsOf, type Targets } from "./endpoints.ts";
import { followsOutside } from "./outside.ts";
import { addressOf, isUp, type SeenMember, type SeenShard } from "./seen.ts";
import type { ShardStep } from "./steps.ts";
import { takeRole } from "./upstream.ts";

/** Ends nodes that hang though nobody waits for them: they are started again and catch up. */
export function fenceHung(seen: SeenShard, except: string | null): readonly ShardStep[] {
  return seen.members
    .filter((one) => one.id !== except && one.running && one.hung)
    .map((one) => ({ do: "fence", node: one.id }));
}

/**
 * What makes the running nodes as the status says. The order matters: whoever has to let go of an
 * address does so before anyone takes it, the new primary is promoted before it is reachable on the
 * primary endpoint, and clients come before replicas, which can wait a few milliseconds.
 */
export function alignNodes(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
  targets: Targets,
  placement: Placement,
  routesChanged: boolean,
): readonly ShardStep[] {
  const primary = seen.members.find((one) => one.id === status.primary);
  const hosts = (one: SeenMember) => hostsOf(one, shard, status, seen, targets, placement);
  const listening = seen.members.filter((one) => isUp(one) && one.hosts !== null);
  const endpoint = status.endpoints.primary?.host;
  const route = routesChanged || !seen.routesInForce;
  return [
    ...listening.flatMap((one) => detach(one, hosts(one), one.id === status.primary)),
    ...takeRole(shard, primary),
    // Nobody else can hold the primary endpoint now, so writes do not wait for the gateway; any
    // other address an engine may only take once the gateway has let go of it.
    ...listening.flatMap((one) =>
      attach(
        one,
        hosts(one).filter((host) => host === endpoint),
      ),
    ),
    ...(route ? [{ do: "route" } as const] : []),
    ...listening.flatMap((one) => attachRest(one, hosts(one), endpoint)),
    ...(followsOutside(shard) ? [] : repoint(primary, seen)),
    ...confirm(primary, status),
  ];
}

function detach(
  member: SeenMember,
  wanted: readonly string[],
  isPrimary: boolean,
): readonly ShardStep[] {
  const held = member.hosts ?? [];
  const kept = held.filter((host) => wanted.includes(host));
  if (kept.length === held.length) return [];
  const { id } = member;
  const listen: ShardStep = { do: "listen", node: id, hosts: kept };
  // A primary that only gives up an endpoint, such as the reader endpoint to a replica that is back,
  // still serves everybody who is connected.
  if (isPrimary) return [listen];
  // Clients of a demoted primary would only get READONLY: end their connections, so that they come
  // back through the endpoint, and once more for those who came in between.
  return [{ do: "drop-clients", node: id }, listen, { do: "drop-clients", node: id }];
}

/** Listens on `wanted` besides what is held already. */
function attach(member: SeenMember, wanted: readonly string[]): readonly ShardStep[] {
  const held = member.hosts ?? [];
  const missing = wanted.filter((host) => !held.includes(host));
  if (missing.length === 0) return [];
  return [{ do: "listen", node: member.id, hosts: [...held, ...missing] }];
}

function attachRest(
  member: SeenMember,
  wanted: readonly string[],
  done: string | undefined,
): readonly ShardStep[] {
  const held = member.hosts ?? [];
  const missing = wanted.filter((host) => host !== done && !held.includes(host));
  return missing.length === 0 ? [] : [{ do: "listen", node: member.id, hosts: wanted }];
}

function repoint(primary: SeenMember | undefined, seen: SeenShard): readonly ShardStep[] {
  const address = addressOf(primary);
  if (primary === undefined || address === null || !isUp(primary)) return [];
  return seen.members
    .filter((one) => one.id !== primary.id && isUp(one) && one.view !== null)
    .filter((one) => canBeRepointed(one, primary))
    .filter((one) => !follows(one, address) || isShutOut(one))
    .map((one) => ({ do: "follow", node: one.id, primary: address }) as const);
}

/**
 * Whether a replica may have the wrong login: in cluster mode it comes to its primary by itself when
 * that takes over from somebody outside, whom both followed.
 */
function isShutOut(one: SeenMember): boolean {
  return one.cluster !== null && one.view?.link?.up === false && !one.view.link.syncing;
}

/** Has replicas that just came online acknowledge something newer, which makes them ready. */
function confirm(primary: SeenMember | undefined, status: ShardStatus): readonly ShardStep[] {
  if (primary?.view?.role !== "primary" || !isUp(primary)) return [];
  if (Object.keys(status.joining).length === 0) return [];
  const online = primary.view.replicas.filter((one) => one.online);
  return [{ do: "confirm", node: primary.id, replicas: online.length }];
}
