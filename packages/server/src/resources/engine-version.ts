/**
 * Orders version numbers part by part: negative when `a` is older than `b`, 0 when they are the
 * same. A part that is missing counts as 0. Of one version, what a distribution packaged is newer
 * than what carries no revision, and a later revision is newer than an earlier one.
 * @param a such as "7.0.15", or "7.0.15-1~deb12u10" of a distribution's package
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [splitVersion(a), splitVersion(b)];
  return (
    compareNumbers(left.upstream.split("."), right.upstream.split(".")) ||
    compareRevisions(left.revision, right.revision)
  );
}

/** The engine's own version number, and the revision of the package that it came in ("" if none). */
export function splitVersion(version: string): {
  readonly upstream: string;
  readonly revision: string;
} {
  const at = version.indexOf("-");
  if (at < 0) return { upstream: version, revision: "" };
  return { upstream: version.slice(0, at), revision: version.slice(at + 1) };
}

/** The branch of a version, e.g. "7.0" of "7.0.15". */
export function branchOf(version: string): string {
  return splitVersion(version).upstream.split(".").slice(0, 2).join(".");
}

function compareNumbers(left: readonly string[], right: readonly string[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = Number(left[index] ?? 0) - Number(right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** As dpkg orders them where they are of one series: text as text, numbers as numbers. */
function compareRevisions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one = "", other = ""] = [left[index], right[index]];
    if (one === other) continue;
    const numbers = Number(one) - Number(other);
    if (!Number.isNaN(numbers) && numbers !== 0) return numbers;
    // "1~deb12u1" comes before "1": a tilde says that something is yet to come.
    if (one.startsWith("~") !== other.startsWith("~")) return one.startsWith("~") ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}

function partsOf(revision: string): readonly string[] {
  return revision.match(/\d+|\D+/g) ?? [];
}
