import {
  CacheClusterNotFoundFault,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ReplicationGroupNotFoundFault,
  type CacheCluster,
  type ElastiCacheClient,
  type ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { until } from "./until.ts";

/** Waits until a replication group has `status`, and resolves with the group as then described. */
export async function waitForGroup(
  client: ElastiCacheClient,
  id: string,
  status: string,
  withinMs: number,
): Promise<ReplicationGroup> {
  return described(`group ${id} is ${status}`, status, withinMs, async () => {
    const group = await describeGroup(client, id);
    return group === null ? null : { status: group.Status, value: group };
  });
}

/** Waits until a cache cluster has `status`, and resolves with the cluster as then described. */
export async function waitForCluster(
  client: ElastiCacheClient,
  id: string,
  status: string,
  withinMs: number,
): Promise<CacheCluster> {
  return described(`cluster ${id} is ${status}`, status, withinMs, async () => {
    const cluster = await describeCluster(client, id);
    return cluster === null ? null : { status: cluster.CacheClusterStatus, value: cluster };
  });
}

/** Waits until a replication group is gone. */
export async function waitForNoGroup(
  client: ElastiCacheClient,
  id: string,
  withinMs: number,
): Promise<void> {
  await until(
    `group ${id} is gone`,
    async () => {
      const group = await describeGroup(client, id);
      return group === null || `status ${group.Status}`;
    },
    { withinMs },
  );
}

/** Waits until a cache cluster is gone. */
export async function waitForNoCluster(
  client: ElastiCacheClient,
  id: string,
  withinMs: number,
): Promise<void> {
  await until(
    `cluster ${id} is gone`,
    async () => {
      const cluster = await describeCluster(client, id);
      return cluster === null || `status ${cluster.CacheClusterStatus}`;
    },
    { withinMs },
  );
}

async function described<T>(
  what: string,
  status: string,
  withinMs: number,
  read: () => Promise<{ readonly status: string | undefined; readonly value: T } | null>,
): Promise<T> {
  const found: T[] = [];
  await until(
    what,
    async () => {
      const seen = await read();
      if (seen === null) return "it does not exist";
      if (seen.status !== status) return `status ${seen.status}`;
      found.push(seen.value);
      return true;
    },
    { withinMs },
  );
  const [value] = found;
  if (value === undefined) throw new Error(`${what}, but nothing was described`);
  return value;
}

async function describeGroup(
  client: ElastiCacheClient,
  id: string,
): Promise<ReplicationGroup | null> {
  try {
    const answer = await client.send(
      new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }),
    );
    return answer.ReplicationGroups?.[0] ?? null;
  } catch (error) {
    if (error instanceof ReplicationGroupNotFoundFault) return null;
    throw error;
  }
}

async function describeCluster(
  client: ElastiCacheClient,
  id: string,
): Promise<CacheCluster | null> {
  try {
    const command = new DescribeCacheClustersCommand({
      CacheClusterId: id,
      ShowCacheNodeInfo: true,
    });
    return (await client.send(command)).CacheClusters?.[0] ?? null;
  } catch (error) {
    if (error instanceof CacheClusterNotFoundFault) return null;
    throw error;
  }
}
