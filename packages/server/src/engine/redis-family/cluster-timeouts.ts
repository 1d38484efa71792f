/**
 * Silence after which the engine's own cluster takes a node for failed. Larder acts sooner, and ends
 * the process of a node that hangs before anyone takes over, which a vote cannot do: the vote is for
 * when its server is away.
 */
export const clusterNodeTimeoutMs = 5_000;

/**
 * The same for a node that follows a primary which is in no cluster, and so is silent for good. Were
 * that taken for failed, the node would not serve for seconds once it takes over.
 */
export const crossingTimeoutMs = 24 * 60 * 60 * 1_000;
