import { newNodeStatus, nodeOfMember } from "../../resources/compile.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import type { Launch } from "../../resources/node.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Write } from "../reconciler.ts";
import { isAstray, outsideOnTheWay } from "./crossing.ts";
import { followsOutside, startsToFollow } from "./outside.ts";
import type { PrimaryDecision } from "./primary.ts";
import { isOutdated, restartsInPlace } from "./roll.ts";
import {
  addressOf,
  isUp,
  mayStart,
  phaseOf,
  type SeenMember,
  type SeenShard,
  wantsReboot,
} from "./seen.ts";
import { actsAsPrimary } from "./upstream.ts";

/** A node that was just made: it takes an address, and starts when its shard says so. */
const notYet: Launch = {
  ...{ number: 0, run: true, following: null, outside: [], upstream: null },
  ...{ data: "discard", reboots: 0 },
};

/** Makes the nodes of new members, and has those go whose members are no longer asked for. */
export function planMembership(shard: Resource<"shard">, seen: SeenShard): readonly Write[] {
  const created = seen.members
    // A namesake that is still on its way out keeps its place until it is gone.
    .filter((one) => one.node === null && !seen.leaving.some((node) => node.id === one.id))
    .map(({ member }) => ({
      write: "create" as const,
      ref: refIn(shard, "node", nodeIdOf(member)),
      spec: nodeOfMember(shard.spec, member, seen.parameters, {
        ...notYet,
        reboots: member.reboots,
      }),
      status: newNodeStatus,
      owner: shard,
    }));
  const left = seen.leaving
    .filter((node) => node.deletingSince === null)
    .map((node) => ({ write: "mark-deleting" as const, ref: node }));
  return [...created, ...left];
}

/** Ends every node with its data saved, for `larder down`. */
export function planHalt(seen: SeenShard): readonly Write[] {
  return seen.members.flatMap(({ node }) =>
    node === null || !node.spec.launch.run
      ? []
      : [
          {
            write: "spec",
            ref: node,
            spec: { ...node.spec, launch: { ...node.spec.launch, run: false } },
          },
        ],
  );
}

/**
 * Starts the nodes of a replicated shard: the primary first, replicas once they can follow it.
 * @param replace the replica to start anew, to be up to date
 */
export function planReplicatedLaunches(
  shard: Resource<"shard">,
  decision: PrimaryDecision,
  seen: SeenShard,
  now: Date,
  replace: string | null,
): readonly Write[] {
  const primary = seen.members.find((one) => one.id === decision.status.primary);
  const following = addressOf(primary);
  const canFollow =
    primary !== undefined && isUp(primary) && actsAsPrimary(shard, primary) && following !== null;
  return seen.members.flatMap((one) => {
    // All at once: whoever is in a cluster whose primary has left for another is led astray by that.
    if (startsToFollow(shard, one, seen)) {
      return launch(shard, one, seen, { following: null, data: "keep" });
    }
    if (one.id === decision.status.primary) {
      const restarts = restartsInPlace(shard, decision.status, one, seen, now);
      if (!isFirst(one) && decision.relaunch === null && !restarts) return [];
      const data = decision.relaunch ?? "keep";
      return launch(shard, one, seen, { following: null, data });
    }
    if (!canFollow) return [];
    // Clients that are still with the old primary, and its endpoints, are led away from it first.
    if (one.id === decision.replaced && wantsReboot(one)) return [];
    const place = followsOutside(shard)
      ? { following: null }
      : { following, outside: outsideOnTheWay(shard, primary) };
    // A replica that is replaced starts as a new one does: what it holds is in its primary.
    if (one.id === replace || isAstray(one, primary, now)) {
      return launch(shard, one, seen, { ...place, data: "discard" });
    }
    if (!needsLaunch(one, now) && !wantsReboot(one)) return [];
    const data = one.node?.status.dataOnDisk === true || wantsReboot(one) ? "keep" : "discard";
    return launch(shard, one, seen, { ...place, data });
  });
}

/** Starts the nodes of a shard whose engine does not replicate: each for itself. */
export function planIndependentLaunches(
  shard: Resource<"shard">,
  seen: SeenShard,
  now: Date,
): readonly Write[] {
  const due = seen.members.filter((one) => needsLaunch(one, now) || wantsReboot(one));
  // Outdated ones take turns: each comes back empty, and takes its part before the next one goes.
  const isCalm = due.length === 0 && seen.members.every((one) => isUp(one) && one.connected);
  const outdated = isCalm ? seen.members.find((one) => isOutdated(shard, one, seen)) : undefined;
  return [...due, ...(outdated === undefined ? [] : [outdated])].flatMap((one) =>
    launch(shard, one, seen, { following: null, data: "keep" }),
  );
}

function isFirst(one: SeenMember): boolean {
  return one.node?.spec.launch.number === 0 && one.node.status.address !== null;
}

function needsLaunch(one: SeenMember, now: Date): boolean {
  if (isFirst(one)) return true;
  return phaseOf(one) === "down" && mayStart(one, now);
}

const inside = { upstream: null, outside: [] } as const;

function launch(
  shard: Resource<"shard">,
  one: SeenMember,
  seen: SeenShard,
  how: Pick<Launch, "following" | "data"> & Partial<Pick<Launch, "outside">>,
): readonly Write[] {
  const { node, member } = one;
  if (node === null) return [];
  const number = node.spec.launch.number + 1;
  // Who follows nobody inside the shard follows what the shard does.
  const { upstream, outside } = how.following === null ? shard.spec : inside;
  const next = { outside, ...how, upstream, number, run: true, reboots: member.reboots };
  const spec = nodeOfMember(shard.spec, member, seen.parameters, next);
  return [{ write: "spec", ref: node, spec }];
}
