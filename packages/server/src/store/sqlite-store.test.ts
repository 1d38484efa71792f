import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { newNodeStatus } from "../resources/compile.ts";
import type { NodeStatus } from "../resources/node.ts";
import { type Ref, refIn } from "../resources/ref.ts";
import { openStore } from "./sqlite-store.ts";
import { ClaimConflict } from "./store.ts";

const home = { account: "000000000000", region: "us-east-1" };
const group = refIn(home, "parameter-group", "mine");
const spec = { family: "redis7", description: "mine", values: {} };

function nodeStatus(host: string): NodeStatus {
  return { ...newNodeStatus, state: "running", address: { host, port: 6379 } };
}

function createNode(store: ReturnType<typeof openStore>, ref: Ref<"node">, host: string): void {
  const launch = {
    number: 1,
    run: true,
    following: null,
    outside: [],
    upstream: null,
    data: "discard",
    reboots: 0,
  } as const;
  const cluster = { clusterId: ref.id, cacheNodeId: "0001", uid: ref.id, zone: "us-east-1a" };
  const engine = { engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small" } as const;
  const rest = { subnetGroup: "default", port: 6379, parameters: {}, launch };
  store.create(ref, { ...cluster, ...engine, ...rest }, nodeStatus(host), null);
}

test("a transaction that throws leaves memory and disk as they were", () => {
  const store = openStore(":memory:", systemClock);
  const heard: string[] = [];
  store.onChange((changed) => heard.push(...changed.map((ref) => ref.id)));
  expect(() =>
    store.transaction(() => {
      store.create(group, spec, {}, null);
      store.setTags(group, new Map([["a", "1"]]));
      expect(store.get(group)?.spec.family).toBe("redis7");
      throw new Error("changed my mind");
    }),
  ).toThrow("changed my mind");
  expect(store.get(group)).toBeUndefined();
  expect(store.tags(group).size).toBe(0);
  expect(heard).toEqual([]);
  store.create(group, spec, {}, null);
  expect(heard).toEqual(["mine"]);
});

test("what was committed is there after opening again, and nobody else may read the file", () => {
  const directory = mkdtempSync(join(tmpdir(), "larder-store-"));
  try {
    const path = join(directory, "state.db");
    const store = openStore(path, systemClock);
    store.create(group, spec, {}, null);
    store.setSpec(group, { ...spec, values: { appendonly: "yes" } });
    const password = store.controlPassword(group);
    store.close();
    const again = openStore(path, systemClock);
    expect(again.get(group)).toMatchObject({
      generation: 2,
      spec: { values: { appendonly: "yes" } },
    });
    expect(again.controlPassword(group)).toBe(password);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    again.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("an address belongs to one resource, until it lets go of it", () => {
  const store = openStore(":memory:", systemClock);
  const [one, two] = [refIn(home, "node", "a.0001"), refIn(home, "node", "b.0001")];
  createNode(store, one, "127.31.0.4");
  expect(() => createNode(store, two, "127.31.0.4")).toThrow(ClaimConflict);
  createNode(store, two, "127.31.0.5");
  expect(() => store.setStatus(two, nodeStatus("127.31.0.4"))).toThrow(ClaimConflict);
  expect([...store.claims().held]).toEqual(["127.31.0.4:6379", "127.31.0.5:6379"]);
  store.transaction(() => {
    store.remove(one);
    store.setStatus(two, nodeStatus("127.31.0.4"));
  });
  expect([...store.claims().held]).toEqual(["127.31.0.4:6379"]);
  expect([...store.claims().recent]).toEqual(["127.31.0.5:6379"]);
});

test("the generation rises with the spec only", () => {
  const store = openStore(":memory:", systemClock);
  store.create(group, spec, {}, null);
  store.setSpec(group, { ...spec });
  expect(store.get(group)?.generation).toBe(1);
  store.setSpec(group, { ...spec, description: "other" });
  expect(store.get(group)?.generation).toBe(2);
  store.markDeleting(group);
  store.markDeleting(group);
  expect(store.get(group)).toMatchObject({ generation: 3, deletingSince: expect.any(String) });
});

test("events come newest first, within their region and window", () => {
  const store = openStore(":memory:", systemClock);
  const event = { sourceType: "replication-group", sourceId: "shop" } as const;
  store.addEvents(home, [
    { ...event, message: "first" },
    { ...event, message: "second" },
  ]);
  store.addEvents({ ...home, region: "eu-west-1" }, [{ ...event, message: "elsewhere" }]);
  const window = { from: "2000-01-01T00:00:00.000Z", to: "2100-01-01T00:00:00.000Z" };
  expect(store.events({ ...home, ...window }).map((one) => one.message)).toEqual([
    "second",
    "first",
  ]);
  expect(store.events({ ...home, ...window, sourceId: "other" })).toEqual([]);
});
