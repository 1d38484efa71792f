import type { Config } from "@larder/server/config.ts";

/** The host that a client of this machine reaches the server at: a wildcard is no destination. */
export function clientHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "::1";
  return host;
}

/** The server's address for a client of this machine, e.g. "http://127.0.0.1:4566". */
export function endpointOf(config: Pick<Config, "host" | "port">): string {
  const host = clientHost(config.host);
  return `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`;
}
