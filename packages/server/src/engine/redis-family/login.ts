import type { Command, ControlConnection } from "./connection.ts";

/** The password that the node sends to whom it follows; null when it sends none. */
export async function readLogin(connection: ControlConnection): Promise<string | null> {
  const reply = await connection.send(["CONFIG", "GET", "masterauth"]);
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  if (typeof value !== "string") throw new Error("the node does not say how it logs in");
  return value === "" ? null : value;
}

/** Has the node log in with `password` from now on. Without one, it sends no user name either. */
export function loginCommand(password: string | null): Command {
  return ["CONFIG", "SET", "masterauth", password ?? ""];
}

/** Sets what the node logs in with, unless it does so already. */
export async function setLogin(connection: ControlConnection, password: string): Promise<void> {
  if ((await readLogin(connection)) !== password) await connection.send(loginCommand(password));
}
