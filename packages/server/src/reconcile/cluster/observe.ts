import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import type { ClusterView, Session } from "../../engine/engine.ts";
import { shardIdOf } from "../../resources/compile.ts";
import { refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Fleet } from "../fleet.ts";
import type { RouteTable } from "../shard/route-table.ts";
import type { SeenCluster, SeenClusterNode } from "./seen.ts";

/** What clusters are looked at and driven with. */
export interface ClusterTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly routes: RouteTable;
}

/** A node that takes longer to answer a look counts as unreadable in this pass. */
const lookWithinMs = 500;

/** Reads a cluster: every node that is to stay, as it sees the others. */
export async function observeCluster(
  tools: ClusterTools,
  group: Resource<"replication-group">,
  shards: readonly Resource<"shard">[],
): Promise<SeenCluster> {
  const { store, routes } = tools;
  const nodes = await Promise.all(
    shards
      .filter((shard) => shard.deletingSince === null)
      .flatMap((shard) => store.ownedBy("node", shard).map((node) => ({ shard, node })))
      .filter(({ node }) => node.deletingSince === null)
      .map(({ shard, node }) => observeNode(tools, shard, node)),
  );
  return {
    nodes: nodes.filter((one) => one !== null),
    routesInForce: routes.carries(refKey(group), group.status.routes),
  };
}

async function observeNode(
  { clock, fleet }: ClusterTools,
  shard: Resource<"shard">,
  node: Resource<"node">,
): Promise<SeenClusterNode | null> {
  const { address } = node.status;
  if (address === null) return null;
  const session = fleet.isHung(node) ? null : fleet.session(node);
  const sample = fleet.reading(node)?.sample;
  return {
    ...{ id: node.id, shardId: shardIdOf(shard), address },
    isPrimary: shard.status.primary === node.id,
    view: await clusterViewOf(clock, session, lookWithinMs),
    memory:
      sample === undefined || sample.maxMemoryBytes === 0
        ? null
        : { usedBytes: sample.usedMemoryBytes, maxBytes: sample.maxMemoryBytes },
  };
}

/** Reads a node's view of its cluster, or null if it gives none within `withinMs`. */
export async function clusterViewOf(
  clock: Clock,
  session: Session | null,
  withinMs: number,
): Promise<ClusterView | null> {
  if (session?.cluster === undefined) return null;
  try {
    return await withDeadline(clock, "CLUSTER NODES", withinMs, session.cluster.view());
  } catch {
    // An unreadable node is an observation, not a failure of the pass: the plan decides.
    return null;
  }
}
