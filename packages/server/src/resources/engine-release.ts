import type { EngineName, InstalledEngine } from "./engine-name.ts";
import type { Resource } from "./resource.ts";

/**
 * An engine binary that a server found installed at some start. It is kept when the binary goes, so
 * that it is known when each was first seen and what came before it.
 */
export interface EngineReleaseSpec {
  readonly engine: EngineName;
  readonly binaryVersion: string;
  /** AWS's names of the versions it serves. */
  readonly serves: readonly string[];
}

export type EngineRelease = Pick<Resource<"engine-release">, "spec" | "createdAt">;

/** The id of a release, e.g. "redis-7-0-15-1-deb12u10". */
export function releaseId({
  engine,
  binaryVersion,
}: Pick<InstalledEngine, "engine" | "binaryVersion">): string {
  return `${engine}-${binaryVersion.replaceAll(/[^a-z0-9]+/gi, "-")}`;
}
