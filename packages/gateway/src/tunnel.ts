import type { Socket } from "node:net";

/** Carries bytes both ways between a client and a target until both have ended. */
export function tunnel(client: Socket, upstream: Socket): void {
  tieLifetimes(client, upstream);
  carry(client, upstream);
  carry(upstream, client);
}

/** Neither socket outlives the other. */
export function tieLifetimes(client: Socket, upstream: Socket): void {
  client.once("close", () => upstream.destroy());
  // What a dying target said last still reaches the client.
  upstream.once("close", () => client.destroySoon());
}

/** One direction: reads no faster than `to` takes, and hands on a half-close. */
function carry(from: Socket, to: Socket): void {
  from.on("data", (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.once("end", () => to.end());
}
