import {
  mendingVersion,
  severities,
  type Vulnerability,
} from "@larder/server/resources/vulnerabilities/vulnerability.ts";
import type { ExaminedEngine } from "../engines.ts";
import { counted } from "../human.ts";
import { type Check, ok, warn } from "./check.ts";

/** So many are told in full; more are listed by their names. */
const toldInFullMax = 3;

/** A line for an engine that was found, and what is known to be wrong with its version. */
export function judgeEngine(engine: ExaminedEngine): readonly Check[] {
  const { installed, vulnerabilities } = engine;
  const found = ok("engine", `${nameOf(engine)} at ${installed.path}`);
  if (vulnerabilities.length === 0) return [found];
  const fix = [howToMend(engine), ...whatLarderDoes(vulnerabilities)].join(" ");
  return [
    found,
    warn("engine", `${vulnerabilitySummary(engine)}. ${listed(vulnerabilities)}`, fix),
  ];
}

/** E.g. "valkey 8.0.1: 24 known vulnerabilities (1 critical, 15 important, 8 medium)". */
export function vulnerabilitySummary(engine: ExaminedEngine): string {
  const { vulnerabilities } = engine;
  const byKind = severities.flatMap((severity) => {
    const count = vulnerabilities.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const known = counted(vulnerabilities.length, "known vulnerability", "known vulnerabilities");
  return `${nameOf(engine)}: ${known} (${byKind.join(", ")})`;
}

function listed(vulnerabilities: readonly Vulnerability[]): string {
  if (vulnerabilities.length > toldInFullMax) {
    return `${vulnerabilities.map(({ id }) => id).join(", ")}.`;
  }
  return vulnerabilities.map(({ id, what }) => `${id}: ${what}`).join(" ");
}

function howToMend({ installed, vulnerabilities }: ExaminedEngine): string {
  const unmended = vulnerabilities.filter((one) => mendingVersion(installed, [one]) === null);
  const nothing =
    unmended.length === 0
      ? []
      : [`No version is known to mend ${unmended.map(({ id }) => id).join(", ")}.`];
  const version = mendingVersion(installed, vulnerabilities);
  if (version === null) return nothing.join(" ");
  const newer = `Install ${installed.engine} ${version} or newer`;
  const how = version.includes("-")
    ? `${newer} from Debian's security updates.`
    : `${newer} and name its directory in LARDER_ENGINE_PATH.`;
  return [how, ...nothing].join(" ");
}

function whatLarderDoes(vulnerabilities: readonly Vulnerability[]): readonly string[] {
  return [...new Set(vulnerabilities.flatMap(({ guard }) => (guard ? [guard.says] : [])))];
}

function nameOf({ installed }: ExaminedEngine): string {
  return `${installed.engine} ${installed.binaryVersion}`;
}
