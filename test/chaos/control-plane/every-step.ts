import { crashEverywhere, type CrashOutcome, everyStepTwice } from "../crash-points.ts";
import { crashScenarios } from "../crash-scenarios.ts";
import type { CrashEngine } from "../crash-world.ts";
import { type Result, target, within } from "../report.ts";
import { say } from "../suite.ts";

/** Worlds at once: they mostly wait. */
const worldsAtOnce = 3;
const failpointsMin = 60;

/** R11: the control plane is cut off before and after every step; and every step is taken twice. */
export async function everyStep(engine: CrashEngine, change: string): Promise<Result> {
  const outcomes: CrashOutcome[] = [];
  const failures: string[] = [];
  const scenarios = crashScenarios.filter(({ name }) => name.includes(change));
  const queue = [...scenarios];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { name } = next;
      const startedMs = performance.now();
      try {
        const twice = await everyStepTwice(next, engine);
        failures.push(...twice.map((one) => `${name}, every step twice: ${one}`));
        const seen = await crashEverywhere(next, engine, (one) => tell(one));
        outcomes.push(...seen);
        const tookS = Math.round((performance.now() - startedMs) / 1_000);
        say(`R11 ${name}: ${seen.length} failpoints in ${tookS} s`);
      } catch (error) {
        failures.push(`${name}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: worldsAtOnce }, work));
  failures.push(...outcomes.flatMap(sentences));
  const kinds = [...new Set(outcomes.map((one) => one.step ?? ""))].toSorted((a, b) =>
    a.localeCompare(b),
  );
  const slow = new Set(
    scenarios.filter(({ withinMs }) => withinMs !== undefined).map(({ name }) => name),
  );
  const timesMs = outcomes
    .filter(({ scenario }) => !slow.has(scenario))
    .map(({ settledMs }) => settledMs);
  const title = `the control plane is cut off at every step of ${scenarios.length} kinds of change`;
  return {
    ...{ id: "R11", title, engine, n: outcomes.length, timesMs },
    ...{
      acked: null,
      lost: null,
      leftovers: failures.filter((one) => /left over/.test(one)).length,
    },
    targets: [
      ...(timesMs.length > 0 ? within(timesMs, { max: 30_000 }) : []),
      target("everything holds after each", failures.length === 0, failures.join("; ")),
      ...(change === "" ? [enough(outcomes.length)] : []),
    ],
    notes: [
      `${outcomes.length} failpoints over the steps ${kinds.join(", ")}`,
      ...[...slow].map((name) => `the times are without "${name}", which takes long itself`),
    ],
  };
}

function enough(count: number) {
  return target(`at least ${failpointsMin} failpoints`, count >= failpointsMin, count);
}

function tell(outcome: CrashOutcome): void {
  for (const sentence of sentences(outcome)) say(`R11 ${sentence}`);
}

function sentences({ scenario, point, step, violations }: CrashOutcome): readonly string[] {
  return violations.map(
    (one) => `${scenario}, ${point.moment} step ${point.step} (${step}): ${one}`,
  );
}
