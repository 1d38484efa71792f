import { createHash } from "node:crypto";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import { vulnerabilitiesOf } from "../../resources/vulnerabilities/vulnerability.ts";
import { controlUser } from "../engine.ts";
import type { Directive } from "../config-text.ts";

/** Commands that ElastiCache restricts on nodes (user guide, "Restricted commands"). */
const restricted = [
  ...["bgrewriteaof", "bgsave", "config", "debug", "migrate", "psync", "replicaof", "save"],
  ...["shutdown", "slaveof", "sync"],
] as const;

/**
 * Further commands that would let a user act as the control plane or as a replica. MODULE loads
 * code, FAILOVER moves the primary, REPLCONF and RESTORE-ASKING belong to nodes alone.
 */
const ours = ["failover", "module", "replconf", "restore-asking"] as const;

/**
 * Subcommands of CLIENT that reach beyond the caller's own connection. PAUSE also stops the control
 * plane's INFO, which would look like a hung node and fail it over; KILL could end its connection
 * while every other place is taken. Clients need the rest (SETNAME, SETINFO, ID, TRACKING, …).
 */
const clientSubcommands = ["kill", "no-evict", "pause", "unpause"] as const;

/** ACL and CLUSTER only by name, so that what a later engine adds is refused until it is known. */
const aclReads = [
  ...["cat", "dryrun", "genpass", "getuser", "help", "list", "log", "users", "whoami"],
] as const;
const clusterReads = [
  ...["count-failure-reports", "countkeysinslot", "getkeysinslot", "help", "info", "keyslot"],
  ...["myid", "nodes", "replicas", "shards", "slaves", "slots"],
] as const;

/** The rules of the user that clients are until they authenticate: everything ElastiCache gives. */
function tenantRules(installed: InstalledEngine): readonly string[] {
  const withheld = new Set(
    vulnerabilitiesOf(installed).flatMap(({ guard }) => guard?.withheld ?? []),
  );
  const newerReads = compareVersions(installed.binaryVersion, "7.2") >= 0 ? ["myshardid"] : [];
  return [
    "+@all",
    ...[...restricted, ...ours, ...withheld].map((command) => `-${command}`),
    ...clientSubcommands.map((subcommand) => `-client|${subcommand}`),
    "-acl",
    ...aclReads.map((subcommand) => `+acl|${subcommand}`),
    "-cluster",
    ...[...clusterReads, ...newerReads].map((subcommand) => `+cluster|${subcommand}`),
  ];
}

/** The `user` lines of a node: the cache's clients, and the control plane. */
export function userDirectives(
  installed: InstalledEngine,
  controlPassword: string,
): readonly Directive[] {
  const hash = createHash("sha256").update(controlPassword).digest("hex");
  return [
    ["user", "default", "on", "nopass", "sanitize-payload", "~*", "&*", ...tenantRules(installed)],
    // What it restores comes from another node, which checked it when it came in.
    [
      ...(["user", controlUser, "on", `#${hash}`, "skip-sanitize-payload"] as const),
      ...["~*", "&*", "+@all"],
    ],
  ];
}
