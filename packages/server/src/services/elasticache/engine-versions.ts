import type { CacheEngineVersion } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import {
  type EngineName,
  engineNames,
  engineServing,
  type InstalledEngine,
} from "../../resources/engine-name.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";

/** From these on, callers choose a version without its patch number (user guide, "Versions"). */
const firstWithoutPatch: Readonly<Partial<Record<EngineName, string>>> = {
  redis: "6.0",
  valkey: "7.2",
};

const descriptions: Readonly<Record<EngineName, string>> = {
  redis: "Redis",
  valkey: "Valkey",
  memcached: "memcached",
};

/** An engine version that this server can run. */
export interface EngineVersion {
  readonly engine: EngineName;
  /** AWS's name of it, e.g. "7.1". */
  readonly version: string;
  /** Its parameter group family, e.g. "redis7". */
  readonly family: string;
  readonly installed: InstalledEngine;
}

/**
 * The version that a caller asks for: the newest of the engine when `version` is left out.
 * Throws InvalidParameterValue for an engine or a version that this server does not have.
 * @param engine in any case
 */
export function resolveEngineVersion(
  call: Pick<ElastiCacheCall, "installed">,
  engine: string,
  version: string | undefined,
): EngineVersion {
  const name = requireEngine(engine);
  const served = servedVersions(call.installed).filter((one) => one.engine === name);
  if (served.length === 0) throw invalid(notInstalled(call.installed, name));
  const patched = version === undefined ? null : withoutPatch(name, version);
  if (patched !== null) {
    throw invalid(
      `The version ${version} of ${name} cannot be chosen by its patch number; ` +
        `ask for ${patched}.`,
    );
  }
  const found = served.findLast((one) => matches(one, version));
  if (found === undefined) throw invalid(`Cannot find version ${version} for ${name}`);
  return found;
}

export const describeCacheEngineVersions: Operation<"DescribeCacheEngineVersions"> = (
  input,
  call,
) => {
  const { EngineVersion: version, DefaultOnly: defaultOnly = false } = input;
  const engine = input.Engine?.toLowerCase();
  const family = input.CacheParameterGroupFamily?.toLowerCase();
  const chosen = servedVersions(call.installed).filter(
    (one) =>
      (engine === undefined || one.engine === engine) &&
      (family === undefined || one.family === family) &&
      (matches(one, version) || (defaultOnly && one.version.startsWith(`${version}.`))),
  );
  const { page: rows, ...next } = page(defaultOnly ? newest(chosen) : chosen, input, {
    operation: "DescribeCacheEngineVersions",
    keyOf: sortKey,
  });
  return { ...next, CacheEngineVersions: rows.map(described) };
};

/** Every version that the installed engines serve, by engine, oldest first; each once. */
function servedVersions(installed: readonly InstalledEngine[]): readonly EngineVersion[] {
  return engineNames.flatMap((engine) => {
    const versions = new Set(
      installed.filter((one) => one.engine === engine).flatMap((one) => one.serves),
    );
    return [...versions].toSorted(compareVersions).flatMap((version) => {
      const binary = engineServing(installed, engine, version);
      if (binary === undefined) return [];
      return [{ engine, version, family: binary.family, installed: binary }];
    });
  });
}

function newest(versions: readonly EngineVersion[]): readonly EngineVersion[] {
  return engineNames.flatMap((engine) => {
    const last = versions.findLast((one) => one.engine === engine);
    return last === undefined ? [] : [last];
  });
}

/** "6.x" is AWS's name for the newest redis 6; no other major version has such a name. */
function matches(one: EngineVersion, version: string | undefined): boolean {
  if (version === undefined || version === one.version) return true;
  return version === "6.x" && one.engine === "redis" && one.version.startsWith("6.");
}

/** The version to ask for instead of one with a patch number; null if the engine has those. */
function withoutPatch(engine: EngineName, version: string): string | null {
  const first = firstWithoutPatch[engine];
  if (first === undefined || !/^\d+\.\d+\.\d+$/.test(version)) return null;
  if (compareVersions(version, first) < 0) return null;
  return version.slice(0, version.lastIndexOf("."));
}

function requireEngine(engine: string): EngineName {
  const name = engineNames.find((one) => one === engine.toLowerCase());
  if (name !== undefined) return name;
  throw invalid(`Invalid engine ${engine}. Engine must be one of ${engineNames.join(", ")}.`);
}

function notInstalled(installed: readonly InstalledEngine[], engine: EngineName): string {
  const has = servedVersions(installed).map((one) => `${one.engine} ${one.version}`);
  const what = has.length === 0 ? "no engine at all" : has.join(", ");
  return `This server has no ${engine} installed. It has ${what}.`;
}

/** Sorts 7.2 before 7.10. */
function sortKey({ engine, version }: EngineVersion): string {
  const parts = version.split(".").map((part) => part.padStart(5, "0"));
  return `${engine}/${parts.join(".")}`;
}

function described({ engine, version, family, installed }: EngineVersion): CacheEngineVersion {
  return {
    Engine: engine,
    EngineVersion: version,
    CacheParameterGroupFamily: family,
    CacheEngineDescription: descriptions[engine],
    CacheEngineVersionDescription: `${engine} version ${installed.binaryVersion}`,
  };
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}
