/** An IP address and a TCP port on it. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** "host:port", as people write it. */
export function formatAddress(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** Whether both name the same place. */
export function sameAddress(a: Address | null, b: Address | null): boolean {
  return a !== null && b !== null && a.host === b.host && a.port === b.port;
}

/** How far above its own port the cluster bus of a node listens, as the engines have it. */
const busPortOffset = 10_000;
const portMax = 65_535;

/** The port of a node's cluster bus. */
export function busPortOf({ port }: Address): number {
  return port + busPortOffset <= portMax ? port + busPortOffset : port - busPortOffset;
}
