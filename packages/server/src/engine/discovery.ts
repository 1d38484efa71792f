import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import type { EngineName, InstalledEngine } from "../resources/engine-name.ts";
import { compareVersions, splitVersion } from "../resources/engine-version.ts";
import { packageRevision } from "./package-revision.ts";

/** What was found: the engines that Larder can use, and those that it cannot, with the reason. */
export interface Discovery {
  readonly installed: readonly InstalledEngine[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

const programs = ["redis-server", "valkey-server", "memcached"] as const;
const versionTimeoutMs = 5_000;
const outputBytesMax = 64 * 1_024;

const run = promisify(execFile);

/**
 * Looks for engines in `directories`, in order: of two binaries that serve the same AWS version the
 * earlier is used. Each is asked for its version; its name is not believed, because distributions
 * install valkey-server under redis-server's name too.
 */
export async function discoverEngines(directories: readonly string[]): Promise<Discovery> {
  const installed: InstalledEngine[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  const seen = new Set<string>();
  const places = directories.filter(isAbsolute);
  for (const path of places.flatMap((place) => programs.map((program) => join(place, program)))) {
    const target = await executable(path);
    if (target === null || seen.has(target)) continue;
    seen.add(target);
    const judged = judge(path, await versionOutput(path));
    if ("reason" in judged) leftOut.push({ path, reason: judged.reason });
    else if (!installed.some((one) => isCovered(judged, one))) {
      installed.push(await withRevision(judged));
    }
  }
  return { installed, leftOut };
}

/** Which engine says `output` to `--version`, and what it serves; or why Larder cannot use it. */
export function judge(path: string, output: string | Error): InstalledEngine | { reason: string } {
  if (output instanceof Error) return { reason: `does not say its version: ${output.message}` };
  const found = /^(?:(Redis|Valkey) server v=|(memcached) )(\d+\.\d+\.\d+)\b/im.exec(output);
  const name = (found?.[1] ?? found?.[2])?.toLowerCase();
  const binaryVersion = found?.[3];
  const engine = (["redis", "valkey", "memcached"] as const).find((one) => one === name);
  if (engine === undefined || binaryVersion === undefined) {
    return { reason: "does not say its version as an engine does" };
  }
  const served = servedBy(engine, binaryVersion);
  if (served === null) {
    return { reason: `Larder does not run ${engine} ${binaryVersion}` };
  }
  return { engine, binaryVersion, path, ...served };
}

/** A distribution's revision is part of the binary's version: it tells its security updates apart. */
async function withRevision(found: InstalledEngine): Promise<InstalledEngine> {
  const revision = await packageRevision(found.path);
  if (revision === null) return found;
  return { ...found, binaryVersion: `${found.binaryVersion}-${revision}` };
}

/** AWS's versions that a binary of that version serves; none if Larder does not run it. */
export function versionsServedBy(engine: EngineName, binaryVersion: string): readonly string[] {
  return servedBy(engine, splitVersion(binaryVersion).upstream)?.serves ?? [];
}

/** AWS's versions that a binary serves, and their parameter group family. */
function servedBy(
  engine: EngineName,
  version: string,
): Pick<InstalledEngine, "serves" | "family"> | null {
  const minor = version.split(".").slice(0, 2).join(".");
  if (engine === "memcached") {
    return minor === "1.6" ? { serves: [version], family: "memcached1.6" } : null;
  }
  return families.get(`${engine} ${minor}`) ?? null;
}

/**
 * Older ones cannot be told in ACL rules which subcommands to refuse; newer ones are not AWS's.
 * AWS's redis 7.1 is compatible with 7.0, of which there is no open 7.1.
 */
const families: ReadonlyMap<string, Pick<InstalledEngine, "serves" | "family">> = new Map([
  ["redis 7.0", { serves: ["7.0", "7.1"], family: "redis7" }],
  ["valkey 7.2", { serves: ["7.2"], family: "valkey7" }],
  ["valkey 8.0", { serves: ["8.0"], family: "valkey8" }],
  ["valkey 8.1", { serves: ["8.1"], family: "valkey8" }],
]);

function isCovered(later: InstalledEngine, earlier: InstalledEngine): boolean {
  return (
    later.engine === earlier.engine &&
    (compareVersions(later.binaryVersion, earlier.binaryVersion) === 0 ||
      later.serves.every((version) => earlier.serves.includes(version)))
  );
}

/** The file behind `path` if it can be run, else null. */
async function executable(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return null; // not installed here, or not ours to run
  }
}

async function versionOutput(path: string): Promise<string | Error> {
  try {
    const { stdout } = await run(path, ["--version"], {
      ...{ timeout: versionTimeoutMs, killSignal: "SIGKILL", maxBuffer: outputBytesMax },
      env: { LANG: "C" },
    });
    return stdout;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
