import { formatIpv4, parseCidr } from "../resources/vpc.ts";
import { firstFree } from "./first-free.ts";
import type { Network } from "./network.ts";

/** AWS keeps a subnet's network address, router, DNS and a spare, and its broadcast address. */
const reservedAtStart = 4;
const reservedAtEnd = 1;

/**
 * Every node and endpoint has an IPv4 address of its own, on the port that was asked for. Linux
 * answers on all of 127.0.0.0/8 without set-up or rights. An address that another process holds
 * is found out by who binds it, and is asked for again with that address among the taken.
 */
export function createLoopbackNetwork(): Network {
  return {
    name: "loopback",
    pick({ subnet, port, taken, recent }) {
      const block = parseCidr(subnet);
      const host = firstFree(
        block.first + reservedAtStart,
        block.last - reservedAtEnd,
        formatIpv4,
        hostsOf(taken),
        hostsOf(recent ?? new Set()),
      );
      return host === null ? null : { host: formatIpv4(host), port };
    },
    carrier(kind, targets, movable) {
      if (!movable) return "gateway";
      return kind === "reader" && targets > 1 ? "gateway" : "engine";
    },
  };
}

/** Hosts alone: an address belongs to one node whatever its port. */
function hostsOf(addresses: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...addresses].map((address) => address.slice(0, address.lastIndexOf(":"))));
}
