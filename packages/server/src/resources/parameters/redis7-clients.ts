import type { NodeType } from "../node-type.ts";
import {
  type Allowed,
  choice,
  exactlyOrFrom,
  fixed,
  from,
  type ParameterDefinition,
  sizeBytesMax,
  yesNo,
} from "./definition.ts";
import { settable, shown } from "./rows.ts";

/** AWS user guide, "Redis-specific parameters": a tenth of maxmemory on every node type. */
const replicaBufferBytes = (nodeType: NodeType): string =>
  String(Math.floor(nodeType.maxMemoryBytes / 10));

/** Connections, buffers and what clients can hear of. */
export const clients: readonly ParameterDefinition[] = [
  shown(
    "maxclients",
    (nodeType) => String(nodeType.maxClients),
    fixed,
    "2.8.6",
    "How many clients can be connected at once.",
  ),
  settable(
    "timeout",
    "0",
    exactlyOrFrom(0, 20),
    "2.8.6",
    "Seconds after which an idle connection is closed; 0 for never.",
  ),
  settable(
    "tcp-keepalive",
    "300",
    // The kernel takes no more.
    from(0, 32_767),
    "2.8.6",
    "Seconds between TCP keep-alive probes; 0 for none.",
  ),
  settable(
    "client-query-buffer-limit",
    "1073741824",
    from(1_048_576, 1_073_741_824),
    "4.0.10",
    "Largest query buffer of one client, in bytes.",
  ),
  settable(
    "proto-max-bulk-len",
    "536870912",
    from(1_048_576, 536_870_912),
    "4.0.10",
    "Largest string in a request, in bytes.",
  ),
  // Less than a usual reply would end every client, and the control plane's connection too.
  ...outputBuffer("normal", ["0", "0", "0"], exactlyOrFrom(0, 65_536, sizeBytesMax)),
  ...outputBuffer("pubsub", ["33554432", "8388608", "60"], from(0, sizeBytesMax)),
  shown(
    "client-output-buffer-limit-replica-hard-limit",
    replicaBufferBytes,
    fixed,
    "2.8.6",
    "Bytes waiting for a replica at which it is disconnected.",
  ),
  shown(
    "client-output-buffer-limit-replica-soft-limit",
    replicaBufferBytes,
    fixed,
    "2.8.6",
    "Bytes waiting for a replica at which it is disconnected after a while.",
  ),
  shown(
    "client-output-buffer-limit-replica-soft-seconds",
    "60",
    fixed,
    "2.8.6",
    "How long that while is, in seconds.",
  ),
  settable(
    "tracking-table-max-keys",
    "1000000",
    from(1, 100_000_000),
    "6.0.0",
    "How many keys are remembered for client-side caching.",
  ),
  settable(
    "notify-keyspace-events",
    "",
    { kind: "letters", letters: "KEg$lshzxeAtdmn" },
    "2.8.6",
    "Which changes of keys are published; needs K or E to have an effect.",
  ),
  // A rename is made at the engine's start alone, reaches the control plane and replication as well,
  // and is no part of ACL rules: neither meaning of AWS's could be kept.
  settable(
    "rename-commands",
    "none",
    choice("none"),
    "5.0.3",
    "Commands that are renamed or blocked; this server does neither.",
  ),
  settable(
    "acllog-max-len",
    "128",
    from(1, 10_000),
    "6.0.0",
    "How many refusals the access log keeps.",
  ),
  shown(
    "acl-pubsub-default",
    "allchannels",
    choice("allchannels", "resetchannels"),
    "6.2.0",
    "Which channels a user can use whose access string names none.",
  ),
  shown(
    "lua-time-limit",
    "5000",
    fixed,
    "2.8.6",
    "Milliseconds after which a script can be ended and others are told that it is busy.",
  ),
];

/** What is kept for people who watch the engine. */
export const observing: readonly ParameterDefinition[] = [
  settable(
    "slowlog-log-slower-than",
    "10000",
    from(-1),
    "2.8.6",
    "Microseconds from which a command is logged as slow; 0 for all, -1 for none.",
  ),
  settable("slowlog-max-len", "128", from(0), "2.8.6", "How many slow commands are kept."),
  settable(
    "latency-tracking",
    "no",
    yesNo,
    "7.0.0",
    "Whether latency percentiles are kept for each command.",
  ),
];

function outputBuffer(
  kind: string,
  [hard, soft, seconds]: readonly [string, string, string],
  bytes: Allowed,
): readonly ParameterDefinition[] {
  const name = `client-output-buffer-limit-${kind}`;
  const whose = `a ${kind === "pubsub" ? "subscribed" : "normal"} client`;
  return [
    settable(
      `${name}-hard-limit`,
      hard,
      bytes,
      "2.8.6",
      `Bytes waiting for ${whose} at which it is disconnected; 0 for no limit.`,
    ),
    settable(
      `${name}-soft-limit`,
      soft,
      bytes,
      "2.8.6",
      `Bytes waiting for ${whose} at which it is disconnected after a while; 0 for no limit.`,
    ),
    settable(
      `${name}-soft-seconds`,
      seconds,
      from(0),
      "2.8.6",
      "How long that while is, in seconds.",
    ),
  ];
}
