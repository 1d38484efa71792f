import {
  DescribeCacheParameterGroupsCommand,
  DescribeCacheParametersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeEventsCommand,
  type ElastiCacheClient,
  ListTagsForResourceCommand,
  paginateDescribeCacheClusters,
  paginateDescribeReplicationGroups,
} from "@aws-sdk/client-elasticache";
import type { TestServer } from "@larder/testkit/server.ts";
import { statusOf } from "@larder/testkit/status.ts";

/** Everything that callers can see of a server, the figures that change by themselves left out. */
export async function stateOf(server: TestServer, client: ElastiCacheClient): Promise<unknown> {
  const caches = await cachesOf(client);
  const arns = [...caches.groups, ...caches.clusters].map((one) => one.ARN);
  const [parameterGroups, subnetGroups, events, processes, ...tags] = await Promise.all([
    parameterGroupsOf(client),
    client.send(new DescribeCacheSubnetGroupsCommand({})),
    client.send(new DescribeEventsCommand({ Duration: 600 })),
    processesOf(server),
    ...arns.map(async (arn) => {
      const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName: arn }));
      return [arn, TagList] as const;
    }),
  ]);
  return {
    ...caches,
    ...{ parameterGroups, processes, tags },
    subnetGroups: subnetGroups.CacheSubnetGroups,
    events: events.Events,
  };
}

/** Every cache, as described. */
export async function cachesOf(client: ElastiCacheClient) {
  const groups = [];
  for await (const page of paginateDescribeReplicationGroups({ client }, {})) {
    groups.push(...(page.ReplicationGroups ?? []));
  }
  const clusters = [];
  for await (const page of paginateDescribeCacheClusters({ client }, { ShowCacheNodeInfo: true })) {
    clusters.push(...(page.CacheClusters ?? []));
  }
  return { groups, clusters };
}

async function parameterGroupsOf(client: ElastiCacheClient): Promise<unknown> {
  const { CacheParameterGroups = [] } = await client.send(
    new DescribeCacheParameterGroupsCommand({}),
  );
  return Promise.all(
    CacheParameterGroups.map(async ({ CacheParameterGroupName, Description }) => {
      const command = new DescribeCacheParametersCommand({
        ...{ CacheParameterGroupName, Source: "user" },
      });
      const { Parameters } = await client.send(command);
      return { CacheParameterGroupName, Description, Parameters };
    }),
  );
}

async function processesOf(server: TestServer): Promise<unknown> {
  const { caches } = await statusOf(server);
  return caches.map(({ region, id, state, endpoints, shards }) => ({
    ...{ region, id, state, endpoints },
    nodes: shards.flatMap((shard) =>
      shard.nodes.map(({ id: node, role, address, pid }) => ({ node, role, address, pid })),
    ),
  }));
}
