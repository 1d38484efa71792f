import type { Clock } from "@larder/server/base/clock.ts";
import { systemClock } from "@larder/server/base/clock.ts";
import { type InstalledEngine } from "@larder/server/resources/engine-name.ts";
import { kinds } from "@larder/server/resources/ref.ts";
import type {
  ElastiCacheCall,
  Input,
  Operation,
  OperationName,
  Output,
} from "@larder/server/services/elasticache/operation.ts";
import { quotas } from "@larder/server/services/elasticache/quotas.ts";
import { operations } from "@larder/server/services/elasticache/operations.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import type { Store } from "@larder/server/store/store.ts";
import { settle } from "./settle.ts";

const home = { account: "000000000000", region: "us-east-1" };

/** The engines that a Debian machine has, as data: no operation starts one. */
export const installed: readonly InstalledEngine[] = [
  {
    ...{ engine: "redis", binaryVersion: "7.0.15", path: "/usr/bin/redis-server" },
    ...{ serves: ["7.0", "7.1"], family: "redis7" },
  },
  {
    ...{ engine: "valkey", binaryVersion: "8.0.1", path: "/usr/bin/valkey-server" },
    ...{ serves: ["8.0"], family: "valkey8" },
  },
  {
    ...{ engine: "memcached", binaryVersion: "1.6.18", path: "/usr/bin/memcached" },
    ...{ serves: ["1.6.18"], family: "memcached1.6" },
  },
];

/** The operations on a store of their own; `settle` plays the reconcilers. */
export interface World extends Disposable {
  readonly store: Store;
  readonly call: ElastiCacheCall;
  /** Runs an operation, and leaves its changes unsettled. */
  ask<N extends OperationName>(operation: N, input: Input<N>): Output<N>;
  /** Runs an operation and carries out what it asked for. */
  have<N extends OperationName>(operation: N, input: Input<N>): Output<N>;
  settle(): void;
  /** Everything that the store holds, to compare. */
  dump(): unknown;
}

/** @param clock stamps what the store writes; calls happen at its time too */
export function newWorld(clock: Clock = systemClock): World {
  const store = openStore(":memory:", clock);
  const principal = { arn: "arn:aws:iam::000000000000:root", userId: "0", accessKeyId: "A" };
  const callNow = (): ElastiCacheCall => ({
    ...{ requestId: "r", ...home, principal, store, installed, vpc: { cidr: "127.31.0.0/16" } },
    now: clock.now(),
    nodesPerRegion: quotas.nodesPerRegion.max,
  });
  const ask = <N extends OperationName>(operation: N, input: Input<N>): Output<N> =>
    (operations[operation] as Operation<N>)(input, callNow());
  return {
    store,
    ask,
    get call() {
      return callNow();
    },
    have(operation, input) {
      const output = ask(operation, input);
      settle(callNow());
      return output;
    },
    settle: () => settle(callNow()),
    dump: () => dumpOf(store),
    [Symbol.dispose]: () => store.close(),
  };
}

function dumpOf(store: Store): unknown {
  const resources = kinds.flatMap((kind) => [...store.listAll(kind)]);
  const tags = resources.map((resource) => [...store.tags(resource)]);
  const events = store.events({ ...home, from: "0000", to: "9999" });
  return { resources, tags, events };
}
