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
import { settable, shown } from "./rows.ts";

const persistence: readonly ParameterDefinition[] = [
  settable(
    "appendonly",
    "no",
    yesNo,
    "2.8.6",
    "Whether every write is logged to disk, so that a node that starts again has its data.",
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
  shown(
    "close-on-replica-write",
    "yes",
    yesNo,
    "5.0.0",
    "Whether a replica closes the connection of a client that tries to write.",
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
  settable(
    "databases",
    "16",
    from(1, 10_000),
    "2.8.6",
    "How many databases there are; can change only while no cluster uses the group.",
  ),
  settable("cluster-enabled", "no", yesNo, "3.2.4", "Whether data is spread over shards."),
  // These take effect in cluster mode alone, and are for callers to set once there is such a mode.
  shown(
    "cluster-require-full-coverage",
    "no",
    yesNo,
    "3.2.4",
    "Whether every shard stops when one is down.",
  ),
  shown(
    "cluster-allow-reads-when-down",
    "no",
    yesNo,
    "6.0.0",
    "Whether shards answer reads while the cluster is down.",
  ),
  shown(
    "cluster-allow-pubsubshard-when-down",
    "yes",
    yesNo,
    "7.0.0",
    "Whether sharded publishing goes on while the cluster is down.",
  ),
  shown(
    "cluster-preferred-endpoint-type",
    "tls-dynamic",
    choice("ip", "tls-dynamic"),
    "7.0.0",
    "How the cluster names its nodes to clients.",
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
