/**
 * Silence after which the engine's own cluster takes a node for failed. Larder acts sooner, and ends
 * the process of a node that hangs before anyone takes over, which a vote cannot do: the vote is for
 * when its server is away.
 */
export const clusterNodeTimeoutMs = 5_000;

/** How often an idle primary puts a ping into the replication stream: it shows that replicas read. */
export const replicaPingSeconds = "1";

/**
 * The node timeout of a node that follows a primary outside its cluster, which is silent for good: ten years.
 * Were that taken for failed, the node would serve nobody, nor for seconds once it takes over.
 */
export const outsideTimeoutMs = 10 * 365 * 24 * 60 * 60 * 1_000;
