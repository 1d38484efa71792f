import { controlUser } from "../engine.ts";
import type { Command, ControlConnection } from "./connection.ts";

/**
 * The commands that end every client's connection. They go by user, because a node's replicas and
 * every session of the control plane are logged in as the control user.
 */
export async function killCommands(connection: ControlConnection): Promise<readonly Command[]> {
  const users = await connection.send(["ACL", "USERS"]);
  if (!Array.isArray(users)) throw new Error("the node's ACL USERS is not a list");
  return users
    .filter((user): user is string => typeof user === "string" && user !== controlUser)
    .map((user): Command => ["CLIENT", "KILL", "USER", user]);
}
