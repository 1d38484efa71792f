import type { EngineName, InstalledEngine } from "./engine-name.ts";
import { compareVersions, splitVersion } from "./engine-version.ts";
import { type EngineRelease, releaseId } from "./engine-release.ts";
import {
  mendingVersion,
  type Severity,
  type Vulnerability,
  vulnerabilitiesOf,
  worstOf,
} from "./vulnerabilities/vulnerability.ts";

/** A newer binary of an engine than caches ran before: what ElastiCache calls a service update. */
export interface ServiceUpdate {
  /** E.g. "elasticache-redis-7-0-16". */
  readonly name: string;
  readonly engine: EngineName;
  readonly binaryVersion: string;
  /** AWS's names of the engine versions whose caches it is for. */
  readonly serves: readonly string[];
  /** What it mends of the binaries before it. */
  readonly mends: readonly Vulnerability[];
  readonly severity: Severity;
  /** ISO times: when it came, by when to apply it, and when another took its place. */
  readonly releasedAt: string;
  readonly applyBy: string;
  readonly endedAt: string | null;
  /** Cancelled when its binary was taken away, expired when a newer one took its place. */
  readonly status: "available" | "cancelled" | "expired";
  /** False for one that is known to mend what is installed, and is not installed itself. */
  readonly isInstalled: boolean;
}

const dayMs = 24 * 60 * 60 * 1_000;
/** How soon to apply an update (user guide, "Service updates"). */
const applyWithinDays: Readonly<Record<Severity, number>> = {
  critical: 14,
  important: 30,
  medium: 60,
  low: 90,
};

/**
 * Every service update of this server, in order of name: each release that has an earlier one to
 * take the place of, and for each weak engine the version that would mend it.
 */
export function serviceUpdates(
  releases: readonly EngineRelease[],
  installed: readonly InstalledEngine[],
): readonly ServiceUpdate[] {
  const released = releases.flatMap((one) => updateOfRelease(one, releases, installed) ?? []);
  const advised = installed.flatMap((one) => adviceFor(one, releases) ?? []);
  return [
    ...released,
    ...advised.filter((one) => !released.some(({ name }) => name === one.name)),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The name of the update that brings a binary. */
export function updateName(binary: Pick<InstalledEngine, "engine" | "binaryVersion">): string {
  return `elasticache-${releaseId(binary)}`;
}

/** Whether the update is for caches of that engine and engine version. */
export function concerns(
  { engine, serves }: Pick<ServiceUpdate, "engine" | "serves">,
  cache: { readonly engine: EngineName; readonly engineVersion: string },
): boolean {
  return engine === cache.engine && serves.includes(cache.engineVersion);
}

function updateOfRelease(
  release: EngineRelease,
  releases: readonly EngineRelease[],
  installed: readonly InstalledEngine[],
): ServiceUpdate | null {
  const { spec, createdAt } = release;
  const others = releases.filter((one) => one.spec.engine === spec.engine && overlap(one, release));
  const earlier = others.filter((one) => isOlder(one, release));
  if (earlier.length === 0) return null;
  const isInstalled = installed.some((one) => releaseId(one) === releaseId(spec));
  const newer = others.find(
    (one) =>
      isOlder(release, one) && installed.some((has) => releaseId(has) === releaseId(one.spec)),
  );
  const left = new Set(vulnerabilitiesOf(spec));
  const before = new Set(earlier.flatMap((one) => vulnerabilitiesOf(one.spec)));
  return {
    ...base(spec, [...before.difference(left)], createdAt),
    status: isInstalled ? "available" : newer === undefined ? "cancelled" : "expired",
    endedAt: isInstalled ? null : (newer?.createdAt ?? null),
    isInstalled,
  };
}

/** The version that would mend an installed engine, where it could take its place. */
function adviceFor(one: InstalledEngine, releases: readonly EngineRelease[]): ServiceUpdate | null {
  const found = vulnerabilitiesOf(one);
  const binaryVersion = mendingVersion(one, found);
  const seen = releases.find(({ spec }) => releaseId(spec) === releaseId(one));
  if (binaryVersion === null || seen === undefined) return null;
  // Each memcached is a version of its own: another one is an upgrade, which is not an update.
  const isSameVersion =
    splitVersion(binaryVersion).upstream === splitVersion(one.binaryVersion).upstream;
  if (one.engine === "memcached" && !isSameVersion) return null;
  const advised = { engine: one.engine, binaryVersion, serves: one.serves };
  const left = new Set(vulnerabilitiesOf(advised));
  return {
    ...base(
      advised,
      found.filter((each) => !left.has(each)),
      seen.createdAt,
    ),
    ...{ status: "available", endedAt: null, isInstalled: false },
  };
}

function base(
  spec: EngineRelease["spec"],
  mends: readonly Vulnerability[],
  releasedAt: string,
): Omit<ServiceUpdate, "status" | "endedAt" | "isInstalled"> {
  const severity = worstOf(mends);
  const applyByMs = Date.parse(releasedAt) + applyWithinDays[severity] * dayMs;
  const { engine, binaryVersion, serves } = spec;
  return {
    ...{ name: updateName(spec), engine, binaryVersion, serves, mends, severity },
    ...{ releasedAt, applyBy: new Date(applyByMs).toISOString() },
  };
}

function overlap(a: EngineRelease, b: EngineRelease): boolean {
  return a.spec.serves.some((version) => b.spec.serves.includes(version));
}

function isOlder(a: EngineRelease, b: EngineRelease): boolean {
  return compareVersions(a.spec.binaryVersion, b.spec.binaryVersion) < 0;
}
