import {
  DescribeGlobalReplicationGroupsCommand,
  type ElastiCacheClient,
  type GlobalReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { until } from "@larder/testkit/until.ts";

const settledWithinMs = 90_000;

/** A global datastore with its members; undefined when there is none. */
async function describeGlobal(
  client: ElastiCacheClient,
  id: string,
): Promise<GlobalReplicationGroup | undefined> {
  const request = { GlobalReplicationGroupId: id, ShowMemberInfo: true };
  const answer = await client.send(new DescribeGlobalReplicationGroupsCommand(request));
  return answer.GlobalReplicationGroups?.[0];
}

/** Waits until a global datastore has the status. */
export async function untilGlobal(
  client: ElastiCacheClient,
  id: string,
  status: string,
): Promise<GlobalReplicationGroup> {
  let found: GlobalReplicationGroup | undefined;
  await until(
    `global datastore ${id} is ${status}`,
    async () => {
      found = await describeGlobal(client, id);
      return found?.Status === status || JSON.stringify(found);
    },
    { withinMs: settledWithinMs },
  );
  return found!;
}
