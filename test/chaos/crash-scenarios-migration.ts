import { Fault } from "@larder/server/aws/fault.ts";
import type { Address } from "@larder/server/resources/address.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import {
  completeMigration,
  startMigration,
} from "@larder/server/services/elasticache/migrations.ts";
import { createReplicationGroup } from "@larder/server/services/elasticache/replication-groups-create.ts";
import { type ForeignServer, startForeignServer } from "@larder/testkit/foreign-server.ts";
import { describeReply, RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { size } from "./crash-changes.ts";
import { type CrashScenario, onGroup, type Progress } from "./crash-scenario.ts";
import type { CrashWorld } from "./crash-world.ts";

const id = "moved";
const keyCount = 1_000;
const replicatedWithinMs = 5_000;

/** The engine that each world's group moves over from, as somebody else runs it. */
const sources = new WeakMap<CrashWorld, ForeignServer>();

/** A group moves over from an engine that is written to meanwhile; again and again, as it may. */
export const scenarioOfMigrations: CrashScenario = {
  ...{ ...onGroup, name: "move over from another engine", id, keepsProcesses: true },
  async prepare(world) {
    const source = world.own(await startForeignServer([], `${world.engine}-server`));
    sources.set(world, source);
    createReplicationGroup(
      {
        ...{ ReplicationGroupId: id, ReplicationGroupDescription: "crash", Engine: world.engine },
        ...{ CacheNodeType: size, NumCacheClusters: 2 },
        ...{ AutomaticFailoverEnabled: true, MultiAZEnabled: true },
      },
      world.call,
    );
  },
  act(world) {
    const { address, endpoints } = sourceOf(world);
    startMigration(
      { ReplicationGroupId: id, CustomerNodeEndpointList: [...endpoints] },
      world.call,
    );
    return completion(world, address);
  },
  async note(world) {
    const { address } = sourceOf(world);
    await write(address, "early");
    return () => differences(world, address);
  },
};

function sourceOf(world: CrashWorld): ForeignServer {
  const source = sources.get(world);
  if (source === undefined) throw new Error("this world has no source");
  return source;
}

/** Writes to the source once the group follows it, asks for completion, and waits for its end. */
function completion(world: CrashWorld, source: Address): Progress {
  let isAsked = false;
  return async () => {
    const group = world.store.get(refIn(world.call, "replication-group", id));
    if (isAsked) return group?.spec.migration === null || "the migration goes on";
    if (group?.status.state !== "migrating") return "it does not follow its source yet";
    await write(source, "late");
    try {
      completeMigration({ ReplicationGroupId: id }, world.call);
    } catch (error) {
      // Clients ask again while the group is busy with what was asked before.
      if (!(error instanceof Fault)) throw error;
      return error.message;
    }
    isAsked = true;
    return "its completion was asked for";
  };
}

/** Writes keys with new values. */
async function write({ host, port }: Address, prefix: string): Promise<void> {
  using connection = await RespConnection.open(host, port);
  const value = `v${performance.now()}`;
  const names = Array.from({ length: keyCount }, (_, number) => `${prefix}-${number}`);
  await Promise.all(names.map((name) => connection.text("SET", name, value)));
}

/** In what the group's nodes differ from their source, a sentence each. */
async function differences(world: CrashWorld, source: Address): Promise<readonly string[]> {
  const nodes = world.nodes("replication-group", id);
  const found: string[] = [];
  for (const node of nodes) {
    await until(
      `${node.id} has what its source has`,
      async () => difference(await contents(source), await contents(node.status.address)),
      { withinMs: replicatedWithinMs },
    ).catch((error: unknown) => found.push(String(error)));
  }
  return found;
}

/** What every node is written to besides: whether it takes writes. */
const ownKeys = /^probe-/;

async function contents(place: Address | null): Promise<ReadonlyMap<string, string>> {
  if (place === null) throw new Error("it is nowhere");
  using connection = await RespConnection.open(place.host, place.port);
  const keys = await connection.send("KEYS", "*");
  if (!Array.isArray(keys)) throw new Error(`KEYS was answered ${describeReply(keys)}`);
  const names = keys.map(String).filter((name) => !ownKeys.test(name));
  const values = await Promise.all(names.map((name) => connection.text("GET", name)));
  return new Map(names.map((name, index) => [name, values[index] ?? ""]));
}

function difference(
  wanted: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
): true | string {
  if (held.size !== wanted.size) return `it has ${held.size} keys of ${wanted.size}`;
  const other = [...wanted].filter(([name, value]) => held.get(name) !== value);
  return other.length === 0 || `${other.length} keys have another value`;
}
