import type { Address } from "@larder/server/resources/address.ts";
import type { TestServer } from "@larder/testkit/server.ts";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { configAt, setConfigAt } from "../../engine/support/config.ts";

/**
 * CONFIG GET of everything from a node of a test server.
 * @param cache its kind and id, e.g. "replication-group/shop"
 */
export async function configOf(
  server: Pick<TestServer, "dataDir">,
  cache: string,
  at: Address,
): Promise<Readonly<Record<string, string>>> {
  return configAt(at, passwordOf(server, cache));
}

/** CONFIG SET at a node of a test server, as none of its users can. */
export async function setConfigOf(
  server: Pick<TestServer, "dataDir">,
  cache: string,
  at: Address,
  name: string,
  value: string,
): Promise<void> {
  await setConfigAt(at, passwordOf(server, cache), name, value);
}

/** `stats settings` of a memcached node. */
export async function settingsOf(at: Address): Promise<Readonly<Record<string, string>>> {
  const socket = connect(at);
  let text = "";
  socket.write("stats settings\r\n");
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith("END\r\n")) break;
  }
  return Object.fromEntries(
    [...text.matchAll(/^STAT (\S+) (.*)\r$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}

function passwordOf({ dataDir }: Pick<TestServer, "dataDir">, cache: string): string {
  const [kind, id] = cache.split("/");
  const database = new DatabaseSync(join(dataDir, "state.db"), { readOnly: true });
  try {
    const row = database
      .prepare("SELECT control_password FROM secrets WHERE ref = ?")
      .get(`${kind}/000000000000/us-east-1/${id}`);
    return String(row?.["control_password"]);
  } finally {
    database.close();
  }
}
