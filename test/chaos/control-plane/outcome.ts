import type { Arena } from "../arena.ts";
import { type Result, target } from "../report.ts";

/** A result of a test of the control plane, with the promise that nothing is left over. */
export async function outcome(
  arena: Arena,
  seen: Pick<Result, "id" | "title" | "n" | "targets"> & Partial<Result>,
): Promise<Result> {
  const leftovers = await arena.leftovers();
  return {
    ...{ engine: "", timesMs: [], acked: null, lost: null, notes: [] },
    ...seen,
    leftovers: leftovers.length,
    targets: [
      ...seen.targets,
      target("nothing is left over", leftovers.length === 0, leftovers.join("; ")),
    ],
  };
}

/** Errors by kind, as one line. */
export function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([text, count]) => `${count} × ${text}`).join("; ");
}
