import { choice, fixed, from, type ParameterDefinition, zeroOne } from "./definition.ts";
import { atReboot, settable, shown } from "./rows.ts";

const enabledDisabled = choice("enabled", "disabled");

const rows: readonly ParameterDefinition[] = [
  shown("backlog_queue_limit", "1024", fixed, "1.4.5", "Connections that wait to be accepted."),
  settable(
    "binding_protocol",
    "auto",
    choice("ascii", "auto"),
    "1.4.5",
    "Which protocols clients can speak.",
  ),
  settable(
    "cas_disabled",
    "0",
    zeroOne,
    "1.4.5",
    "1 leaves out check-and-set, which saves 8 bytes an item.",
  ),
  settable(
    "chunk_size",
    "48",
    from(1, 524_288),
    "1.4.5",
    "Least bytes set aside for an item's key, value and flags.",
  ),
  settable(
    "chunk_size_growth_factor",
    "1.25",
    { kind: "decimal", min: 1.01, max: 100 },
    "1.4.5",
    "How much larger each class of chunks is than the one before.",
  ),
  shown("config_max", "16", fixed, "1.4.14", "Entries of the auto discovery store."),
  shown("config_size_max", "65536", fixed, "1.4.14", "Bytes of one auto discovery entry."),
  settable("disable_flush_all", "0", zeroOne, "1.4.24", "1 refuses the command flush_all."),
  settable(
    "error_on_memory_exhausted",
    "0",
    zeroOne,
    "1.4.5",
    "1 refuses items when memory is full instead of evicting others.",
  ),
  settable(
    "hash_algorithm",
    "jenkins",
    choice("jenkins", "murmur3"),
    "1.4.24",
    "How keys are hashed.",
  ),
  shown("hashpower_init", "16", fixed, "1.4.14", "Initial size of the hash table, a power of two."),
  settable(
    "idle_timeout",
    "0",
    from(0, 86_400),
    "1.4.33",
    "Seconds after which an idle connection is closed; 0 for never.",
  ),
  // Memcached ignores it since 1.5.16.
  shown("inline_ascii_resp", "0", zeroOne, "1.5.10", "1 stores answers with the item."),
  shown("large_memory_pages", "0", fixed, "1.4.5", "1 uses large memory pages."),
  shown("lock_down_paged_memory", "0", fixed, "1.4.5", "1 keeps memory from being swapped out."),
  settable("lru_crawler", "0", zeroOne, "1.4.24", "1 looks for expired items in the background."),
  settable(
    "lru_crawler metadump",
    "disabled",
    enabledDisabled,
    "1.5.10",
    "Whether clients can list the keys that are stored; takes effect at a reboot.",
  ),
  settable(
    "lru_maintainer",
    "0",
    zeroOne,
    "1.4.24",
    "1 keeps items in segments by how recently they were used.",
  ),
  settable(
    "max_item_size",
    "1048576",
    from(1_024, 1_073_741_824),
    "1.4.5",
    "Largest item in bytes; a multiple of slab_chunk_max.",
  ),
  shown(
    "max_simultaneous_connections",
    "65000",
    fixed,
    "1.4.5",
    "How many clients can be connected at once.",
  ),
  settable(
    "maxconns_fast",
    "0",
    zeroOne,
    "1.4.14",
    "1 answers connections above the limit with an error at once.",
  ),
  shown("maximize_core_file_limit", "0", fixed, "1.4.5", "1 allows core files of any size."),
  settable(
    "memcached_connections_overhead",
    "100",
    from(0, 100_000),
    "1.4.5",
    "Megabytes of the node's memory that are kept for connections.",
  ),
  shown(
    "max_cache_memory",
    (nodeType) => String(nodeType.memcachedMb ?? 0),
    fixed,
    "1.4.5",
    "Memory of the node in megabytes, before the overhead is taken off.",
  ),
  shown(
    "num_threads",
    (nodeType) => String(nodeType.memcachedThreads ?? 0),
    fixed,
    "1.4.5",
    "Threads that serve clients.",
  ),
  settable(
    "no_modern",
    "1",
    zeroOne,
    "1.5.10",
    "1 starts from the settings of memcached 1.4, 0 from those of 1.5 and later.",
  ),
  shown(
    "requests_per_event",
    "20",
    fixed,
    "1.4.5",
    "Requests of one connection that are served before others have their turn.",
  ),
  settable(
    "slab_automove",
    "0",
    choice("0", "1", "2"),
    "1.4.14",
    "How eagerly memory moves between classes of items.",
  ),
  settable(
    "slab_chunk_max",
    "524288",
    from(1_024, 1_048_576),
    "1.4.33",
    "Bytes of the largest chunk; a power of two. Larger items are made of several.",
  ),
  settable("slab_reassign", "0", zeroOne, "1.4.14", "1 lets memory move between classes of items."),
  settable(
    "track_sizes",
    "disabled",
    enabledDisabled,
    "1.4.33",
    "Whether the sizes of items are counted.",
  ),
  settable(
    "watch",
    "enabled",
    enabledDisabled,
    "1.4.33",
    "Whether clients can follow the engine's log; takes effect at a reboot.",
  ),
  settable(
    "watcher_logbuf_size",
    "256",
    from(64, 65_536),
    "1.4.33",
    "Kilobytes of log that wait for a client that follows it.",
  ),
  // Memcached 1.6.18 also takes the number as the list of its item sizes (a missing break in its
  // option parser): with 64 a node of 64 MB keeps 64 items. So nothing but its own 64 KB will do.
  shown(
    "worker_logbuf_size",
    "64",
    fixed,
    "1.4.33",
    "Kilobytes of log that each thread keeps until it is passed on.",
  ),
];

/**
 * The parameters of memcached1.6 (AWS user guide, "Memcached specific parameters"). Memcached takes
 * its settings at its start and knows no command that would change them: `lru_crawler metadump` and
 * `watch` too, which AWS's own build changes at once, are options of the command line here.
 */
export const memcached16: readonly ParameterDefinition[] = rows.map(atReboot);
