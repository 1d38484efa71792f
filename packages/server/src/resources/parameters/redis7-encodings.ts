import { fixed, from, type ParameterDefinition, sizeBytesMax } from "./definition.ts";
import { settable, shown } from "./rows.ts";

/** How values are laid out in memory. */
export const encodings: readonly ParameterDefinition[] = [
  ...compactUpTo("hash-max-listpack", "512", "64", "hash"),
  ...compactUpTo("zset-max-listpack", "128", "64", "sorted set"),
  settable(
    "set-max-intset-entries",
    "512",
    from(0),
    "2.8.6",
    "Most members of a set of integers that is stored compactly.",
  ),
  settable(
    "list-compress-depth",
    "0",
    from(0),
    "3.2.4",
    "How many nodes at each end of a list are left uncompressed; 0 compresses none.",
  ),
  shown("list-max-listpack-size", "-2", fixed, "7.0.0", "Size of one node of a list."),
  settable(
    "hll-sparse-max-bytes",
    "3000",
    from(1, 16_000),
    "2.8.6",
    "Bytes up to which a HyperLogLog is stored sparsely.",
  ),
  settable(
    "stream-node-max-bytes",
    "4096",
    from(0, sizeBytesMax),
    "5.0.0",
    "Bytes in one node of a stream; 0 for no limit.",
  ),
  settable(
    "stream-node-max-entries",
    "100",
    from(0),
    "5.0.0",
    "Entries in one node of a stream; 0 for no limit.",
  ),
];

function compactUpTo(
  name: string,
  entries: string,
  value: string,
  what: string,
): readonly ParameterDefinition[] {
  return [
    settable(
      `${name}-entries`,
      entries,
      from(0),
      "7.0.0",
      `Most entries of a ${what} that is stored compactly.`,
    ),
    settable(
      `${name}-value`,
      value,
      from(0),
      "7.0.0",
      `Longest entry, in bytes, of a ${what} that is stored compactly.`,
    ),
  ];
}
