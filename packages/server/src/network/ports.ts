import { assert } from "../base/assert.ts";
import { firstFree } from "./first-free.ts";
import type { Network } from "./network.ts";

/** The ports that the `ports` driver gives out, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below 32768, where Linux takes the ports of outgoing connections from. */
const defaultPortRange: PortRange = { first: 20_000, last: 29_999 };

/** A cluster node's bus listens this far above the node's own port. */
const clusterBusOffset = 10_000;
const portMax = 65_535;

/**
 * One address for everything, with a port for each node and endpoint. The port asked for is given
 * if it lies in the range and is free, else the range's lowest free one. It is never given outside
 * of the range: everybody asks for 6379, so it would go to whichever cache came first, and may
 * belong to an engine that Larder does not run.
 * @param host what nodes listen on and clients connect to
 */
export function createPortsNetwork(host: string, range: PortRange = defaultPortRange): Network {
  assert(range.first > 0 && range.first <= range.last, "a port range holds a port");
  assert(range.last + clusterBusOffset < portMax, "every node's bus port is a port");
  assert(range.last - range.first < clusterBusOffset, "no node's port is another node's bus port");
  return {
    name: "ports",
    pick({ port, taken, recent }) {
      const held = portsOf(taken);
      const stale = portsOf(recent ?? new Set());
      if (port >= range.first && port <= range.last && !held.has(port)) return { host, port };
      const free = firstFree(range.first, range.last, (candidate) => candidate, held, stale);
      return free === null ? null : { host, port: free };
    },
    carrier: () => "gateway",
  };
}

/** Ports alone: an address recorded under an earlier LARDER_HOST still holds its port. */
function portsOf(addresses: ReadonlySet<string>): ReadonlySet<number> {
  return new Set(
    [...addresses].map((address) => Number(address.slice(address.lastIndexOf(":") + 1))),
  );
}
