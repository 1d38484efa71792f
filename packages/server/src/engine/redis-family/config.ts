import { isIP } from "node:net";
import { type Address, busPortOf, sameAddress } from "../../resources/address.ts";
import { isClusterMode } from "../../resources/cluster-mode.ts";
import { type Directive, renderConfig } from "../config-text.ts";
import { controlUser, type LaunchRequest } from "../engine.ts";
import { userDirectives } from "./acl.ts";
import { clusterNodeTimeoutMs, outsideTimeoutMs, replicaPingSeconds } from "./cluster-timeouts.ts";
import { clusterFile } from "./cluster-file.ts";
import { fencedValue, fenceDirective } from "./write-fence.ts";
import { keepsData } from "./parameters.ts";
import { settingsOf } from "./settings.ts";

/**
 * Connections beyond the node type's figure, so that replicas and the control plane have room
 * beside as many clients as AWS admits. The engine cannot reserve them: users who open more than
 * their share take them too, and then only connections that are already open go on (A57).
 */
const connectionsForLarder = 32;
/**
 * The whole configuration of a node. Every path is relative to the node's directory, which the
 * process starts in, so that it needs no permission for the folders above.
 * @throws Error for a value that an engine would misread
 */
export function nodeConfig(request: LaunchRequest): string {
  const { installed, parameters } = request;
  return renderConfig([
    ...placeDirectives(request.address),
    ...fixedDirectives,
    ["maxclients", String(request.nodeType.maxClients + connectionsForLarder)],
    ...settingsOf(request).map(({ directive }) => directive),
    ["appendonly", keepsData(parameters) ? "yes" : "no"],
    ...userDirectives(installed, request.controlPassword),
    ...replicationDirectives(request),
    ...clusterDirectives(request),
  ]);
}

const fixedDirectives: readonly Directive[] = [
  ["dir", "."],
  ["daemonize", "no"],
  ["logfile", ""],
  ["save", ""],
  // Access is decided by users; protected mode would refuse whoever comes from another address.
  ["protected-mode", "no"],
  // With two I/O threads on two cores an engine does half of what it does with one.
  ["io-threads", "1"],
  ["enable-debug-command", "no"],
  ["enable-module-command", "no"],
  ["enable-protected-configs", "no"],
  ["sanitize-dump-payload", "clients"],
  // The memory test after a crash keeps a dead primary's connections open for seconds.
  ["crash-memcheck-enabled", "no"],
  ["repl-diskless-sync", "yes"],
  // The default waits 5 s for further replicas, in which a new group is not available.
  ["repl-diskless-sync-delay", "0"],
  ["rdb-del-sync-files", "yes"],
];

function placeDirectives(address: Address): readonly Directive[] {
  const { host, port } = checked(address);
  return [
    ["bind", host],
    ["port", port],
  ];
}

function replicationDirectives(request: LaunchRequest): readonly Directive[] {
  const own = checked(request.address);
  // In cluster mode a node learns whom to follow when it is in the cluster.
  const following: readonly Directive[] =
    request.following === null || isClusterMode(request.parameters)
      ? []
      : [["replicaof", checked(request.following).host, checked(request.following).port]];
  const { controlPassword, followingPassword: password = controlPassword } = request;
  return [
    // Connections between loopback addresses arrive from 127.0.0.1, so a replica says who it is.
    ["replica-announce-ip", own.host],
    ["replica-announce-port", own.port],
    ["masteruser", controlUser],
    ...(password === null ? [] : [["masterauth", password] as const]),
    ...following,
  ];
}

function clusterDirectives(request: LaunchRequest): readonly Directive[] {
  const { address, parameters, outside } = request;
  if (!isClusterMode(parameters)) return [["cluster-enabled", "no"]];
  const { host, port } = checked(address);
  const busPort = String(busPortOf(address));
  return [
    ["cluster-enabled", "yes"],
    ["cluster-config-file", clusterFile],
    ["cluster-port", busPort],
    // Bus connections between loopback addresses come from 127.0.0.1, so a node says who it is.
    ["cluster-announce-ip", host],
    ["cluster-announce-port", port],
    ["cluster-announce-bus-port", busPort],
    ["cluster-node-timeout", String(outside.length > 0 ? outsideTimeoutMs : clusterNodeTimeoutMs)],
    // Which shard a replica belongs to is for the cache's layout to say.
    ["cluster-allow-replica-migration", "no"],
    // The engine would not vote for a replica that was cut off for a while; better some data than none.
    ["cluster-replica-validity-factor", "0"],
    ["repl-ping-replica-period", replicaPingSeconds],
    ...fenceDirectives(request),
  ];
}

/** Last, to have the last word: a node that is to follow itself takes no writes. */
function fenceDirectives({ address, following, parameters }: LaunchRequest): readonly Directive[] {
  if (!sameAddress(following, address)) return [];
  return [[fenceDirective, fencedValue(parameters[fenceDirective])]];
}

function checked(address: Address): { readonly host: string; readonly port: string } {
  const { host, port } = address;
  if (isIP(host) === 0) throw new Error("a node's host must be an IP address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error("a node's port must be from 1 to 65535");
  }
  return { host, port: String(port) };
}
