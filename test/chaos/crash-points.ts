import { Fault } from "@larder/server/aws/fault.ts";
import type { Address } from "@larder/server/resources/address.ts";
import { describeReply, RespConnection, RespError } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { clusterViolations, noteKeys } from "./crash-cluster.ts";
import type { CrashScenario, Progress } from "./crash-scenario.ts";
import { type CrashEngine, type CrashShard, CrashWorld } from "./crash-world.ts";
import { strays } from "./records.ts";

/** Where the control plane is cut off: before or after the `step`-th step of the change. */
export interface CrashPoint {
  readonly step: number;
  readonly moment: "before" | "after";
}

/** What became of a change that was cut off. */
export interface CrashOutcome {
  readonly scenario: string;
  readonly point: CrashPoint;
  /** The step that was cut off, e.g. "node start"; null when the change has fewer steps. */
  readonly step: string | null;
  /** From the start of the next control plane until all was as asked. */
  readonly settledMs: number;
  /** What did not hold, a sentence each. */
  readonly violations: readonly string[];
}

const settleWithinMs = 30_000;
/** No change of ours has this many steps; one that does goes round in circles. */
const stepsMax = 80;

/**
 * Carries the change out again and again, with the control plane cut off at every step of it,
 * before and after; ends when a run meets no step to be cut off at any more.
 */
export async function crashEverywhere(
  scenario: CrashScenario,
  engine: CrashEngine,
  tell: (outcome: CrashOutcome) => void,
): Promise<readonly CrashOutcome[]> {
  const outcomes: CrashOutcome[] = [];
  await using worlds = new Worlds(scenario, engine);
  for (const moment of ["before", "after"] as const) {
    for (let step = 1; step <= stepsMax; step += 1) {
      const world = await worlds.next();
      const outcome = await crashAt(world, scenario, { step, moment });
      await undo(world, scenario);
      if (outcome.step === null) break;
      outcomes.push(outcome);
      tell(outcome);
    }
  }
  return outcomes;
}

/** Carries the change out with the control plane cut off at some of its steps. */
export async function crashAtSome(
  scenario: CrashScenario,
  engine: CrashEngine,
  points: readonly CrashPoint[],
): Promise<readonly CrashOutcome[]> {
  const outcomes: CrashOutcome[] = [];
  await using worlds = new Worlds(scenario, engine);
  for (const point of points) {
    const world = await worlds.next();
    outcomes.push(await crashAt(world, scenario, point));
    await undo(world, scenario);
  }
  return outcomes;
}

/** Carries the change out with every step taken twice; the violations. */
export async function everyStepTwice(
  scenario: CrashScenario,
  engine: CrashEngine,
): Promise<readonly string[]> {
  await using world = await CrashWorld.open(engine);
  await world.start({ repeatSteps: true });
  await scenario.prepare(world);
  await settled(world, scenario, scenario.exists.before);
  const before = await note(world, scenario);
  const happened = scenario.act(world);
  await settled(world, scenario, scenario.exists.after, happened);
  return await violations(world, scenario, before);
}

/** Worlds in which a change can be asked for, one after the other; each as often as it can be. */
class Worlds implements AsyncDisposable {
  readonly #scenario: CrashScenario;
  readonly #engine: CrashEngine;
  #world: CrashWorld | null = null;
  #times = 0;

  constructor(scenario: CrashScenario, engine: CrashEngine) {
    this.#scenario = scenario;
    this.#engine = engine;
  }

