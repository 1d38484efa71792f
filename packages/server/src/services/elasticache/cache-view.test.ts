import { expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { newMember } from "../../resources/new-members.ts";
import { newNodeStatus, nodeOfMember, shardOfCluster, shardRef } from "../../resources/compile.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import { refIn } from "../../resources/ref.ts";
import { openStore } from "../../store/sqlite-store.ts";
import { ShardReader } from "./cache-view.ts";

const home = { account: "000000000000", region: "us-east-1" };

test("a node that had the place before does not fill it, though it has the same id", () => {
  const store = openStore(":memory:", systemClock);
  const [before, now] = [1, 2].map(() => newMember("solo", "0001", "us-east-1a", new Date(0)));
  const spec = shardOfCluster({
    ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
    ...{ parameterGroup: "default.redis7", subnetGroup: "default", securityGroupIds: [] },
    ...{
      maintenanceWindow: "sun:05:00-sun:06:00",
      autoMinorVersionUpgrade: true,
      update: null,
      pending: null,
    },
    ...{ members: [before!], azMode: "single-az", pendingNodes: null },
  });
  const launch = {
    number: 1,
    run: true,
    following: null,
    outside: [],
    upstream: null,
    data: "keep",
    reboots: 0,
  } as const;
  const owner = shardRef(home, "cache-cluster", "solo", "0001");
  const ref = refIn(home, "node", nodeIdOf(before!));
  store.create(ref, nodeOfMember(spec, before!, {}, launch), newNodeStatus, owner);

  const read = (member: typeof now) =>
    new ShardReader(store, home).read("cache-cluster", "solo", "0001", [member!]);
  expect(read(before).places[0]!.node?.id).toBe("solo.0001");
  expect(read(before).leaving).toEqual([]);
  expect(read(now).places[0]!.node).toBeUndefined();
  expect(read(now).leaving.map(({ id }) => id)).toEqual(["solo.0001"]);
  store.close();
});
