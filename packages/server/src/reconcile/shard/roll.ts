import { versionsServedBy } from "../../engine/discovery.ts";
import { isClusterMode } from "../../resources/cluster-mode.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardStatus } from "../../resources/shard.ts";
import { isSpare, spareBeside } from "../../resources/spare.ts";
import { bestOf } from "./best-of.ts";
import { isUp, type SeenMember, type SeenShard, wantsReboot } from "./seen.ts";
import { actsAsPrimary } from "./upstream.ts";

/*
 * The rolling replacement of nodes that run something else than is asked for: replicas first, then
 * the primary by a handover, one at a time. A spare node, made first, keeps a shard as redundant as
 * it was, and takes writes for a member that has no replica. Nothing of this is remembered but the
 * spare: each pass decides anew by what runs, so that it goes on after any crash.
 *
 * A primary that is to be rebooted hands its role over too, to any replica that is ready. Where none
 * is, be it that there is none or that all are broken, it gets a spare to hand it to; unless it has
 * an upstream, since nobody writes there.
 */

/**
 * How long a reboot waits for somebody who could have the role meanwhile, from when the spare was
 * made: it may find no address, or no memory, or never get all the data. Then the primary restarts
 * in place. Other than a replacement, which waits until the cause is mended, a reboot may be the
 * very thing that mends it.
 */
const standInWithinMs = 600_000;

/** Whether the member's process was started as something else than its shard now asks for. */
export function isOutdated(
  { spec }: Resource<"shard">,
  { node }: SeenMember,
  { installedVersion }: SeenShard,
): boolean {
  if (node === null || node.spec.launch.number === 0) return false;
  const { engine, nodeType, engineVersion, launch } = node.spec;
  if (engine !== spec.engine || nodeType !== spec.nodeType) return true;
  const { launchedAs, launched } = node.status;
  const serves = launchedAs === null ? [] : versionsServedBy(engine, launchedAs.binaryVersion);
  // A version that the running binary serves as well is another name for the same.
  if (engineVersion !== spec.engineVersion && !serves.includes(spec.engineVersion)) return true;
  if (launchedAs === null || launched !== launch.number) return false;
  if (isClusterMode(node.status.parameters) !== (spec.clusterMode !== "disabled")) return true;
  if (spec.binaryAtLeast === null) return false;
  const { binaryVersion } = launchedAs;
  // Starting it again would change nothing where the newer binary is not installed (any more).
  const isBehind = compareVersions(binaryVersion, spec.binaryAtLeast) < 0;
  return isBehind && installedVersion !== null && installedVersion !== binaryVersion;
}

/** Whether members are replaced behind an endpoint that moves. Other nodes restart in place. */
function rolls(shard: Resource<"shard">): boolean {
  return shard.owner?.kind === "replication-group";
}

/** The status with a spare while members are outdated, and without one once it has served. */
export function withSpare(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
): ShardStatus {
  const primary = seen.members.find((one) => one.id === status.primary);
  if (!rolls(shard) || primary === undefined || !isSteady(status)) return status;
  const members = seen.members.filter((one) => !isSpare(one.member));
  const hasHeir = members.some((one) => one !== primary && isSettled(shard, status, one, seen));
  const lacksHeir = wantsReboot(primary) && !hasHeir && shard.spec.upstream === null;
  const isNeeded = lacksHeir || seen.members.some((one) => isOutdated(shard, one, seen));
  if (status.spare === null) {
    // One that is still on its way out has the name and the directory.
    const isFree = !seen.leaving.some((node) => isSpare(node.spec));
    const isMade = isNeeded && isFree && servesAsPrimary(shard, primary);
    return isMade ? { ...status, spare: spareBeside(primary.member) } : status;
  }
  const isWhole = members.every((one) => one === primary || status.ready.includes(one.id));
  const hasServed = !isNeeded && isWhole && members.includes(primary);
  return hasServed ? { ...status, spare: null } : status;
}

