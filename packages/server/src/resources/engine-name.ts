/** The engines that Larder runs. */
export const engineNames = ["redis", "valkey", "memcached"] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine binary found on this machine, and the AWS versions that it serves. */
export interface InstalledEngine {
  readonly engine: EngineName;
  /** The binary's own version, e.g. "7.0.15"; of a Debian package, "7.0.15-1~deb12u10". */
  readonly binaryVersion: string;
  /** Absolute path of the server binary. */
  readonly path: string;
  /** AWS's names of the versions it serves, oldest first, e.g. ["7.0", "7.1"]. */
  readonly serves: readonly string[];
  /** AWS's parameter group family of those versions, e.g. "redis7". */
  readonly family: string;
}

/** The installed engine that serves `version` of `engine`, or undefined. */
export function engineServing(
  installed: readonly InstalledEngine[],
  engine: EngineName,
  version: string,
): InstalledEngine | undefined {
  return installed.find((one) => one.engine === engine && one.serves.includes(version));
}
