import type { CacheCluster } from "@aws-sdk/client-elasticache";
import { page } from "../../aws/pagination.ts";
import { cacheClusterShape } from "./cache-cluster-shape.ts";
import {
  type KnownCluster,
  type ListedCluster,
  listClusters,
  requireCluster,
} from "./known-clusters.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { parameterStatus } from "./parameter-status.ts";
import { refuseUnavailable } from "./refused-settings.ts";

export const describeCacheClusters: Operation<"DescribeCacheClusters"> = (input, call) => {
  refuseUnavailable("DescribeCacheClusters", input);
  const { CacheClusterId: name, ShowCacheClustersNotInReplicationGroups: onlyOwn } = input;
  const chosen = name === undefined ? listClusters(call) : [asListed(requireCluster(call, name))];
  const shown = chosen.filter(({ isMember }) => onlyOwn !== true || !isMember);
  const { page: clusters, ...next } = page(shown, input, {
    operation: "DescribeCacheClusters",
    keyOf: ({ id }) => id,
  });
  const showNodes = input.ShowCacheNodeInfo === true;
  return { ...next, CacheClusters: clusters.map((one) => shaped(call, one.read(), showNodes)) };
};

/** What operations on a cache cluster answer: the cluster as it now is, without its nodes. */
export function answerWithCluster(
  call: ElastiCacheCall,
  id: string,
): { CacheCluster: CacheCluster } {
  return { CacheCluster: shaped(call, requireCluster(call, id), false) };
}

/** What the deletion of a cluster answers: the cluster as it was, on its way out. */
export function answerWithLeaving(
  call: ElastiCacheCall,
  cluster: KnownCluster,
): { CacheCluster: CacheCluster } {
  return { CacheCluster: shaped(call, { ...cluster, state: "deleting" }, false) };
}

function asListed(cluster: KnownCluster): ListedCluster {
  return { id: cluster.id, isMember: cluster.membership !== null, read: () => cluster };
}

function shaped(call: ElastiCacheCall, cluster: KnownCluster, showNodes: boolean): CacheCluster {
  return cacheClusterShape(call, cluster, {
    parameters: parameterStatus(call, cluster),
    showNodes,
  });
}