/** The replica to start anew now: one at a time, while everybody else is in step. */
export function replicaToReplace(
  shard: Resource<"shard">,
  status: ShardStatus,
  seen: SeenShard,
): string | null {
  const primary = seen.members.find((one) => one.id === status.primary);
  if (!rolls(shard) || !isSteady(status) || status.spare === null) return null;
  const isHere = seen.members.some((one) => isSpare(one.member));
  if (!isHere || primary === undefined || !servesAsPrimary(shard, primary)) return null;
  const replicas = seen.members.filter((one) => one !== primary);
  const isReady = (one: SeenMember) => status.ready.includes(one.id);
  const outdated = replicas.filter((one) => isOutdated(shard, one, seen));
  if (replicas.some((one) => !outdated.includes(one) && !isReady(one))) return null;
  const ranked = outdated
    .filter(isUp)
    // The one that is missed least: an older engine may never get in step with a newer primary.
    .toSorted(
      (a, b) =>
        Number(isReady(a)) - Number(isReady(b)) ||
        Number(isSpare(b.member)) - Number(isSpare(a.member)),
    );
  return ranked[0]?.id ?? null;
}

/**
 * Who the primary hands its role to: once all others are replaced, to be rebooted, or to end a
 * spare's reign.
 */
export function heirOfRoll(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
): SeenMember | null {
  if (!rolls(shard)) return null;
  const outdated = isOutdated(shard, primary, seen);
  if (!outdated && !wantsReboot(primary) && !isSpare(primary.member)) return null;
  const others = seen.members.filter((one) => one !== primary);
  const settled = others.filter((one) => isSettled(shard, status, one, seen));
  // One that is replaced is the last: an older replica may never follow a newer primary.
  if (outdated && settled.length < others.length) return null;
  const members = settled.filter((one) => !isSpare(one.member));
  return bestOf(members.length > 0 ? members : settled, primary.member.zone);
}

/** Whether the primary restarts in place, with its data, to be up to date or rebooted. */
export function restartsInPlace(
  shard: Resource<"shard">,
  status: ShardStatus,
  primary: SeenMember,
  seen: SeenShard,
  now: Date,
): boolean {
  if (!rolls(shard)) {
    return wantsReboot(primary) || (isUp(primary) && isOutdated(shard, primary, seen));
  }
  if (!wantsReboot(primary) || !isSteady(status)) return false;
  const others = seen.members.filter((one) => one !== primary);
  if (others.some((one) => isSettled(shard, status, one, seen))) return false;
  if (shard.spec.upstream !== null) return true;
  const madeAt = others.find((one) => isSpare(one.member))?.node?.createdAt;
  return madeAt !== undefined && now.getTime() - Date.parse(madeAt) > standInWithinMs;
}

/** What is still to be replaced, as a sentence; null when nothing is. */
export function missingOfRoll(shard: Resource<"shard">, seen: SeenShard): string | null {
  const outdated = seen.members.filter((one) => isOutdated(shard, one, seen));
  if (outdated.length > 0) {
    return `${outdated.map((one) => one.id).join(", ")} is to be replaced`;
  }
  return seen.members.some((one) => isSpare(one.member)) ? "its spare node stands in" : null;
}

/** Whether the member could have the primary's role: it has all data, and nothing awaits it. */
function isSettled(
  shard: Resource<"shard">,
  { ready }: ShardStatus,
  one: SeenMember,
  seen: SeenShard,
): boolean {
  return ready.includes(one.id) && !isOutdated(shard, one, seen) && !wantsReboot(one);
}

/** Whether no change of primary is under way that a roll would interfere with. */
function isSteady({ failover, heir, returnTo }: ShardStatus): boolean {
  return failover === null && heir === null && returnTo === null;
}

function servesAsPrimary(shard: Resource<"shard">, primary: SeenMember): boolean {
  return isUp(primary) && actsAsPrimary(shard, primary);
}
