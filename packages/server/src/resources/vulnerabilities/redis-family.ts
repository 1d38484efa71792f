import type { Vulnerability } from "./vulnerability.ts";

/** The revision of Debian 12's redis 7.0.15, which mends what upstream's 7.0 no longer does. */
const debian = (update: number): string => `7.0.15-1~deb12u${update}`;

const refusesRestore = {
  says: "Larder refuses RESTORE to the cache's users.",
  withheld: ["restore"],
} as const;

/**
 * Of redis 7.0 and valkey 7.2 to 8.1, the branches that Larder runs, by the engines' release notes
 * and Debian's changelogs. Valkey began after redis 7.2.4, so it never had what was mended there.
 */
export const redisFamilyVulnerabilities: readonly Vulnerability[] = [
  {
    id: "CVE-2022-31144",
    severity: "important",
    what: "XAUTOCLAIM with a crafted COUNT overflows the heap.",
    mended: { redis: ["7.0.4"] },
  },
  {
    id: "CVE-2022-35951",
    severity: "important",
    what: "XAUTOCLAIM with a crafted COUNT overflows an integer, then the heap.",
    mended: { redis: ["7.0.5"] },
  },
  {
    id: "CVE-2022-35977",
    severity: "medium",
    what: "SETRANGE and SORT with huge numbers end the process.",
    mended: { redis: ["7.0.8"] },
  },
  {
    id: "CVE-2023-22458",
    severity: "medium",
    what: "HRANDFIELD and ZRANDMEMBER with huge counts end the process.",
    mended: { redis: ["7.0.8"] },
  },
  {
    id: "CVE-2022-36021",
    severity: "medium",
    what: "A crafted pattern of SCAN or KEYS keeps the process busy for ever.",
    mended: { redis: ["7.0.9"] },
  },
  {
    id: "CVE-2023-25155",
    severity: "medium",
    what: "SRANDMEMBER and its like with huge counts end the process.",
    mended: { redis: ["7.0.9"] },
  },
  {
    id: "CVE-2023-28425",
    severity: "medium",
    what: "A crafted MSETNX ends the process.",
    mended: { redis: ["7.0.10"] },
  },
  {
    id: "CVE-2023-28856",
    severity: "medium",
    what: "HINCRBYFLOAT can make a hash field that ends the process when it is read.",
    mended: { redis: ["7.0.11"] },
  },
  {
    id: "CVE-2022-24834",
    severity: "important",
    what: "A Lua script can overflow the heap through cjson and cmsgpack.",
    mended: { redis: ["7.0.12"] },
  },
  {
    id: "CVE-2023-36824",
    severity: "important",
    what: "COMMAND GETKEYS and key patterns with crafted commands overflow the heap.",
    mended: { redis: ["7.0.12"] },
  },
  {
    id: "CVE-2023-41053",
    severity: "low",
    what: "SORT_RO reads keys outside a user's key pattern.",
    mended: { redis: ["7.0.13"] },
  },
  {
    id: "CVE-2023-45145",
    severity: "low",
    what: "For a moment at the start a Unix socket is open to others.",
    mended: { redis: ["7.0.14"] },
    guard: { says: "Larder opens no Unix socket." },
  },
  {
    id: "CVE-2023-41056",
    severity: "important",
    what: "A buffer that is resized is counted wrongly, and the heap overflows.",
    mended: { redis: ["7.0.15"] },
  },
  {
    id: "CVE-2024-31227",
    severity: "medium",
    what: "A malformed ACL selector ends the process.",
    mended: { redis: [debian(2)], valkey: ["7.2.7", "8.0.1", "8.1.0"] },
    guard: { says: "Larder refuses ACL SETUSER to the cache's users." },
  },
  {
    id: "CVE-2024-31228",
    severity: "medium",
    what: "A long pattern of KEYS, SCAN, PSUBSCRIBE or ACL rules overflows the stack.",
    mended: { redis: [debian(2)], valkey: ["7.2.7", "8.0.1", "8.1.0"] },
  },
  {
    id: "CVE-2024-31449",
    severity: "important",
    what: "A Lua script can overflow the stack through the bit library.",
    mended: { redis: [debian(2)], valkey: ["7.2.7", "8.0.1", "8.1.0"] },
  },
  {
    id: "CVE-2024-46981",
    severity: "important",
    what: "A Lua script can run code in the process by way of the garbage collector.",
    mended: { redis: [debian(3)], valkey: ["7.2.8", "8.0.2", "8.1.0"] },
  },
  {
    id: "CVE-2024-51741",
    severity: "medium",
    what: "A malformed ACL selector, when it is read, ends the process.",
    mended: { redis: [debian(3)], valkey: ["7.2.8", "8.0.2", "8.1.0"] },
    guard: { says: "Larder refuses ACL SETUSER to the cache's users." },
  },
  {
    id: "CVE-2025-21605",
    severity: "important",
    what: "Clients that never read their replies fill the memory, without authenticating.",
    mended: { redis: [debian(4)], valkey: ["7.2.9", "8.0.3", "8.1.1"] },
    guard: { says: "Larder bounds every client's output buffer.", boundsOutput: true },
  },
  {
    id: "CVE-2025-27151",
    severity: "medium",
    what: "The check-aof program overflows its stack by a long file name.",
    mended: { redis: [debian(5)], valkey: ["7.2.10", "8.0.4", "8.1.2"] },
    guard: { says: "Larder does not run the check-aof program." },
  },
  {
    id: "CVE-2025-32023",
    severity: "important",
    what: "A crafted string makes HyperLogLog commands write outside their memory.",
    mended: { redis: [debian(5)], valkey: ["7.2.10", "8.0.4", "8.1.3"] },
  },
  {
    id: "CVE-2025-48367",
    severity: "important",
    what: "Errors of the protocol from one connection starve the others.",
    mended: { redis: [debian(5)], valkey: ["7.2.10", "8.0.4", "8.1.3"] },
  },
  {
    id: "CVE-2025-49844",
    severity: "critical",
    what: "A Lua script can use memory that was freed, and run code in the process.",
    mended: { redis: [debian(6)], valkey: ["7.2.11", "8.0.6", "8.1.4"] },
  },
  {
    id: "CVE-2025-46817",
    severity: "important",
    what: "A Lua script can overflow an integer in unpack, and may run code in the process.",
    mended: { redis: [debian(6)], valkey: ["7.2.11", "8.0.6", "8.1.4"] },
  },
  {
    id: "CVE-2025-46818",
    severity: "medium",
    what: "A Lua script can change what later scripts, of other users, see of basic types.",
    mended: { redis: [debian(6)], valkey: ["7.2.11", "8.0.6", "8.1.4"] },
  },
  {
    id: "CVE-2025-46819",
    severity: "medium",
    what: "A Lua script with a crafted long string reads outside its memory.",
    mended: { redis: [debian(6)], valkey: ["7.2.11", "8.0.6", "8.1.4"] },
  },
  {
    id: "CVE-2025-67733",
    severity: "important",
    what: "A Lua script's error reply can carry line ends into others' replies.",
    mended: { redis: [debian(7)], valkey: ["7.2.12", "8.0.7", "8.1.6"] },
  },
  {
    id: "CVE-2026-21863",
    severity: "important",
    what: "A malformed packet on the cluster bus ends the process.",
    mended: { redis: [debian(7)], valkey: ["7.2.12", "8.0.7", "8.1.6"] },
  },
  {
    id: "CVE-2026-23631",
    severity: "important",
    what: "A full sync during a Lua script uses memory that was freed on a writable replica.",
    mended: { redis: [debian(8)], valkey: ["7.2.13", "8.0.9", "8.1.7"] },
  },
  {
    id: "CVE-2026-25243",
    severity: "important",
    what: "A crafted RESTORE payload touches memory that is not its own.",
    mended: { redis: [debian(8)], valkey: ["7.2.13", "8.0.9", "8.1.7"] },
    guard: refusesRestore,
  },
  {
    id: "CVE-2026-23479",
    severity: "important",
    what: "A client that is freed while it is unblocked is used once more.",
    mended: { valkey: ["7.2.13", "8.0.9", "8.1.7"] },
  },
  {
    id: "CVE-2026-66373",
    severity: "important",
    what: "A crafted RESTORE payload frees memory twice, and may run code in the process.",
    mended: { redis: [debian(9)] },
    guard: refusesRestore,
  },
  {
    id: "CVE-2026-56684",
    severity: "important",
    what: "CLIENT KILL over TLS uses memory that was freed.",
    mended: { valkey: ["7.2.14", "8.0.10", "8.1.9"] },
    guard: { says: "Larder refuses CLIENT KILL to the cache's users." },
  },
  {
    id: "CVE-2026-63639",
    severity: "important",
    what: "A corrupt stream in a snapshot or a RESTORE payload may run code in the process.",
    mended: { valkey: ["7.2.14", "8.0.10", "8.1.9"] },
    guard: refusesRestore,
  },
  {
    id: "CVE-2026-81934",
    severity: "critical",
    what: "Over TLS, pending data of a closed connection is used, without authenticating.",
    mended: { redis: [debian(10)] },
  },
  {
    id: "CVE-2026-92925",
    severity: "medium",
    what: "A malformed ping on the cluster bus is read beyond its end.",
    mended: { redis: [debian(10)] },
  },
  {
    id: "valkey#3971",
    severity: "medium",
    what:
      "GEORADIUS with two STORE options writes outside a user's key pattern: do not rely on key " +
      "patterns alone to keep users apart.",
    mended: { redis: [], valkey: ["8.0.11"] },
  },
];
