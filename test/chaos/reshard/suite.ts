import { type ChaosTest, say } from "../suite.ts";
import { reshardUnderLoad } from "./under-load.ts";

/** How the resharding tests are run. */
export interface ReshardSuite {
  /** Engines of the redis family. */
  readonly engines: readonly string[];
  readonly keys: number;
  readonly seed: number;
}

/** R20 on each engine. */
export function reshardTests({ engines, keys, seed }: ReshardSuite): readonly ChaosTest[] {
  return engines.map((engine) => ({
    ...{ id: "R20", engine },
    run: () => reshardUnderLoad({ engine, keys, seed, say }),
  }));
}
