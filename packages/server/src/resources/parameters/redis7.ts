import {
  choice,
  fixed,
  from,
  type ParameterDefinition,
  sizeBytesMax,
  yesNo,
} from "./definition.ts";
import { clients, observing } from "./redis7-clients.ts";
import { encodings } from "./redis7-encodings.ts";
import { lazyFreeing, memory } from "./redis7-memory.ts";
import { atReboot, settable, shown } from "./rows.ts";

const persistence: readonly ParameterDefinition[] = [
  atReboot(
    settable(
      "appendonly",
      "no",
      yesNo,
      "2.8.6",
      "Whether every write is logged to disk, so that a node that starts again has its data; can " +
        "change only while no cluster uses the group.",
    ),
  ),
  settable(
    "appendfsync",
    "everysec",
    choice("always", "everysec", "no"),
    "2.8.6",
    "When that log is forced to disk.",
  ),
];

const replication: readonly ParameterDefinition[] = [
  settable(
    "min-replicas-to-write",
    "0",
    from(0),
    "5.0.0",
    "How many replicas must be in touch for the primary to take writes.",
  ),
  settable(
    "min-replicas-max-lag",
    "10",
    from(0),
    "5.0.0",
    "Seconds within which a replica must have been heard to be in touch.",
  ),
  settable(
    "repl-backlog-size",
    "1048576",
    from(16_384, sizeBytesMax),
    "2.8.6",
    "Bytes of recent writes that a replica can catch up from.",
  ),
  settable(
    "repl-backlog-ttl",
    "3600",
    from(0),
    "2.8.6",
    "Seconds for which a primary without replicas keeps them; 0 for ever.",
  ),
  // The engines answer a write on a replica with READONLY and keep the connection. What can be had
  // is the case that matters: whoever was connected to a primary that stepped down.
  shown(
    "close-on-replica-write",
    "yes",
    fixed,
    "5.0.0",
    "Whether the clients of a primary that becomes a replica lose their connections to it.",
  ),
  shown(
    "replica-allow-chaining",
    "no",
    fixed,
    "5.0.0",
    "Whether a replica can have replicas of its own.",
  ),
  shown(
    "replica-ignore-maxmemory",
    "yes",
    fixed,
    "5.0.0",
    "Whether a replica leaves eviction to its primary.",
  ),
];

const keyspace: readonly ParameterDefinition[] = [
  atReboot(
    settable(
      "databases",
      "16",
      from(1, 10_000),
      "2.8.6",
      "How many databases there are; can change only while no cluster uses the group.",
    ),
  ),
  atReboot(
    settable(
      "cluster-enabled",
      "no",
      yesNo,
      "3.2.4",
      "Whether data is spread over shards; can change only while no cluster uses the group.",
    ),
  ),
  // The rest takes effect in cluster mode alone.
  settable(
    "cluster-require-full-coverage",
    "no",
    yesNo,
    "3.2.4",
    "Whether every shard stops when one is down.",
  ),
  settable(
    "cluster-allow-reads-when-down",
    "no",
    yesNo,
    "6.0.0",
    "Whether shards answer reads while the cluster is down.",
  ),
  settable(
    "cluster-allow-pubsubshard-when-down",
    "yes",
    yesNo,
    "7.0.0",
    "Whether sharded publishing goes on while the cluster is down.",
  ),
  // Hostnames are for clients that came over TLS; without it both values come to IP addresses.
  settable(
    "cluster-preferred-endpoint-type",
    "tls-dynamic",
    choice("ip", "tls-dynamic"),
    "7.0.0",
    "How the cluster names its nodes to clients: by IP address, or by hostname to clients that use TLS.",
  ),
];

/**
 * The parameters of redis7, and of valkey7, which takes them over (AWS user guide, "Valkey and
 * Redis OSS parameters"; descriptions are ours).
 */
export const redis7: readonly ParameterDefinition[] = [
  ...memory,
  ...lazyFreeing,
  ...clients,
  ...observing,
  ...persistence,
  ...replication,
  ...encodings,
  ...keyspace,
];
