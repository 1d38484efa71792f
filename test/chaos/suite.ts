import { inspect } from "node:util";
import { allMet, reportText, type Result, target } from "./report.ts";

/** One test of a suite: what it is called on the command line, and how it runs. */
export interface ChaosTest {
  readonly id: string;
  /** "" when the engine makes no difference. */
  readonly engine: string;
  run(): Promise<Result>;
}

/** Writes a line of progress. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs tests one after the other, prints the table, and resolves with the exit code. A test that
 * throws has failed; the others are run all the same.
 * @param only ids to run; empty for all
 */
export async function runSuite(
  tests: readonly ChaosTest[],
  only: readonly string[],
): Promise<number> {
  const unknown = only.filter((id) => !tests.some((one) => one.id === id));
  if (unknown.length > 0) {
    const ids = [...new Set(tests.map((one) => one.id))].join(", ");
    say(`no test ${unknown.join(", ")}; there are ${ids}`);
    return 2;
  }
  const results: Result[] = [];
  for (const test of tests) {
    if (only.length > 0 && !only.includes(test.id)) continue;
    const startedMs = performance.now();
    say(`${test.id} ${test.engine}`);
    results.push(await test.run().catch((error: unknown) => failed(test, error)));
    say(`${test.id} took ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  }
  process.stdout.write(`${reportText(results)}\n`);
  return allMet(results) ? 0 : 1;
}

function failed({ id, engine }: ChaosTest, error: unknown): Result {
  say(inspect(error));
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...{ id, engine, title: "did not come to its end", n: 0, timesMs: [], acked: null, lost: null },
    ...{
      leftovers: 0,
      targets: [target("runs to its end", false, message.split("\n")[0])],
      notes: [],
    },
  };
}
