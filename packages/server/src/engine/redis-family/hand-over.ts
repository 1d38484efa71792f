import type { Clock } from "../../base/clock.ts";
import { DeadlineError } from "../../base/deadline.ts";
import { type Address, formatAddress, sameAddress } from "../../resources/address.ts";
import type { ReplicationView } from "../engine.ts";
import { killCommands } from "./clients.ts";
import type { ControlConnection } from "./connection.ts";
import { replicationViewOf } from "./info.ts";
import { readInfo } from "./node-info.ts";
import { ReportPrompt } from "./report-prompt.ts";

/** How long the engine's own timeout may be late before the swap is called off from here. */
const graceMs = 500;

/**
 * The engine's FAILOVER: the primary stops writes, waits until `heir` has them all, and becomes its
 * replica. Its clients' connections end with the change, so that they look for the primary again; a
 * write that waited may be answered READONLY just before.
 * @throws Error when the primary stayed a primary, which then takes writes again
 */
export async function handOver(
  clock: Clock,
  connection: ControlConnection,
  heir: Address,
  withinMs: number,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + withinMs + graceMs;
  const before = await readSwap(connection);
  if (isDone(before, heir)) return;
  if (before.view.role === "replica") throw new Error("only a primary can hand over");
  const kills = await killCommands(connection);
  using prompt = await ReportPrompt.open(clock, heir, connection.login(), withinMs);
  const leftMs = deadlineMs - graceMs - clock.monotonicMs();
  const timeout = String(Math.max(1, Math.round(leftMs)));
  await connection.send(["FAILOVER", "TO", heir.host, String(heir.port), "TIMEOUT", timeout]);
  let clientsEnded = false;
  // No pause between looks: the swap is over in a few milliseconds, and each look is an answer.
  while (clock.monotonicMs() < deadlineMs) {
    if (!clientsEnded) prompt.ask();
    const swap = await readSwap(connection);
    if (swap.view.role === "replica" && !clientsEnded) {
      await connection.sendTogether(kills);
      clientsEnded = true;
      continue;
    }
    if (isDone(swap, heir)) return;
    if (!swap.going) throw new Error(`${formatAddress(connection.address)} stayed the primary`);
  }
  await callOff(connection, heir, withinMs);
}

interface Swap {
  readonly view: ReplicationView;
  readonly going: boolean;
}

async function readSwap(connection: ControlConnection): Promise<Swap> {
  const info = await readInfo(connection, ["replication"]);
  const state = info.get("master_failover_state") ?? "no-failover";
  return { view: replicationViewOf(info), going: state !== "no-failover" };
}

function isDone({ view, going }: Swap, heir: Address): boolean {
  return !going && view.link !== null && sameAddress(view.link.primary, heir);
}

async function callOff(
  connection: ControlConnection,
  heir: Address,
  withinMs: number,
): Promise<void> {
  let refusal: unknown;
  try {
    await connection.send(["FAILOVER", "ABORT"]);
  } catch (error) {
    // The swap may have ended, either way, between the last look and this command.
    refusal = error;
  }
  if (isDone(await readSwap(connection), heir)) return;
  const what = `the hand-over to ${formatAddress(heir)} took longer than ${withinMs} ms`;
  throw new DeadlineError(what, { cause: refusal });
}
