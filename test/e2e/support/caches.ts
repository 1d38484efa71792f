import {
  type CacheCluster,
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeEventsCommand,
  type ElastiCacheClient,
  type Endpoint,
  type ReplicationGroup,
  type SourceType,
} from "@aws-sdk/client-elasticache";
import type { Address } from "@larder/server/resources/address.ts";
import { waitForCluster, waitForGroup } from "@larder/testkit/wait-for.ts";

/** Creating may share the machine with other suites; alone it takes a second or two. */
export const createdWithinMs = 30_000;

/** A replication group that is available. */
export interface Group {
  readonly id: string;
  readonly primary: Address;
  readonly reader: Address;
}

/** Creates a replication group and waits until it is available. */
export async function createGroup(
  client: ElastiCacheClient,
  id: string,
  settings: Partial<CreateReplicationGroupCommandInput> = {},
): Promise<Group> {
  await client.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: "made by a test",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      ...settings,
    }),
  );
  return groupOf(await waitForGroup(client, id, "available", createdWithinMs));
}

/** Creates a replication group in cluster mode and waits until it is available. */
export async function createClusterGroup(
  client: ElastiCacheClient,
  id: string,
  settings: Partial<CreateReplicationGroupCommandInput> = {},
): Promise<ReplicationGroup> {
  await client.send(
    new CreateReplicationGroupCommand({
      ...{ ReplicationGroupId: id, ReplicationGroupDescription: "made by a test" },
      ...{ CacheNodeType: "cache.t4g.small", ClusterMode: "enabled" },
      AutomaticFailoverEnabled: true,
      ...settings,
    }),
  );
  return waitForGroup(client, id, "available", createdWithinMs);
}

/** Creates a cache cluster and waits until it is available. */
export async function createCluster(
  client: ElastiCacheClient,
  id: string,
  settings: Partial<CreateCacheClusterCommandInput>,
): Promise<CacheCluster> {
  await client.send(
    new CreateCacheClusterCommand({
      CacheClusterId: id,
      CacheNodeType: "cache.t4g.small",
      NumCacheNodes: 1,
      ...settings,
    }),
  );
  return waitForCluster(client, id, "available", createdWithinMs);
}

/** The endpoints of a described group. */
export function groupOf(group: ReplicationGroup): Group {
  const shard = group.NodeGroups?.[0];
  return {
    id: group.ReplicationGroupId ?? "",
    primary: addressOf(shard?.PrimaryEndpoint),
    reader: addressOf(shard?.ReaderEndpoint),
  };
}

/** The address of a described endpoint; an endpoint that is missing fails the test. */
export function addressOf(endpoint: Endpoint | undefined): Address {
  const { Address: host, Port: port } = endpoint ?? {};
  if (host === undefined || port === undefined) throw new Error("the endpoint is missing");
  return { host, port };
}

/** The endpoints of a described cluster's nodes, in order. */
export function nodeAddresses(cluster: CacheCluster): readonly Address[] {
  return (cluster.CacheNodes ?? []).map((node) => addressOf(node.Endpoint));
}

/** The messages of a source's events, oldest first. */
export async function messagesOf(
  client: ElastiCacheClient,
  type: SourceType,
  id: string,
): Promise<readonly string[]> {
  const command = new DescribeEventsCommand({ SourceType: type, SourceIdentifier: id });
  const { Events = [] } = await client.send(command);
  return Events.map((event) => event.Message ?? "").toReversed();
}
