import type { CacheClusterSpec, PendingNodes } from "./cache-cluster.ts";
import type { Member } from "./cache-settings.ts";
import { freeNodeIds, newMember } from "./new-members.ts";

/** A memcached cluster once what waits for its maintenance window was carried out. */
export function withPendingNodes(spec: CacheClusterSpec, now: Date): CacheClusterSpec {
  return spec.pendingNodes === null
    ? spec
    : withNodesChanged(spec, spec.pendingNodes, new Set(), now);
}

/**
 * A memcached cluster once the nodes of `change` were added and removed; nothing waits any more.
 * @param taken cache node ids of nodes that still exist though nobody asks for them
 */
export function withNodesChanged(
  spec: CacheClusterSpec,
  change: PendingNodes,
  taken: ReadonlySet<string>,
  now: Date,
): CacheClusterSpec {
  const [first] = spec.members;
  if (first === undefined) return { ...spec, pendingNodes: null };
  const staying = spec.members.filter(({ cacheNodeId }) => !change.remove.includes(cacheNodeId));
  // A removed node's id is not given to a node of the same change: the two would be taken for one.
  const inUse = new Set([...taken, ...spec.members.map(({ cacheNodeId }) => cacheNodeId)]);
  const ids = freeNodeIds(inUse, change.add.length);
  const added: readonly Member[] = change.add.map(({ zone }, index) =>
    newMember(first.clusterId, ids[index] ?? "", zone ?? first.zone, now),
  );
  const members = [...staying, ...added].toSorted((a, b) =>
    a.cacheNodeId < b.cacheNodeId ? -1 : 1,
  );
  return { ...spec, members, pendingNodes: null };
}
