import type { ForeignEngine } from "../../engine/engine.ts";
import { formatAddress } from "../../resources/address.ts";
import type { EngineName } from "../../resources/engine-name.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import { mayConnectTo } from "../../resources/foreign-address.ts";

/** What the group can take. */
export interface MigrationTarget {
  readonly engine: EngineName;
  /** Of the binary that its primary runs. */
  readonly binaryVersion: string;
  readonly databases: number;
  readonly maxMemoryBytes: number;
  /** Addresses of Larder's own nodes and endpoints, as "host:port". */
  readonly ours: ReadonlySet<string>;
}

/** Why the group cannot move over from the source, as a sentence; null when it can. */
export function unsuitable(source: ForeignEngine, target: MigrationTarget): string | null {
  if (!mayConnectTo(source.address.host)) return "Its address is not one of an engine.";
  if (target.ours.has(formatAddress(source.address))) return "It is run by this server itself.";
  if (source.isCluster) return "It runs in cluster mode.";
  if (source.role !== "primary") return "It is a replica; name its primary.";
  if (!source.admitsReplicas) return "It does not let replicas attach without a login.";
  if (
    dumpVersionOf(source.engine, source.version) >
    dumpVersionOf(target.engine, target.binaryVersion)
  ) {
    return (
      `Its data comes from ${source.engine} ${source.version}, which is newer than what ` +
      `${target.engine} ${target.binaryVersion} can load.`
    );
  }
  if (!source.hasDatabases) {
    return `Its parameter databases differs from the group's, which is ${target.databases}.`;
  }
  if (source.usedMemoryBytes > target.maxMemoryBytes) {
    return (
      `It uses ${source.usedMemoryBytes} bytes of memory; the group's nodes hold ` +
      `${target.maxMemoryBytes}.`
    );
  }
  return null;
}

/** Which engine first wrote which version of the RDB format; a replica loads its own and older. */
const dumpVersions: Readonly<Record<"redis" | "valkey", readonly (readonly [string, number])[]>> = {
  redis: [
    ["8.0", 12],
    ["7.4", 12],
    ["7.2", 11],
    ["7.0", 10],
    ["5.0", 9],
    ["0.0", 8],
  ],
  valkey: [
    ["9.0", 80],
    ["0.0", 11],
  ],
};

function dumpVersionOf(engine: EngineName, version: string): number {
  if (engine === "memcached") return 0;
  const known = dumpVersions[engine].find(([since]) => compareVersions(version, since) >= 0);
  return known?.[1] ?? 0;
}
