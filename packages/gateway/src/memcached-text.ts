/** A line of a client's stream, as far as the gateway cares. */
export type Request =
  | { readonly kind: "config-get-cluster" }
  | { readonly kind: "get-cluster-key"; readonly withCas: boolean }
  | { readonly kind: "noop" }
  | { readonly kind: "other"; readonly dataBytes: number };

/** The key that clients older than `config get` read. */
const clusterKey = "AmazonElastiCache:cluster";
const keyBytesMax = 250;
const dataBytesMax = 2 ** 31 - 1 - 2;
/** "\r\n" behind a data block. */
const lineEndBytes = 2;
const other: Request = { kind: "other", dataBytes: 0 };

/** How many words a storage command has, without and with "noreply". */
const storageWords: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["set", [5, 6]],
  ["add", [5, 6]],
  ["replace", [5, 6]],
  ["append", [5, 6]],
  ["prepend", [5, 6]],
  ["cas", [6, 7]],
]);

/**
 * Reads a command as memcached 1.6 does (its proto_text.c): commands are case-sensitive, words are
 * divided by spaces, and a command that it refuses outright has no data block.
 */
export function readRequest(line: string): Request {
  const words = line.split(" ").filter((word) => word !== "");
  const [command = "", key = ""] = words;
  switch (command) {
    case "config":
      return words.length === 3 && key === "get" && words[2]?.toLowerCase() === "cluster"
        ? { kind: "config-get-cluster" }
        : other;
    case "get":
    case "gets":
      return words.length === 2 && key === clusterKey
        ? { kind: "get-cluster-key", withCas: command === "gets" }
        : other;
    case "mn":
      return { kind: "noop" };
    case "ms":
      return words.length >= 3 ? withData(key, words[2]) : other;
    default:
      return storageWords.get(command)?.includes(words.length) ? withData(key, words[4]) : other;
  }
}

function withData(key: string, length: string | undefined): Request {
  if (key.length > keyBytesMax || length === undefined || !/^[+-]?\d+$/.test(length)) return other;
  const bytes = Number(length);
  if (bytes < 0 || bytes > dataBytesMax) return other;
  return { kind: "other", dataBytes: bytes + lineEndBytes };
}

/** How many bytes of data follow a line of memcached's answers. */
export function dataBytesOfReply(line: string): number {
  const classic = /^VALUE \S+ \d+ (\d+)/.exec(line) ?? /^VA (\d+)/.exec(line);
  return classic === null ? 0 : Number(classic[1]) + lineEndBytes;
}

/** Whether a line of memcached's answers is the answer to `mn`. */
export function isNoopReply(line: string): boolean {
  return line === "MN" || line.startsWith("MN ");
}
