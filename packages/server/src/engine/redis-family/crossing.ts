import { createHash } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { type Address, busPortOf, formatAddress } from "../../resources/address.ts";
import { isClusterMode } from "../../resources/cluster-mode.ts";
import type { FileChange } from "../../resources/launch-plan.ts";
import { slotCount } from "../../resources/slots.ts";
import type { LaunchRequest, Session } from "../engine.ts";
import { killCommands } from "./clients.ts";
import { clusterFile, demoteSelf, mendClusterFile } from "./cluster-file.ts";
import type { ControlConnection } from "./connection.ts";
import { stopWrites } from "./quiesce.ts";

/*
 * A cache can go into cluster mode, and back, without its data being away. The engines speak one
 * replication protocol in both modes, and a replica does not ask which mode its primary is in; only
 * what makes a node a replica differs. So the nodes are replaced one by one, each a replica of the
 * primary in the other mode, and at last the role crosses over.
 */

/** The engine's own files that a launch has to change. */
export function clusterFiles(
  request: Pick<LaunchRequest, "address" | "parameters" | "following" | "crossing" | "startsEmpty">,
): Readonly<Record<string, FileChange>> {
  const { address, parameters, following, crossing, startsEmpty } = request;
  // What a node knew of a cluster is stale once it is in none.
  if (!isClusterMode(parameters)) return { [clusterFile]: null };
  if (following === null || (!crossing && !startsEmpty)) return { [clusterFile]: mendClusterFile };
  if (!crossing) return { [clusterFile]: (text) => mendClusterFile(demoteSelf(text, following)) };
  return { [clusterFile]: replicaOfOutsider(address, following) };
}

/**
 * What a node in cluster mode would know if it were the replica of a primary that has all slots. The
 * primary is in no cluster and never answers on its bus, so nothing else comes of it; the node copies
 * its data, and sends clients of the cluster there.
 */
function replicaOfOutsider(own: Address, primary: Address): string {
  const place = (at: Address) => `${formatAddress(at)}@${busPortOf(at)}`;
  const [self, other] = [nodeId("replica", own), nodeId("primary", primary)];
  return [
    `${self} ${place(own)} myself,slave ${other} 0 0 0 connected`,
    `${other} ${place(primary)} master - 0 0 1 connected 0-${slotCount - 1}`,
    "vars currentEpoch 1 lastVoteEpoch 0",
    "",
  ].join("\n");
}

/** A cluster's ids are 40 hexadecimal digits; these are the same whenever they are made. */
function nodeId(role: string, at: Address): string {
  return createHash("sha1")
    .update(`${role} at ${formatAddress(at)}`)
    .digest("hex");
}

/**
 * Gives the role up to a replica in the other mode. Neither mode's own way of swapping roles works
 * across, so this node stops writes, waits until the heir has them all, and ends; the heir then takes
 * over as after a loss, of which nothing was lost.
 * @throws Error when the heir did not catch up, after which this node takes writes again
 */
export async function crossOver(
  clock: Clock,
  connection: ControlConnection,
  heir: Pick<Session, "address" | "replication">,
  withinMs: number,
): Promise<void> {
  const kills = await killCommands(connection);
  await stopWrites(clock, connection, heir, withinMs);
  // Clients whose writes wait are cut off rather than answered: they come back to the new primary.
  await connection.sendTogether(kills);
  await Promise.race([
    connection.sendUnbounded(["SHUTDOWN", "NOSAVE", "NOW"]).catch(() => {
      // The end of the connection is the answer.
    }),
    connection.closed,
  ]);
}
