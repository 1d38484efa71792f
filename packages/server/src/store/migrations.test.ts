import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import {
  newGroupStatus,
  newNodeStatus,
  newShardStatus,
  shardOfGroup,
} from "../resources/compile.ts";
import { type Ref, refIn } from "../resources/ref.ts";
import type { ReplicationGroupSpec } from "../resources/replication-group.ts";
import { migrations } from "./migrations.ts";
import { openStore } from "./sqlite-store.ts";

const home = { account: "000000000000", region: "us-east-1" };
const ref = refIn(home, "replication-group", "shop");

const spec: ReplicationGroupSpec = {
  ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
  ...{ parameterGroup: "default.redis7", subnetGroup: "default", securityGroupIds: [] },
  ...{ maintenanceWindow: "sun:05:00-sun:06:00", autoMinorVersionUpgrade: true },
  ...{ description: "d", clusterMode: "disabled", automaticFailover: true, multiAz: false },
  ...{ update: null, pending: null, migration: null },
  shards: [{ id: "0001", members: [], slots: [], handover: null }],
};
const status = { ...newGroupStatus, state: "available", settledGeneration: 1 } as const;
const launch = {
  ...{ number: 1, run: true, following: null, outside: [], upstream: null },
  ...{ data: "discard", reboots: 0 },
} as const;

/** A resource as the first schema's servers wrote it: without what came later. */
function old(value: object, ...later: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !later.includes(name)));
}

const layout = spec.shards[0]!;
const groupBefore = {
  spec: {
    ...old(spec, "update", "pending", "migration"),
    shards: [old(layout, "slots")],
  },
  status: old(
    status,
    ...["clusterMode", "configuration", "migration", "routes", "slotsHeld", "resharding"],
  ),
};
const shardSpec = shardOfGroup(spec, layout);
const shardBefore = {
  spec: old(shardSpec, "binaryAtLeast", "clusterMode", "upstream", "outside", "heldElsewhere"),
  status: old(newShardStatus, "spare", "upstreamLink", "dataLost"),
};
const nodeBefore = {
  spec: { launch: old(launch, "outside", "upstream") },
  status: old(newNodeStatus, "launchedAs", "refusedParameters"),
};

test("what an earlier server wrote is read with what came later", () => {
  const directory = mkdtempSync(join(tmpdir(), "larder-store-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "state.db");
  const database = new DatabaseSync(path);
  database.exec(`${migrations[0]} PRAGMA user_version = 1;`);
  write(database, ref, groupBefore);
  write(database, refIn(home, "shard", "s"), shardBefore);
  write(database, refIn(home, "node", "n"), nodeBefore);
  database.close();

  const store = openStore(path, systemClock);
  onTestFinished(() => store.close());
  expect(store.get(ref)).toMatchObject({ spec, status: { ...status, clusterMode: "disabled" } });
  const shard = store.get(refIn(home, "shard", "s"));
  expect(shard).toMatchObject({ spec: shardSpec, status: newShardStatus });
  const node = store.get(refIn(home, "node", "n"));
  expect(node).toMatchObject({ spec: { launch }, status: newNodeStatus });
});

function write(
  database: DatabaseSync,
  { kind, account, region, id }: Ref,
  { spec: asked, status: seen }: { readonly spec: object; readonly status: object },
): void {
  database
    .prepare("INSERT INTO resources VALUES (?, ?, ?, ?, 1, 1, ?, ?, NULL, '', NULL)")
    .run(kind, account, region, id, JSON.stringify(asked), JSON.stringify(seen));
}
