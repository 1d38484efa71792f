import { percentile } from "@larder/testkit/statistics.ts";
import { textTable } from "@larder/testkit/text-table.ts";

/** One thing that a test promises, and whether it held. */
export interface Target {
  readonly text: string;
  readonly met: boolean;
}

/** What a test measured. */
export interface Result {
  /** E.g. "R1", as in the list of reliability tests. */
  readonly id: string;
  readonly title: string;
  /** The engine it ran on; "" when that makes no difference. */
  readonly engine: string;
  /** How often the fault was put in, or the thing was tried. */
  readonly n: number;
  /** The times measured, in milliseconds; empty when the test measures none. */
  readonly timesMs: readonly number[];
  /** Writes that were acknowledged, and those of them that are gone; null when none are counted. */
  readonly acked: number | null;
  readonly lost: number | null;
  /** Processes, directories and addresses that belong to nothing at the end. */
  readonly leftovers: number;
  readonly targets: readonly Target[];
  /** Further figures, a sentence each. */
  readonly notes: readonly string[];
}

/** Targets on measured times. An empty series meets none. */
export function within(
  timesMs: readonly number[],
  boundsMs: { readonly p50?: number; readonly p99?: number; readonly max?: number },
): readonly Target[] {
  const shares = { p50: 0.5, p99: 0.99, max: 1 } as const;
  return Object.entries(boundsMs).map(([name, boundMs]) => {
    const seenMs = percentile(timesMs, shares[name as keyof typeof shares]);
    return target(`${name} ≤ ${boundMs} ms`, seenMs <= boundMs, `${Math.round(seenMs)} ms`);
  });
}

/** A target with what was seen beside it when it was missed. */
export function target(text: string, met: boolean, seen: string | number | undefined = ""): Target {
  const [line = ""] = String(seen).split("\n");
  return { text: met || line === "" ? text : `${text} (seen: ${line.slice(0, 600)})`, met };
}

/** Whether every target of every result was met; no result at all is a failure. */
export function allMet(results: readonly Result[]): boolean {
  return results.length > 0 && results.every((one) => one.targets.every(({ met }) => met));
}

/** The table of all results, and below it what each promised. */
export function reportText(results: readonly Result[]): string {
  const head = ["test", "engine", "n", "p50", "p99", "max", "acked", "lost", "leftovers", "result"];
  const table = textTable([head, ...results.map(rowOf)]);
  const details = results.flatMap((one) => [
    `${one.id} ${one.engine} ${one.title}`.replaceAll("  ", " "),
    ...one.targets.map(({ text, met }) => `  ${met ? "PASS" : "FAIL"}  ${text}`),
    ...one.notes.map((note) => `        ${note}`),
  ]);
  return [table, "", ...details].join("\n");
}

function rowOf(one: Result): readonly string[] {
  const time = (share: number) =>
    one.timesMs.length === 0 ? "–" : `${Math.round(percentile(one.timesMs, share))} ms`;
  const passed = one.targets.every(({ met }) => met);
  return [
    ...[one.id, one.engine === "" ? "–" : one.engine, String(one.n)],
    ...[time(0.5), time(0.99), time(1)],
    ...[one.acked, one.lost].map((count) => (count === null ? "–" : String(count))),
    ...[String(one.leftovers), passed ? "PASS" : "FAIL"],
  ];
}
