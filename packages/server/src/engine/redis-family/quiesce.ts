import type { Clock } from "../../base/clock.ts";
import { formatAddress, sameAddress } from "../../resources/address.ts";
import type { Session } from "../engine.ts";
import type { ControlConnection } from "./connection.ts";
import { readView } from "./node-info.ts";

/** Writes stop for this long at most if the server goes away in the middle. */
const pauseMs = 3_000;
const lookEveryMs = 2;

/**
 * Stops a primary's writes, and waits until its replica `heir` has them all. Writes go on by
 * themselves after 3 s, if nothing else is heard from the server.
 * @throws Error when the heir did not catch up, after which the primary takes writes again
 */
export async function stopWrites(
  clock: Clock,
  connection: ControlConnection,
  heir: Pick<Session, "address" | "replication">,
  withinMs: number,
): Promise<void> {
  // The rest of the pause is for what the role is handed over by.
  const deadlineMs = clock.monotonicMs() + Math.min(withinMs, pauseMs / 2);
  await connection.send(["CLIENT", "PAUSE", String(pauseMs), "WRITE"]);
  try {
    await untilCaughtUp(clock, connection, heir, deadlineMs);
  } catch (error) {
    // Nobody has taken over: there is nothing that writes have to wait for.
    await resumeWrites(connection);
    throw error;
  }
}

async function untilCaughtUp(
  clock: Clock,
  connection: ControlConnection,
  heir: Pick<Session, "address" | "replication">,
  deadlineMs: number,
): Promise<void> {
  const { offset } = await readView(connection);
  for (;;) {
    const view = await heir.replication?.view();
    const isFollowing = sameAddress(view?.link?.primary ?? null, connection.address);
    if (view !== undefined && isFollowing && view.offset >= offset) return;
    if (clock.monotonicMs() >= deadlineMs) {
      throw new Error(`${formatAddress(heir.address)} did not catch up with its primary in time`);
    }
    await new Promise<void>((resolve) => void clock.after(lookEveryMs, resolve));
  }
}

/** Has a node take writes again. What waited is carried out, or sent to whoever is primary now. */
export async function resumeWrites(connection: ControlConnection): Promise<void> {
  await connection.send(["CLIENT", "UNPAUSE"]);
}
