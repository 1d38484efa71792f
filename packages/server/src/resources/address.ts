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
