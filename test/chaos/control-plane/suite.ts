import type { CrashEngine } from "../crash-world.ts";
import type { ChaosTest } from "../suite.ts";
import { churn } from "./churn.ts";
import { everyStep } from "./every-step.ts";
import { fuzz } from "./fuzz.ts";
import { gatewayKilled } from "./gateway-killed.ts";
import { hostileMachine } from "./hostile.ts";
import { machineRestarted } from "./machine-restarted.ts";
import { randomKills } from "./random-kills.ts";
import { serverKilled } from "./server-killed.ts";

/** How the tests of the control plane are run. */
export interface ControlPlaneSuite {
  /** Engines of the redis family. */
  readonly engines: readonly CrashEngine[];
  readonly rounds: number;
  readonly seed: number;
  /** R11: only kinds of change with this in their name. */
  readonly change: string;
  /** Calls of R18. */
  readonly calls: number;
  /** Caches of R19. */
  readonly churn: number;
}

/** A restart of everything takes seconds, and each tells the same: a third of the rounds. */
const machineRoundsShare = 1 / 3;

/** R9 to R12, R18, R19, R24, and kills at random moments. */
export function controlPlaneTests(suite: ControlPlaneSuite): readonly ChaosTest[] {
  const { rounds, seed, calls } = suite;
  const machineRounds = Math.ceil(rounds * machineRoundsShare);
  const engine = "";
  return [
    { id: "R9", engine, run: () => serverKilled(rounds) },
    { id: "R10", engine, run: () => gatewayKilled(rounds) },
    ...suite.engines.map((one) => ({
      id: "R11",
      engine: one,
      run: () => everyStep(one, suite.change),
    })),
    { id: "KILLS", engine, run: () => randomKills(rounds, seed) },
    { id: "R12", engine, run: () => machineRestarted(machineRounds) },
    { id: "R18", engine, run: () => fuzz(calls, seed) },
    { id: "R19", engine, run: () => churn(suite.churn) },
    { id: "R24", engine, run: () => hostileMachine() },
  ];
}
