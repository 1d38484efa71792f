import type { EngineName, InstalledEngine } from "../resources/engine-name.ts";
import { compareVersions } from "../resources/engine-version.ts";

/** A weakness of some versions of an engine, and what Larder does about it. */
export interface Weakness {
  readonly engine: EngineName;
  /** The oldest and the first mended version: it concerns from ≤ version < mended. */
  readonly from: string;
  /** Null while no version is known to be mended. */
  readonly mended: string | null;
  /** A sentence for `doctor` and the start-up. */
  readonly sentence: string;
  /** Commands taken from the cache's users while the weakness is there. */
  readonly withheld: readonly string[];
  /** Whether a client's output buffer is bounded even where the parameter group says 0. */
  readonly boundsOutput: boolean;
}

/**
 * What is known of the versions that Larder runs. A distribution may have mended a weakness under
 * an old version number; the table goes by the number alone and errs to the safe side.
 */
const weaknesses: readonly Weakness[] = [
  {
    ...{ engine: "redis", from: "7.0", mended: null, withheld: [], boundsOutput: false },
    sentence:
      "GEORADIUS with two STORE options writes outside a user's key pattern: " +
      "do not rely on key patterns alone to keep users apart.",
  },
  {
    ...{ engine: "valkey", from: "7.2", mended: "8.0.11", withheld: [], boundsOutput: false },
    sentence:
      "GEORADIUS with two STORE options writes outside a user's key pattern: " +
      "do not rely on key patterns alone to keep users apart.",
  },
  {
    ...{ engine: "valkey", from: "8.0", mended: "8.0.11", withheld: [], boundsOutput: true },
    sentence:
      "Clients that never read their replies can fill the memory (CVE-2025-21605): " +
      "Larder bounds every client's output buffer.",
  },
  {
    engine: "valkey",
    from: "8.0",
    mended: "8.0.11",
    withheld: ["restore"],
    boundsOutput: false,
    sentence:
      "A crafted RESTORE payload can harm the process (CVE-2026-25243 and its like): " +
      "Larder refuses RESTORE to the cache's users.",
  },
];

/** The weaknesses of an installed engine. */
export function weaknessesOf(
  installed: Pick<InstalledEngine, "engine" | "binaryVersion">,
): readonly Weakness[] {
  const { engine, binaryVersion } = installed;
  return weaknesses.filter(
    (one) =>
      one.engine === engine &&
      compareVersions(one.from, binaryVersion) <= 0 &&
      (one.mended === null || compareVersions(binaryVersion, one.mended) < 0),
  );
}
