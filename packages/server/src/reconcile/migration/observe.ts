import type { Clock } from "../../base/clock.ts";
import type { EngineDriver, ForeignEngine, ReplicationView } from "../../engine/engine.ts";
import type { EngineName } from "../../resources/engine-name.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import { type Fleet, viewOf } from "../fleet.ts";
import type { MigrationTarget } from "./suitable-source.ts";

/** What migrations are looked at with. */
export interface MigrationTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly driverOf: (engine: EngineName) => EngineDriver;
}

/** What a look at a migration found. */
export interface SeenMigration {
  readonly shard: Resource<"shard"> | undefined;
  /** The source, or why it cannot be looked at; null while nobody needs to know. */
  readonly source: ForeignEngine | { readonly problem: string } | null;
  /** Null while the group's primary cannot be asked. */
  readonly target: MigrationTarget | null;
  /** The group's primary, read after the source was; null while it cannot be read. */
  readonly view: ReplicationView | null;
}

const sourceWithinMs = 2_000;
const lookWithinMs = 500;
/** What the engine has without a parameter. */
const databasesDefault = "16";

/** Reads the source of a group's migration, where that matters, and the group's primary. */
export async function observeMigration(
  tools: MigrationTools,
  group: Resource<"replication-group">,
): Promise<SeenMigration | null> {
  const { migration } = group.spec;
  if (migration === null) return null;
  const { store, clock, fleet } = tools;
  const [shard] = store.ownedBy("shard", group);
  const primary = shard?.status.primary ?? null;
  const node = primary === null ? undefined : store.get(refIn(group, "node", primary));
  const target = node === undefined ? null : targetOf(tools, node);
  const phase = group.status.migration?.phase ?? "checking";
  const isAsked =
    phase === "checking" ||
    (phase === "following" &&
      (migration.completion === "in-sync" || shard?.status.upstreamLink === "down"));
  const source = isAsked && target !== null ? await sourceOf(tools, group, target) : null;
  const session = node === undefined ? null : fleet.session(node);
  return { shard, source, target, view: await viewOf(clock, session, lookWithinMs) };
}

function targetOf(tools: MigrationTools, node: Resource<"node">): MigrationTarget | null {
  const reading = tools.fleet.reading(node);
  const { launchedAs, parameters } = node.status;
  if (reading === null || launchedAs === null) return null;
  return {
    engine: node.spec.engine,
    binaryVersion: launchedAs.binaryVersion,
    databases: Number(parameters["databases"] ?? databasesDefault),
    maxMemoryBytes: reading.sample.maxMemoryBytes,
    ours: tools.store.claims().held,
  };
}

async function sourceOf(
  tools: MigrationTools,
  { spec, status }: Resource<"replication-group">,
  { databases }: MigrationTarget,
): Promise<SeenMigration["source"]> {
  const { migration } = spec;
  if (migration === null) return null;
  // Once followed, it is an address: a name might mean something else by now.
  const place = status.migration?.source ?? { host: migration.host, port: migration.port };
  const driver = tools.driverOf(spec.engine);
  if (driver.readForeign === undefined)
    return { problem: `${spec.engine} follows no other engine` };
  try {
    return await driver.readForeign(place, databases, sourceWithinMs);
  } catch (error) {
    // What cannot be looked at is an observation: the plan tells the caller why.
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
