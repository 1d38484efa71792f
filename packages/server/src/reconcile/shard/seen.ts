import type { ClusterView, ReplicationView } from "../../engine/engine.ts";
import type { Address } from "../../resources/address.ts";
import type { Member } from "../../resources/cache-settings.ts";
import { isClusterMode } from "../../resources/cluster-mode.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Claims } from "../../store/store.ts";

/** What a look at one place of a shard found. */
export interface SeenMember {
  /** The node's id. */
  readonly id: string;
  readonly member: Member;
  /** Null until the shard has made it. */
  readonly node: Resource<"node"> | null;
  readonly running: boolean;
  /** Whether it answered nothing for the failure timeout. */
  readonly hung: boolean;
  /** Whether its control connection is open. */
  readonly connected: boolean;
  /** Null while it cannot be read, and of engines that do not replicate. */
  readonly view: ReplicationView | null;
  /** Its view of its cluster; null while it cannot be read, and outside of cluster mode. */
  readonly cluster: ClusterView | null;
  /** The hosts it listens on; null while they cannot be read, and where they cannot change. */
  readonly hosts: readonly string[] | null;
}

/** What a look at a shard found. */
export interface SeenShard {
  /** One for each member asked for, in that order; then the spare, if there is one. */
  readonly members: readonly SeenMember[];
  /** Nodes of members that are no longer asked for. */
  readonly leaving: readonly Resource<"node">[];
  /** `larder down` was asked for: every node is to save its data and end. */
  readonly halted: boolean;
  /** The engine parameters of its nodes. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The version of the engine binary that they run; null if none is installed. */
  readonly installedVersion: string | null;
  /** The parameter group family that they are of. */
  readonly family: string;
  /** Whether the gateway carries the routes that the status records. */
  readonly routesInForce: boolean;
  readonly claims: Claims;
  readonly replicates: boolean;
  readonly movesEndpoints: boolean;
  /** Ids of nodes whose stored auto discovery item is not what the status says. */
  readonly staleDiscovery: readonly string[];
}

/** Where a member stands, from its shard's point of view. */
export type Phase = "absent" | "launching" | "up" | "hung" | "down";

/** Judges a member by its process first: statuses lag behind. */
export function phaseOf(seen: SeenMember): Phase {
  const { node } = seen;
  if (node === null || node.status.address === null) return "absent";
  const { launch } = node.spec;
  const { state, launched } = node.status;
  if (seen.running && seen.hung) return "hung";
  if (launch.number === 0) return "launching";
  if (launch.run && (launch.number !== launched || state === "starting")) return "launching";
  if (!launch.run) return "down";
  return seen.running ? "up" : "down";
}

/** Whether the member runs, answers, and was not found hung. */
export function isUp(seen: SeenMember): boolean {
  return phaseOf(seen) === "up";
}

/**
 * Whether a member that is down may be launched again: not right after it crashed repeatedly, and
 * not while its node itself goes on trying to start.
 */
export function mayStart(seen: SeenMember, now: Date): boolean {
  if (seen.node?.status.state === "failed") return false;
  const retryAt = seen.node?.status.retryAt ?? null;
  return retryAt === null || Date.parse(retryAt) <= now.getTime();
}

/** Whether the member's process was started in cluster mode. */
export function inClusterMode({ node }: SeenMember): boolean {
  return isClusterMode(node?.status.parameters ?? {});
}

/** Whether a reboot of the member was asked for that no launch of it carries out yet. */
export function wantsReboot(seen: SeenMember): boolean {
  return isUp(seen) && seen.member.reboots > (seen.node?.spec.launch.reboots ?? 0);
}

/** The member's own address. */
export function addressOf(seen: SeenMember | undefined): Address | null {
  return seen?.node?.status.address ?? null;
}