  /** One in which the cache is as it is before the change, and no control plane lives. */
  async next(): Promise<CrashWorld> {
    if (this.#times === this.#scenario.timesMax) await this[Symbol.asyncDispose]();
    this.#times += 1;
    return (this.#world ??= await prepared(this.#scenario, this.#engine));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const world = this.#world;
    this.#world = null;
    this.#times = 0;
    await world?.[Symbol.asyncDispose]();
  }
}

async function prepared(scenario: CrashScenario, engine: CrashEngine): Promise<CrashWorld> {
  await using cleanup = new AsyncDisposableStack();
  const world = cleanup.use(await CrashWorld.open(engine));
  await world.start();
  await scenario.prepare(world);
  await settled(world, scenario, scenario.exists.before);
  await world.stop();
  cleanup.move();
  return world;
}

/** Expects no control plane, and leaves none. */
async function crashAt(
  world: CrashWorld,
  scenario: CrashScenario,
  point: CrashPoint,
): Promise<CrashOutcome> {
  let seen = 0;
  let cutOff: string | null = null;
  let armed = false;
  const counts = new Map<string, number>();
  await world.start({
    onStep(moment, step) {
      if (cutOff !== null) throw new Error("the control plane is gone");
      if (!armed || moment !== point.moment) return;
      const alike = (counts.get(step) ?? 0) + 1;
      counts.set(step, alike);
      if (alike > (scenario.alikeMax ?? stepsMax) || (seen += 1) !== point.step) return;
      cutOff = step;
      world.abandon();
      throw new Error("the control plane is gone");
    },
  });
  await settled(world, scenario, scenario.exists.before);
  const before = await note(world, scenario);
  armed = true;
  const happened = await ask(() => scenario.act(world));
  await until(
    `"${scenario.name}" is cut off, or through`,
    () => cutOff !== null || reading(world, scenario, scenario.exists.after, happened),
    { withinMs: withinMsOf(scenario) },
  );
  await world.stop();
  const startedMs = performance.now();
  await world.start();
  const found: string[] = [];
  try {
    await settled(world, scenario, scenario.exists.after, happened);
    found.push(...(await violations(world, scenario, before)));
  } catch (error) {
    found.push(String(error));
  }
  const settledMs = performance.now() - startedMs;
  await world.stop();
  return { scenario: scenario.name, point, step: cutOff, settledMs, violations: found };
}

async function undo(world: CrashWorld, scenario: CrashScenario): Promise<void> {
  if (scenario.undo === undefined) return;
  await world.start();
  await settled(world, scenario, scenario.exists.after);
  await ask(() => scenario.undo?.(world));
  await settled(world, scenario, scenario.exists.before);
  await world.stop();
}

/** Asks as clients do: again, while the cache is busy with what was asked before. */
async function ask<T>(request: () => T): Promise<T> {
  const answers: T[] = [];
  await until(
    "the request is taken",
    () => {
      try {
        answers.push(request());
        return true;
      } catch (error) {
        if (error instanceof Fault && /^Invalid\w+State$/.test(error.code)) return error.message;
        throw error;
      }
    },
    { withinMs: settleWithinMs },
  );
  return answers[0] as T;
}

async function settled(
  world: CrashWorld,
  scenario: CrashScenario,
  exists: boolean,
  happened: Progress = () => true,
): Promise<void> {
  const look = () => reading(world, scenario, exists, happened);
  await until(`"${scenario.name}" is through`, look, { withinMs: withinMsOf(scenario) });
}

function withinMsOf({ withinMs }: CrashScenario): number {
  return withinMs ?? settleWithinMs;
}

/** Whether the cache is as asked: available and settled with every node ready, or gone. */
async function reading(
  world: CrashWorld,
  { kind, id }: CrashScenario,
  exists: boolean,
  happened: Progress,
): Promise<true | string> {
  const state = world.state(kind, id);
  if (!exists) return state === null || state;
  // First of all, as some changes go on only once something else is asked for.
  const progress = await happened();
  if (state !== "available") return state ?? "it does not exist";
  const shards = world.shards(kind, id);
  if (shards.length === 0) return "shards missing";
  const missing = shards.map((one) => missingIn(world, one)).find((one) => one !== null);
  return missing ?? progress;
}

/** What a shard lacks of running nodes that are connected to and ready; null for nothing. */
function missingIn(world: CrashWorld, { shard, nodes }: CrashShard): string | null {
  if (nodes.length !== shard.spec.members.length) return "nodes missing";
  const down = nodes.find((one) => one.status.state !== "running");
  if (down !== undefined) return `${down.id} is ${down.status.state}: ${down.status.because}`;
  const unseen = nodes.find((one) => !world.isConnected(one));
  if (unseen !== undefined) return `${unseen.id} is not connected to`;
  const { primary, ready } = shard.status;
  return primary !== null && ready.length !== nodes.length - 1 ? "replicas not ready" : null;
}

/** What must still be so after a change that was cut off. */
interface Note {
  readonly processes: ReadonlyMap<string, string>;
  /** What the change did not keep of the data. */
  readonly dataViolations: () => Promise<readonly string[]>;
}

/** Writes data that every replica has, and notes which processes run. */
async function note(world: CrashWorld, scenario: CrashScenario): Promise<Note> {
  const { kind, id, exists } = scenario;
  const nodes = world.nodes(kind, id);
  const processes = new Map(
    nodes.map((one) => [one.spec.uid, JSON.stringify(one.status.process)] as const),
  );
  const none = () => Promise.resolve([]);
  if (!exists.before || !exists.after || kind !== "replication-group") {
    return { dataViolations: none, processes };
  }
  if (scenario.note !== undefined) {
    return { dataViolations: await scenario.note(world), processes };
  }
  const dataViolations = inClusterMode(world.shards(kind, id))
    ? await noteKeys(world, id)
    : await noteValue(world, scenario);
  return { dataViolations, processes };
}

/** Writes one value to a cache of one shard. */
async function noteValue(world: CrashWorld, { kind, id }: CrashScenario) {
  const shard = onlyShard(world.shards(kind, id));
  const place = writePlaceOf(shard);
  if (place === null) throw new Error(`${id} has no primary`);
  using connection = await RespConnection.open(place.host, place.port);
  const value = `v${performance.now()}`;
  await connection.text("SET", "kept", value);
  const replicas = shard.nodes.length - 1;
  const having = await connection.send("WAIT", String(replicas), "2000");
  if (having !== replicas) throw new Error(`only ${describeReply(having)} replicas have the value`);
  return async () => {
    const now = writePlaceOf(onlyShard(world.shards(kind, id)));
    if (now === null) return [`${id} has nowhere to write to`];
    using reader = await RespConnection.open(now.host, now.port);
    const is = await reader.send("GET", "kept");
    return is === value ? [] : [`what was ${value} is now ${describeReply(is)}`];
  };
}

function onlyShard(shards: readonly CrashShard[]): CrashShard {
  const [first] = shards;
  if (first === undefined || shards.length > 1) throw new Error(`${shards.length} shards, not 1`);
  return first;
}

function inClusterMode(shards: readonly CrashShard[]): boolean {
  return shards.some(({ shard }) => shard.spec.clusterMode === "enabled");
}

/** Where the shard takes writes: its endpoint or, in cluster mode, the primary's own address. */
function writePlaceOf({ shard, nodes }: CrashShard): Address | null {
  const primary = nodes.find((one) => one.id === shard.status.primary);
  const isCluster = shard.spec.clusterMode === "enabled";
  return (isCluster ? primary?.status.address : shard.status.endpoints.primary) ?? null;
}

/** Sets a key that the node at the other end has the slot of. */
async function setSomewhere(connection: RespConnection): Promise<void> {
  for (let number = 0; number < keysTried; number += 1) {
    const reply = await connection.send("SET", `probe-${number}`, "1");
    if (reply === "OK") return;
    const isElsewhere = reply instanceof RespError && reply.message.startsWith("MOVED");
    if (!isElsewhere) throw new Error(`a write was answered ${describeReply(reply)}`);
  }
  throw new Error("the node has no slots");
}

/** Half of all keys are in each of two shards: so many are enough to meet a node's own. */
const keysTried = 100;

async function violations(
  world: CrashWorld,
  scenario: CrashScenario,
  before: Note,
): Promise<readonly string[]> {
  const prefix = world.network.address(0, 0).replace(/0\.0$/, "");
  const found: string[] = [];
  await until(
    "nothing is left over",
    () => strays(world.dataDir, prefix).length === 0 || strays(world.dataDir, prefix).join("; "),
    { withinMs: 5_000 },
  ).catch((error: unknown) => found.push(String(error)));
  if (!scenario.exists.after) return found;
  const nodes = world.nodes(scenario.kind, scenario.id);
  if (scenario.keepsProcesses) {
    const restarted = nodes.filter((one) => {
      const was = before.processes.get(one.spec.uid);
      return was !== undefined && was !== JSON.stringify(one.status.process);
    });
    found.push(...restarted.map((one) => `${one.id} was interrupted`));
  }
  if (scenario.kind !== "replication-group") return found;
  const shards = world.shards(scenario.kind, scenario.id);
  const replicating = await Promise.all(shards.map(shardViolations));
  const clustered = inClusterMode(shards) ? await clusterViolations(world, scenario.id) : [];
  return [...found, ...replicating.flat(), ...clustered, ...(await before.dataViolations())];
}

async function shardViolations(one: CrashShard): Promise<readonly string[]> {
  const roles = await Promise.all(one.nodes.map((node) => roleAt(node.status.address)));
  const primaries = roles.filter((role) => role === "master").length;
  const found = primaries === 1 ? [] : [`${primaries} nodes call themselves primary`];
  const place = writePlaceOf(one);
  if (place === null) return [...found, `${one.shard.id} has nowhere to write to`];
  using connection = await RespConnection.open(place.host, place.port);
  await setSomewhere(connection).catch((error: unknown) => found.push(String(error)));
  return found;
}

async function roleAt(place: Address | null): Promise<string> {
  if (place === null) return "nowhere";
  using connection = await RespConnection.open(place.host, place.port);
  const role = await connection.send("ROLE");
  return Array.isArray(role) ? String(role[0]) : "?";
}
