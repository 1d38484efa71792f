/**
 * Whether a replication group's nodes form an engine's cluster. "compatible" is the step between
 * the two: one shard whose nodes do, and which clients reach either way.
 */
export type ClusterMode = "disabled" | "compatible" | "enabled";

/** Whether a node with these engine parameters runs in cluster mode. */
export function isClusterMode(parameters: Readonly<Record<string, string>>): boolean {
  return parameters["cluster-enabled"] === "yes";
}

/** Whether all clients of a cache are those of clusters: it has no endpoints for any others. */
export function clientsKnowClusters(mode: ClusterMode): boolean {
  return mode === "enabled";
}
