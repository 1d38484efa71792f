import { readFileSync } from "node:fs";

/** Every IPv4 address that some process of this machine listens on, as "host:port" (Linux). */
export function listeningAddresses(): readonly string[] {
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    if (state !== "0A") return [];
    const [addressHex = "", portHex = ""] = local.split(":");
    // The kernel writes the address as a little-endian word: 127.44.0.1 is 01002C7F.
    const octets = addressHex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    return [`${octets.toReversed().join(".")}:${Number.parseInt(portHex, 16)}`];
  });
}
