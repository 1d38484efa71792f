import { once } from "node:events";
import { connect } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import type { Address } from "../../resources/address.ts";

const refusal = "-ERR max number of clients reached";

/**
 * Whether a node closes connections because it has too many. It says so and closes in one go, so
 * that a client that is just sending its password may fail before it can read why. This looks
 * again without sending anything.
 */
export async function isFull(clock: Clock, address: Address, withinMs: number): Promise<boolean> {
  const socket = connect({ host: address.host, port: address.port });
  let said = "";
  socket.on("data", (chunk) => {
    said += chunk.toString("latin1");
    if (said.length >= refusal.length) socket.destroy();
  });
  socket.on("error", () => {}); // the end of the connection is what is waited for
  try {
    await withDeadline(clock, "a look at the node's greeting", withinMs, once(socket, "close"));
  } catch {
    return false; // it greets nobody, so it has a connection to give, or is stuck, or is gone
  } finally {
    socket.destroy();
  }
  return said.startsWith(refusal);
}
