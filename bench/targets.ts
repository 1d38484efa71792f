import { textTable } from "@larder/testkit/text-table.ts";

/** A figure with the bound that it is held to; without one, it is for information. */
export interface Figure {
  readonly name: string;
  readonly values: readonly string[];
  /** E.g. "≥ 0.97"; null when nothing is promised. */
  readonly target: string | null;
  readonly met: boolean;
}

/** Prints figures as a table; the exit code. */
export function printFigures(columns: readonly string[], figures: readonly Figure[]): number {
  const rows = figures.map((one) => [
    ...[one.name, ...one.values, one.target ?? "–"],
    one.target === null ? "info" : one.met ? "PASS" : "FAIL",
  ]);
  process.stdout.write(`${textTable([["what", ...columns, "target", "result"], ...rows])}\n`);
  return figures.every((one) => one.target === null || one.met) ? 0 : 1;
}
