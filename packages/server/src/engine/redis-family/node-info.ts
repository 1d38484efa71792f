import type { ReplicationView } from "../engine.ts";
import type { ControlConnection } from "./connection.ts";
import { type Info, parseInfo, replicationViewOf } from "./info.ts";

/** Reads the named sections of INFO. */
export async function readInfo(
  connection: ControlConnection,
  sections: readonly string[],
): Promise<Info> {
  return parseInfo(await connection.send(["INFO", ...sections]));
}

/** Reads a node's place in replication. */
export async function readView(connection: ControlConnection): Promise<ReplicationView> {
  return replicationViewOf(await readInfo(connection, ["replication"]));
}
