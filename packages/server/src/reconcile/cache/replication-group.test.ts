import { expect, test } from "vitest";
import { newGroupStatus, newShardStatus, shardOfGroup, shardRef } from "../../resources/compile.ts";
import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { evenSlots } from "../../resources/slots.ts";
import type { SeenClusterNode } from "../cluster/seen.ts";
import type { GlobalWish } from "../global/upstream.ts";
import { createReplicationGroupReconciler } from "./replication-group.ts";

const home = { account: "0", region: "us-east-1" };
const address = { host: "127.0.0.1", port: 6379 };

const shards = evenSlots(2).map((slots, index) => ({
  ...{ id: `000${index + 1}`, members: [], slots: [slots], handover: null },
}));
const spec: ReplicationGroupSpec = {
  ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
  ...{ parameterGroup: "default.redis7.cluster.on", subnetGroup: "default" },
  ...{ securityGroupIds: [], maintenanceWindow: "", autoMinorVersionUpgrade: true },
  ...{ update: null, pending: null, description: "", clusterMode: "enabled", shards },
  ...{ automaticFailover: true, multiAz: false, migration: null },
};

function resource<R extends Ref, S, T>(ref: R, generation: number, own: S, status: T) {
  const stamps = { revision: 1, createdAt: "", deletingSince: null, owner: null };
  return { ...ref, ...stamps, generation, spec: own, status };
}

const inNoDatastore: GlobalWish = {
  followed: null,
  ofShard: () => ({ upstream: null, outside: [], heldElsewhere: false }),
};

/** What a new server comes to while it is connected to no node of an available cluster yet. */
function firstLook(generation: number) {
  const status = { ...newGroupStatus, state: "available", settledGeneration: 1 } as const;
  const ref = refIn(home, "replication-group", "shop");
  const group: Resource<"replication-group"> = resource(ref, generation, spec, {
    ...{ ...status, configuration: address },
  });
  const all = shards.map((layout): Resource<"shard"> => {
    const shard = shardRef(home, "replication-group", "shop", layout.id);
    const settled = { ...newShardStatus, state: "available", settledGeneration: 1 } as const;
    return resource(shard, 1, shardOfGroup(spec, layout), settled);
  });
  const nodes = shards.map(({ id }): SeenClusterNode => ({
    ...{ id: `shop-${id}-001.0001`, shardId: id, isPrimary: true, address },
    ...{ view: null, memory: null },
  }));
  const reconciler = createReplicationGroupReconciler(
    { installed: [] } as unknown as Parameters<typeof createReplicationGroupReconciler>[0],
    () => ({ pick: () => address, carrier: () => "gateway" }),
  );
  return reconciler.plan(
    group,
    {
      ...{ shards: all, cluster: { nodes, routesInForce: true }, migration: null },
      ...{ global: inNoDatastore, databases: null, fits: null },
      claims: { held: new Set(), recent: new Set() },
    },
    new Date(0),
  ).status;
}

test("a new server believes that a cluster is as it was left, before it can read it", () => {
  expect(firstLook(1)).toMatchObject({ state: "available", settledGeneration: 1 });
});

test("a change of a cluster that was asked for is not taken for done before it is read", () => {
  expect(firstLook(2)).toMatchObject({ state: "modifying", settledGeneration: 1 });
});
