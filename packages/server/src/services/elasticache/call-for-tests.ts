import { Fault } from "../../aws/fault.ts";
import { type Clock, systemClock, type Timer } from "../../base/clock.ts";
import type { CacheClusterSpec } from "../../resources/cache-cluster.ts";
import type { CacheSettings, Member } from "../../resources/cache-settings.ts";
import { newGroupStatus } from "../../resources/compile.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { refIn } from "../../resources/ref.ts";
import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import { openStore } from "../../store/sqlite-store.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** A clock that stands still until it is told the time. */
export class StoppedClock implements Clock {
  time = new Date("2026-03-01T12:00:00.000Z");

  now(): Date {
    return this.time;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, task: () => void): Timer {
    return systemClock.after(delayMs, task);
  }
}

export const redis: InstalledEngine = {
  engine: "redis",
  binaryVersion: "7.0.15",
  path: "/bin/redis-server",
  serves: ["7.0", "7.1"],
  family: "redis7",
};

export const memcached: InstalledEngine = {
  engine: "memcached",
  binaryVersion: "1.6.18",
  path: "/bin/memcached",
  serves: ["1.6.18"],
  family: "memcached1.6",
};

/** A call on an empty store in memory. */
export function newCall(clock: Clock = new StoppedClock()): ElastiCacheCall {
  const account = "123456789012";
  return {
    requestId: "0",
    account,
    region: "us-east-1",
    principal: { arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: "test" },
    now: clock.now(),
    store: openStore(":memory:", clock),
    installed: [redis, memcached],
    vpc: { cidr: "127.31.0.0/16" },
    nodesPerRegion: 300,
  };
}

/** "CODE: message" of the Fault that `work` throws; fails when it throws none. */
export function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("expected a Fault");
}

/** What a fixture may differ in. */
export type Settings = Partial<Pick<CacheSettings, "parameterGroup" | "nodeType">>;

/** Adds a settled stand-alone cluster. */
export function addCluster(call: ElastiCacheCall, id: string, settings: Settings = {}): void {
  const spec: CacheClusterSpec = {
    ...settingsOf(settings),
    members: [memberOf(id)],
    azMode: "single-az",
    pendingNodes: null,
  };
  const status = { state: "available", settledGeneration: 1, because: "" } as const;
  call.store.create(refIn(call, "cache-cluster", id), spec, status, null);
}

/** Adds a settled replication group with members ID-001 and ID-002. */
export function addGroup(call: ElastiCacheCall, id: string, settings: Settings = {}): void {
  const members = [memberOf(`${id}-001`), memberOf(`${id}-002`)];
  const spec: ReplicationGroupSpec = {
    ...settingsOf(settings),
    description: "test",
    clusterMode: "disabled",
    shards: [{ id: "0001", members, slots: [], handover: null }],
    automaticFailover: false,
    multiAz: false,
    migration: null,
  };
  const status = { ...newGroupStatus, state: "available", settledGeneration: 1 } as const;
  call.store.create(refIn(call, "replication-group", id), spec, status, null);
}

function settingsOf({ parameterGroup, nodeType }: Settings): CacheSettings {
  return {
    engine: "redis",
    engineVersion: "7.1",
    nodeType: nodeType ?? "cache.t4g.small",
    port: 6379,
    parameterGroup: parameterGroup ?? "default.redis7",
    subnetGroup: "default",
    securityGroupIds: [],
    maintenanceWindow: "sun:05:00-sun:06:00",
    autoMinorVersionUpgrade: true,
    update: null,
    pending: null,
  };
}

function memberOf(clusterId: string): Member {
  const createdAt = "2026-03-01T00:00:00.000Z";
  return {
    ...{ clusterId, cacheNodeId: "0001", zone: "us-east-1a", reboots: 0 },
    ...{ uid: `${clusterId}-0001`, createdAt },
  };
}
