import type { Clock } from "../../base/clock.ts";
import type { Session } from "../engine.ts";
import { killCommands } from "./clients.ts";
import type { ControlConnection } from "./connection.ts";
import { stopWrites } from "./quiesce.ts";

/*
 * A cache can go into cluster mode, and back, without its data being away. The engines speak one
 * replication protocol in both modes, and a replica does not ask which mode its primary is in; only
 * what makes a node a replica differs. So the nodes are replaced one by one, each a replica of the
 * primary in the other mode, and at last the role crosses over.
 */

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
