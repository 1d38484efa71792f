import type { ChaosTest } from "../suite.ts";
import { say } from "../suite.ts";
import { memcachedKilled } from "./memcached-lost.ts";
import { plannedInCluster } from "./planned.ts";
import {
  newPrimaryKilled,
  primaryKilled,
  primaryKilledWithWait,
  primaryStopped,
} from "./primary-lost.ts";
import { shardPrimaryElected, shardPrimaryKilled, shardPrimaryStopped } from "./shard-lost.ts";
import { replicaKilled, zoneKilled } from "./replica-lost.ts";

/** How the failover tests are run. */
export interface FailoverSuite {
  /** Engines of the redis family. */
  readonly engines: readonly string[];
  readonly rounds: number;
  /** LARDER_FAILURE_TIMEOUT_MS of R3; null for the default. */
  readonly failureTimeoutMs: number;
}

/** Clusters of one and of two shards have no majority without the one that lost its primary. */
const clusterSizes = [1, 2, 3, 5] as const;
const votingSizes = [3, 5] as const;
const stoppedSize = 3;

/** R1 to R8 on each engine, and R23. */
export function failoverTests(suite: FailoverSuite): readonly ChaosTest[] {
  const { rounds, failureTimeoutMs } = suite;
  const replicated = suite.engines.flatMap((engine): readonly ChaosTest[] => {
    const options = { engine, rounds, say };
    return [
      { id: "R1", engine, run: () => primaryKilled(options) },
      { id: "R2", engine, run: () => primaryKilledWithWait(options) },
      { id: "R3", engine, run: () => primaryStopped(options, failureTimeoutMs) },
      { id: "R4", engine, run: () => plannedInCluster(options) },
      ...clusterSizes.map((shards): ChaosTest => {
        return { id: "R5", engine, run: () => shardPrimaryKilled({ ...options, shards }) };
      }),
      ...votingSizes.map((shards): ChaosTest => {
        return { id: "R5", engine, run: () => shardPrimaryElected({ ...options, shards }) };
      }),
      {
        ...{ id: "R5", engine },
        run: () => shardPrimaryStopped({ ...options, shards: stoppedSize }, failureTimeoutMs),
      },
      { id: "R6", engine, run: () => newPrimaryKilled(options) },
      { id: "R7", engine, run: () => replicaKilled(options) },
      { id: "R8", engine, run: () => zoneKilled(options) },
    ];
  });
  const memcached = { engine: "memcached", rounds, say };
  return [...replicated, { id: "R23", engine: "memcached", run: () => memcachedKilled(memcached) }];
}
