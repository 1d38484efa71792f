import { choice, fixed, from, type ParameterDefinition, yesNo } from "./definition.ts";
import { settable, shown } from "./rows.ts";

/** Memory, eviction and expiry. */
export const memory: readonly ParameterDefinition[] = [
  shown(
    "maxmemory",
    (nodeType) => String(nodeType.maxMemoryBytes),
    fixed,
    "2.8.6",
    "Memory of the node in bytes, before the reserved share is taken off.",
  ),
  settable(
    "maxmemory-policy",
    "volatile-lru",
    choice(
      "volatile-lru",
      "allkeys-lru",
      "volatile-lfu",
      "allkeys-lfu",
      "volatile-random",
      "allkeys-random",
      "volatile-ttl",
      "noeviction",
    ),
    "2.8.6",
    "Which keys make room when memory is full.",
  ),
  settable(
    "maxmemory-samples",
    "3",
    // The samples lie on the stack of redis 7.0, which a million of them would overflow.
    from(1, 10_000),
    "2.8.6",
    "How many keys are compared to find one to evict or expire.",
  ),
  settable(
    "reserved-memory-percent",
    "25",
    from(0, 100),
    "2.8.6",
    "Share of maxmemory that data may not use, in percent.",
  ),
  settable(
    "active-expire-effort",
    "1",
    from(1, 10),
    "6.0.0",
    "How hard the engine works at removing expired keys in the background.",
  ),
  settable(
    "lfu-log-factor",
    "10",
    from(1),
    "4.0.10",
    "How many hits it takes to raise a key's frequency counter.",
  ),
  settable(
    "lfu-decay-time",
    "1",
    from(0),
    "4.0.10",
    "Minutes after which a key's frequency counter is lowered.",
  ),
  // Debian's engines are built without the allocator that defragmentation needs, and refuse to
  // start with it.
  shown("activedefrag", "no", yesNo, "4.0.10", "Whether memory is defragmented while running."),
  shown(
    "active-defrag-cycle-min",
    "25",
    from(1, 75),
    "4.0.10",
    "Least effort of defragmentation, in percent of CPU time.",
  ),
  shown(
    "active-defrag-cycle-max",
    "75",
    from(1, 75),
    "4.0.10",
    "Greatest effort of defragmentation, in percent of CPU time.",
  ),
  shown(
    "active-defrag-ignore-bytes",
    "104857600",
    from(10_485_760, 104_857_600),
    "4.0.10",
    "Bytes of fragmentation below which nothing is done.",
  ),
  shown(
    "active-defrag-threshold-lower",
    "10",
    from(1, 100),
    "4.0.10",
    "Percentage of fragmentation at which work begins.",
  ),
  shown(
    "active-defrag-threshold-upper",
    "100",
    from(1, 100),
    "4.0.10",
    "Percentage of fragmentation at which the effort is greatest.",
  ),
  shown(
    "active-defrag-max-scan-fields",
    "1000",
    from(1, 1_000_000),
    "4.0.10",
    "Largest collection that is handled within the main scan.",
  ),
];

/** Freeing memory in the background; valkey 8 always does. */
export const lazyFreeing: readonly ParameterDefinition[] = [
  settable(
    "lazyfree-lazy-eviction",
    "no",
    yesNo,
    "4.0.10",
    "Whether evicted keys are freed in the background.",
  ),
  settable(
    "lazyfree-lazy-expire",
    "no",
    yesNo,
    "4.0.10",
    "Whether expired keys are freed in the background.",
  ),
  settable(
    "lazyfree-lazy-server-del",
    "no",
    yesNo,
    "4.0.10",
    "Whether values that a command replaces are freed in the background.",
  ),
  settable(
    "lazyfree-lazy-user-del",
    "no",
    yesNo,
    "6.0.0",
    "Whether DEL frees in the background, as UNLINK does.",
  ),
  shown(
    "replica-lazy-flush",
    "yes",
    fixed,
    "4.0.10",
    "Whether a replica empties its old data set in the background.",
  ),
];
