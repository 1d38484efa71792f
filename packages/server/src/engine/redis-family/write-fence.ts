import { replicaPingSeconds } from "./cluster-timeouts.ts";
import type { Command, ControlConnection } from "./connection.ts";

/*
 * A node without cluster mode refuses writes for good once it follows itself. One in cluster mode
 * cannot: it wants more replicas than there can be instead. What it wanted before is in the figure
 * itself, so that nothing has to be remembered to take the fence down. It sends no pings either: they
 * are entries of the replication stream, and with one more than its heir has it would have to copy
 * everything once it follows that.
 */

/** The engine's setting that is the fence; the parameter of that name allows far less. */
export const fenceDirective = "min-replicas-to-write";

const fenceHeight = 2_000_000_000;
const valueMax = 2 ** 31 - 1;

const pingDirective = "repl-ping-replica-period";
const noPingSeconds = "3600";

/** The setting of a fenced node. @param value what the node would have otherwise */
export function fencedValue(value: string | undefined): string {
  const wanted = Number(value ?? 0);
  return String(wanted >= fenceHeight ? wanted : Math.min(fenceHeight + wanted, valueMax));
}

/** Whether the node refuses writes. */
export async function isFenced(connection: ControlConnection): Promise<boolean> {
  return Number(await readFence(connection)) >= fenceHeight;
}

/** Has the node refuse writes, until it is told otherwise or ends. */
export async function raiseFence(connection: ControlConnection): Promise<void> {
  const value = fencedValue(await readFence(connection));
  await connection.send(set(value, noPingSeconds));
}

/** Has the node take writes again. */
export async function lowerFence(connection: ControlConnection): Promise<void> {
  const value = Number(await readFence(connection));
  if (value < fenceHeight) return;
  await connection.send(set(String(value - fenceHeight), replicaPingSeconds));
}

async function readFence(connection: ControlConnection): Promise<string> {
  const reply = await connection.send(["CONFIG", "GET", fenceDirective]);
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  if (typeof value !== "string") throw new Error("the node does not say when it takes writes");
  return value;
}

function set(value: string, pingSeconds: string): Command {
  return ["CONFIG", "SET", fenceDirective, value, pingDirective, pingSeconds];
}
