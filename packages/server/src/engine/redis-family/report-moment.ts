import type { Clock } from "../../base/clock.ts";
import { type Address, sameAddress } from "../../resources/address.ts";
import type { ControlConnection } from "./connection.ts";
import { readView } from "./node-info.ts";

/** A replica reports its offset this often, by its own clock (REPLCONF ACK). */
const reportEveryMs = 1_000;
/** How long before the next report to be ready: its clock runs up to some 20 ms late. */
const earlyMs = 40;
const lookEveryMs = 2;

/** What there must be time for: to see one report, to wait for the next, and for the swap. */
export const alignedHandOverMs = 3 * reportEveryMs + 500;

/**
 * Waits until `heir` is about to report its offset. FAILOVER stops writes at once and goes on when
 * the heir has reported the last of them, which on its own takes up to a second (measured: 820 ms).
 * The engine asks for no report meanwhile, so the moment to begin is chosen instead. Whoever uses
 * WAIT causes reports in between; the guess is wrong then, and the pause as long as without it.
 */
export async function untilNextReport(
  clock: Clock,
  connection: ControlConnection,
  heir: Address,
): Promise<void> {
  const acknowledged = async () =>
    (await readView(connection)).replicas.find((one) => sameAddress(one.address, heir))
      ?.acknowledgedOffset;
  // On a quiet primary there would be nothing new to report.
  await connection.send(["PUBLISH", "larder:report", ""]);
  const before = await acknowledged();
  const deadlineMs = clock.monotonicMs() + reportEveryMs + 200;
  if (before === undefined) return; // no replica of this node: FAILOVER will say so
  while ((await acknowledged()) === before) {
    if (clock.monotonicMs() > deadlineMs) return;
    await pause(clock, lookEveryMs);
  }
  await pause(clock, reportEveryMs - earlyMs);
}

/** The connection that is being watched keeps the process alive meanwhile. */
function pause(clock: Clock, forMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(forMs, resolve));
}
