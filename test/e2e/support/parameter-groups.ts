import {
  CreateCacheParameterGroupCommand,
  DescribeCacheClustersCommand,
  type ElastiCacheClient,
  ModifyCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import type { TestEngine } from "@larder/testkit/engines.ts";
import { until } from "@larder/testkit/until.ts";

/** The family of each engine's newest installed version. */
export const familyOf: Readonly<Record<TestEngine, string>> = {
  redis: "redis7",
  valkey: "valkey8",
  memcached: "memcached1.6",
};

/** As many parameters as one call may change. */
const perCall = 20;

/** Makes a parameter group with these values, and resolves with its name. */
export async function parameterGroup(
  client: ElastiCacheClient,
  name: string,
  engine: TestEngine,
  values: Readonly<Record<string, string>> = {},
): Promise<string> {
  await client.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: familyOf[engine],
      Description: "made by a test",
    }),
  );
  await setParameters(client, name, values);
  return name;
}

/** Changes values of a parameter group, in as many calls as it takes. */
export async function setParameters(
  client: ElastiCacheClient,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const all = Object.entries(values).map(([ParameterName, ParameterValue]) => ({
    ...{ ParameterName, ParameterValue },
  }));
  for (let from = 0; from < all.length; from += perCall) {
    const ParameterNameValues = all.slice(from, from + perCall);
    await client.send(
      new ModifyCacheParameterGroupCommand({ CacheParameterGroupName: name, ParameterNameValues }),
    );
  }
}

/** Waits until a cache cluster's nodes are as far with their parameters as `status` says. */
export async function untilParameters(
  client: ElastiCacheClient,
  id: string,
  status: "in-sync" | "applying" | "pending-reboot",
  withinMs: number,
): Promise<void> {
  await until(
    `the parameters of ${id} are ${status}`,
    async () => {
      const { CacheClusters } = await client.send(
        new DescribeCacheClustersCommand({ CacheClusterId: id }),
      );
      const seen = CacheClusters?.[0]?.CacheParameterGroup?.ParameterApplyStatus;
      return seen === status || `they are ${seen}`;
    },
    { withinMs },
  );
}
