import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { newNodeStatus } from "../resources/compile.ts";
import type { InstalledEngine } from "../resources/engine-name.ts";
import { refIn } from "../resources/ref.ts";
import { openStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { recordReleases } from "./engine-releases.ts";

const home = { account: "000000000000", region: "us-east-1" };

let store: Store;
beforeEach(() => {
  store = openStore(":memory:", systemClock);
});
afterEach(() => store.close());

function redis(binaryVersion: string): InstalledEngine {
  const path = "/usr/bin/redis-server";
  return { engine: "redis", binaryVersion, path, serves: ["7.0", "7.1"], family: "redis7" };
}

function addNode(id: string, engineVersion: string, binaryVersion: string | null): void {
  const started = { engine: "redis", engineVersion, nodeType: "cache.t4g.small" } as const;
  const launch = {
    number: 1,
    run: true,
    following: null,
    upstream: null,
    outside: [],
    reboots: 0,
  } as const;
  store.create(
    refIn(home, "node", `${id}.0001`),
    {
      ...{
        ...started,
        clusterId: id,
        cacheNodeId: "0001",
        uid: id,
        zone: "us-east-1a",
        port: 6379,
      },
      ...{ subnetGroup: "default", parameters: {}, launch: { ...launch, data: "keep" } },
    },
    {
      ...newNodeStatus,
      launchedAs: binaryVersion === null ? null : { ...started, binaryVersion },
    },
    null,
  );
}

function told(): readonly string[] {
  const events = store.events({ ...home, from: "0000", to: "9999" });
  return events.map(({ sourceId, message }) => `${sourceId}: ${message}`).toSorted();
}

test("a newer engine is told once of each node that runs an older one", () => {
  addNode("old", "7.1", "7.0.14");
  addNode("new", "7.1", "7.0.15");
  addNode("unstarted", "7.1", null);
  recordReleases(store, [redis("7.0.14")], home);
  expect(told()).toEqual([]);
  recordReleases(store, [redis("7.0.15")], home);
  const once = ["old: Service update is available for cache node 0001."];
  expect(told()).toEqual(once);
  recordReleases(store, [redis("7.0.15")], home);
  expect(told()).toEqual(once);
  expect(store.listAll("engine-release").map(({ id }) => id)).toEqual([
    ...["redis-7-0-14", "redis-7-0-15"],
  ]);
});

test("an engine that was known before keeps the time when it was first seen", () => {
  recordReleases(store, [redis("7.0.14")], home);
  const [first] = store.listAll("engine-release");
  recordReleases(store, [redis("7.0.14")], { ...home, region: "eu-west-1" });
  expect(store.listAll("engine-release")).toEqual([first]);
});
