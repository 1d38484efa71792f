import type { Vulnerability } from "./vulnerability.ts";

/** Of memcached 1.6, by its release notes and Debian's changelog. Larder uses neither proxy nor SASL. */
export const memcachedVulnerabilities: readonly Vulnerability[] = [
  {
    id: "CVE-2023-46852",
    severity: "important",
    what: "In proxy mode, a multiget with many spaces after its command overflows a buffer.",
    mended: { memcached: ["1.6.18-1+deb12u1", "1.6.22"] },
    guard: { says: "Larder does not start memcached's proxy." },
  },
  {
    id: "CVE-2023-46853",
    severity: "important",
    what: "In proxy mode, a line that ends without a carriage return is read one byte too far.",
    mended: { memcached: ["1.6.18-1+deb12u1", "1.6.22"] },
    guard: { says: "Larder does not start memcached's proxy." },
  },
  {
    id: "CVE-2026-47783",
    severity: "important",
    what: "With a SASL password file, the time of an answer tells which user names exist.",
    mended: { memcached: ["1.6.18-1+deb12u1", "1.6.42"] },
    guard: { says: "Larder does not use SASL." },
  },
  {
    id: "CVE-2026-47784",
    severity: "important",
    what: "With a SASL password file, the time of an answer tells how much of a password is right.",
    mended: { memcached: ["1.6.18-1+deb12u1", "1.6.42"] },
    guard: { says: "Larder does not use SASL." },
  },
];
