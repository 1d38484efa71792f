import type { Discovery } from "./protocol.ts";

/**
 * The answer to `config get cluster`, byte for byte as ElastiCache gives it: nodes in order of host
 * name, the length counting both payload lines with their line feeds.
 */
export function configReply(discovery: Discovery): string {
  const payload = discoveryPayload(discovery);
  return `CONFIG cluster 0 ${Buffer.byteLength(payload)}\r\n${payload}\r\nEND\r\n`;
}

/**
 * The answer to `get` or `gets` of AmazonElastiCache:cluster. The version is its cas number, as it
 * changes exactly when the value does.
 */
export function clusterKeyReply(discovery: Discovery, withCas: boolean): string {
  const payload = discoveryPayload(discovery);
  const cas = withCas ? ` ${discovery.version}` : "";
  const header = `VALUE AmazonElastiCache:cluster 0 ${Buffer.byteLength(payload)}${cas}`;
  return `${header}\r\n${payload}\r\nEND\r\n`;
}

/** The two lines that auto discovery shows: the version, and the nodes in order of host name. */
export function discoveryPayload(discovery: Discovery): string {
  const nodes = discovery.nodes
    .toSorted((a, b) => compare(a.host, b.host) || a.port - b.port)
    .map((node) => `${node.host}|${node.ip}|${node.port}`);
  return `${discovery.version}\n${nodes.join(" ")}\n`;
}

/** By code units: the order must not change with a machine's locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
