import { type Address, busPortOf } from "@larder/server/resources/address.ts";
import type { NodeSpec, NodeStatus } from "@larder/server/resources/node.ts";
import type { ReplicationGroupStatus } from "@larder/server/resources/replication-group.ts";
import type { ShardStatus } from "@larder/server/resources/shard.ts";
import { listeningAddresses } from "@larder/testkit/listeners.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A node as the server's database records it. */
export interface NodeRecord {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}

/** The node records of a data directory, read from its database beside the server. */
function nodeRecords(dataDir: string): readonly NodeRecord[] {
  return rows(dataDir, "node").map(({ id, spec, status }) => ({
    id,
    spec: JSON.parse(spec) as NodeSpec,
    status: JSON.parse(status) as NodeStatus,
  }));
}

/**
 * What is there and belongs to no record, a sentence each: processes, node directories, and
 * addresses that somebody listens on. Children that an engine forked belong to the engine.
 * @param prefix of the addresses that the data directory's server gives out, e.g. "127.44."
 */
export function strays(dataDir: string, prefix: string): readonly string[] {
  const nodes = nodeRecords(dataDir);
  const folder = join(dataDir, "nodes");
  const uids = new Set(nodes.map((one) => one.spec.uid));
  const pids = new Set<number | null | undefined>(nodes.map((one) => one.status.process?.pid));
  return [
    ...processesBelow(folder)
      .filter((pid) => !pids.has(pid) && !pids.has(parentOf(pid)))
      .map((pid) => `process ${pid} in ${directoryOf(pid)}`),
    ...readdirSync(folder)
      .filter((name) => !uids.has(name))
      .map((name) => `directory ${name}`),
    ...strayAddresses(dataDir, nodes, prefix).map((address) => `address ${address}`),
  ];
}

/** The pid that the gateway wrote, or null if there is none. */
export function gatewayPid(dataDir: string): number | null {
  try {
    return Number(readFileSync(join(dataDir, "gateway", "gateway.pid"), "utf8"));
  } catch {
    return null; // no gateway was ever needed
  }
}

/** The engines' standard ports, and that of a cluster's bus. */
const cachePorts = /:(6379|16379|11211)$/;

function strayAddresses(
  dataDir: string,
  nodes: readonly NodeRecord[],
  prefix: string,
): readonly string[] {
  const shards = rows(dataDir, "shard").map((row) => JSON.parse(row.status) as ShardStatus);
  const groups = rows(dataDir, "replication-group").map(
    (row) => JSON.parse(row.status) as ReplicationGroupStatus,
  );
  const own = nodes.map((one) => one.status.address).filter((one) => one !== null);
  const known = new Set(
    [
      ...own,
      ...own.map((one): Address => ({ host: one.host, port: busPortOf(one) })),
      ...shards.flatMap((shard) => Object.values(shard.endpoints)),
      ...groups.flatMap(({ configuration }) => configuration ?? []),
      ...[...shards, ...groups].flatMap(({ routes }) => routes.map(({ listen }) => listen)),
    ].map((one) => `${one.host}:${one.port}`),
  );
  // Only caches' addresses count: the server, its locks and the tests' own stand on other ports.
  return listeningAddresses().filter(
    (one) => one.startsWith(prefix) && cachePorts.test(one) && !known.has(one),
  );
}

function rows(
  dataDir: string,
  kind: "node" | "shard" | "replication-group",
): readonly { readonly id: string; readonly spec: string; readonly status: string }[] {
  const database = new DatabaseSync(join(dataDir, "state.db"), { readOnly: true, timeout: 2_000 });
  try {
    const select = "SELECT id, spec, status FROM resources WHERE kind = ? ORDER BY id";
    return database.prepare(select).all(kind) as unknown as {
      id: string;
      spec: string;
      status: string;
    }[];
  } finally {
    database.close();
  }
}

function parentOf(pid: number): number | null {
  try {
    // The name, in parentheses, may hold anything; what follows it is numbers.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return Number(parent);
  } catch {
    return null; // it ended meanwhile
  }
}

function directoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "?"; // it ended meanwhile
  }
}
