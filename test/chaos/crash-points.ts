import { Fault } from "@larder/server/aws/fault.ts";
import { describeReply, RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import type { CrashScenario } from "./crash-scenarios.ts";
import { CrashWorld } from "./crash-world.ts";
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
  tell: (outcome: CrashOutcome) => void,
): Promise<readonly CrashOutcome[]> {
  const outcomes: CrashOutcome[] = [];
  await using worlds = new AsyncDisposableStack();
  let world = worlds.use(await CrashWorld.open());
  await prepare(world, scenario);
  let times = 0;
  for (const moment of ["before", "after"] as const) {
    for (let step = 1; step <= stepsMax; step += 1) {
      if (times === scenario.timesMax) {
        times = 0;
        world = worlds.use(await CrashWorld.open());
        await prepare(world, scenario);
      }
      times += 1;
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
  points: readonly CrashPoint[],
): Promise<readonly CrashOutcome[]> {
  const outcomes: CrashOutcome[] = [];
  await using world = await CrashWorld.open();
  await prepare(world, scenario);
  for (const point of points) {
    outcomes.push(await crashAt(world, scenario, point));
    await undo(world, scenario);
  }
  return outcomes;
}

/** Carries the change out with every step taken twice; the violations. */
export async function everyStepTwice(scenario: CrashScenario): Promise<readonly string[]> {
  await using world = await CrashWorld.open();
  await world.start({ repeatSteps: true });
  scenario.prepare(world);
  await settled(world, scenario, scenario.exists.before);
  const before = await note(world, scenario);
  const happened = scenario.act(world);
  await settled(world, scenario, scenario.exists.after, happened);
  return await violations(world, scenario, before);
}

async function prepare(world: CrashWorld, scenario: CrashScenario): Promise<void> {
  await world.start();
  scenario.prepare(world);
  await settled(world, scenario, scenario.exists.before);
  await world.stop();
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
  await world.start({
    onStep(moment, step, resource) {
      if (cutOff !== null) throw new Error("the control plane is gone");
      if (!armed || moment !== point.moment || (seen += 1) !== point.step) return;
      cutOff = `${resource.kind} ${(step as { readonly do: string }).do}`;
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
    { withinMs: settleWithinMs },
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
  happened: () => true | string = () => true,
): Promise<void> {
  const look = () => reading(world, scenario, exists, happened);
  await until(`"${scenario.name}" is through`, look, { withinMs: settleWithinMs });
}

/** Whether the cache is as asked: available and settled with every node ready, or gone. */
function reading(
  world: CrashWorld,
  { kind, id }: CrashScenario,
  exists: boolean,
  happened: () => true | string,
): true | string {
  const state = world.state(kind, id);
  if (!exists) return state === null || state;
  if (state !== "available") return state ?? "it does not exist";
  const shard = world.shard(kind, id);
  const nodes = world.nodes(kind, id);
  if (shard === undefined || nodes.length !== shard.spec.members.length) return "nodes missing";
  const down = nodes.find((one) => one.status.state !== "running");
  if (down !== undefined) return `${down.id} is ${down.status.state}: ${down.status.because}`;
  const unseen = nodes.find((one) => !world.isConnected(one));
  if (unseen !== undefined) return `${unseen.id} is not connected to`;
  const { primary, ready } = shard.status;
  if (primary !== null && ready.length !== nodes.length - 1) return "replicas not ready";
  return happened();
}

/** What must still be so after a change that was cut off. */
interface Note {
  readonly data: string | null;
  readonly processes: ReadonlyMap<string, string>;
}

/** Writes a value that every replica has, and notes which processes run. */
async function note(world: CrashWorld, scenario: CrashScenario): Promise<Note> {
  const { kind, id, exists } = scenario;
  const nodes = world.nodes(kind, id);
  const processes = new Map(
    nodes.map((one) => [one.spec.uid, JSON.stringify(one.status.process)] as const),
  );
  const place = world.shard(kind, id)?.status.endpoints.primary;
  if (!exists.before || !exists.after || place === undefined) return { data: null, processes };
  const data = `v${performance.now()}`;
  using connection = await RespConnection.open(place.host, place.port);
  await connection.send("SET", "kept", data);
  const replicas = nodes.length - 1;
  const having = await connection.send("WAIT", String(replicas), "2000");
  if (having !== replicas) throw new Error(`only ${describeReply(having)} replicas have the value`);
  return { data, processes };
}

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
  if (scenario.kind === "replication-group")
    found.push(...(await replicationViolations(world, scenario, before)));
  return found;
}

async function replicationViolations(
  world: CrashWorld,
  { kind, id }: CrashScenario,
  before: Note,
): Promise<readonly string[]> {
  const nodes = world.nodes(kind, id);
  const roles = await Promise.all(nodes.map((one) => roleAt(one.status.address)));
  const primaries = roles.filter((one) => one === "master").length;
  const found = primaries === 1 ? [] : [`${primaries} nodes call themselves primary`];
  const place = world.shard(kind, id)?.status.endpoints.primary;
  if (place === undefined) return [...found, "it has no primary endpoint"];
  using connection = await RespConnection.open(place.host, place.port);
  if (before.data !== null) {
    const data = await connection.send("GET", "kept");
    if (data !== before.data) found.push(`the value ${before.data} is now ${describeReply(data)}`);
  }
  const written = await connection.send("SET", "probe", "1");
  if (written !== "OK")
    found.push(`the primary endpoint refuses writes: ${JSON.stringify(written)}`);
  return found;
}

async function roleAt(place: { readonly host: string; readonly port: number } | null) {
  if (place === null) return "nowhere";
  using connection = await RespConnection.open(place.host, place.port);
  const role = await connection.send("ROLE");
  return Array.isArray(role) ? String(role[0]) : "?";
}
