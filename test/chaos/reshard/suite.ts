import type { TestEngine } from "@larder/testkit/engines.ts";
import { type ChaosTest, say } from "../suite.ts";
import { pace } from "./pace.ts";
import { reshardUnderLoad } from "./under-load.ts";

/** How the resharding tests are run. */
export interface ReshardSuite {
  /** Engines of the redis family. */
  readonly engines: readonly TestEngine[];
  readonly keys: number;
  readonly seed: number;
}

/** R20 and PACE on each engine. */
export function reshardTests({ engines, keys, seed }: ReshardSuite): readonly ChaosTest[] {
  return engines.flatMap((engine) => [
    { id: "R20", engine, run: () => reshardUnderLoad({ engine, keys, seed, say }) },
    { id: "PACE", engine, run: () => pace(engine, keys, say) },
  ]);
}
