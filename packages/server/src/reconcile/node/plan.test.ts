import { describe, expect, test } from "vitest";
import { newNodeStatus } from "../../resources/compile.ts";
import type { Launch, NodeStatus } from "../../resources/node.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Placement } from "../placement.ts";
import { planNode, type SeenNode } from "./plan.ts";

const now = new Date("2026-01-01T00:00:00Z");
const address = { host: "127.31.0.4", port: 6379 };
const other = { host: "127.31.0.5", port: 6379 };
const process = { pid: 4_023, startedAt: "77" };
const placement: Placement = {
  pick: (_zone, _port, { held }) => (held.has("127.31.0.4:6379") ? other : address),
  carrier: () => "engine",
};
const nothing: SeenNode = {
  ...{ exists: false, running: false, connected: false, loading: false },
  ...{ saves: true, hasData: false },
  parametersToApply: [],
  ...{ keepsData: false, logTail: "", claims: { held: new Set(), recent: new Set() } },
};
const running: SeenNode = { ...nothing, exists: true, running: true, connected: true };

function node(launch: Partial<Launch>, status: Partial<NodeStatus>): Resource<"node"> {
  const home = { account: "000000000000", region: "us-east-1" };
  const place = { clusterId: "a", cacheNodeId: "0001", uid: "a-0001", zone: "us-east-1a" };
  const engine = { engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small" } as const;
  const first: Launch = {
    number: 1,
    run: true,
    following: null,
    outside: [],
    upstream: null,
    data: "discard",
    reboots: 0,
  };
  return {
    ...refIn(home, "node", "a.0001"),
    ...{ generation: 1, revision: 1, owner: null, createdAt: "", deletingSince: null },
    spec: {
      ...{ ...place, ...engine, subnetGroup: "default", port: 6379, parameters: {} },
      launch: { ...first, ...launch },
    },
    status: { ...newNodeStatus, address, launched: 1, ...status },
  };
}

function plan(resource: Resource<"node">, seen: SeenNode) {
  return planNode(resource, seen, now, placement);
}

describe("a node", () => {
  test("takes an address before anything else", () => {
    const { status, steps } = plan(node({}, { address: null, launched: 0 }), nothing);
    expect(status).toMatchObject({ state: "placing", address });
    expect(steps).toBeUndefined();
  });

  test("records a launch before it starts its process", () => {
    const asked = plan(node({}, { launched: 0 }), nothing);
    expect(asked.status).toMatchObject({ state: "starting", launched: 1, process: null });
    expect(asked.steps).toBeUndefined();
    expect(plan(node({}, asked.status), nothing).steps).toEqual([{ do: "start" }]);
  });

  test("that ended without saving is down, so that a replica with its data can take over", () => {
    const reboot = node({ number: 2, data: "keep", reboots: 1 }, { state: "stopping", process });
    const { status, steps } = plan(reboot, { ...nothing, exists: true });
    expect(status).toMatchObject({ state: "down", launched: 2, reboots: 1, dataOnDisk: false });
    expect(steps).toBeUndefined();
    expect(plan(reboot, { ...nothing, saves: false }).status.state).toBe("starting");
  });

  test("does not start again by itself", () => {
    const lost = plan(node({}, { state: "running", process }), { ...nothing, exists: true });
    expect(lost.status).toMatchObject({ state: "down", process: null });
    expect(plan(node({}, lost.status), nothing)).toEqual({ status: lost.status });
  });

  test("ends its process with the data saved before a launch that keeps the data", () => {
    const reboot = node({ number: 2, data: "keep", reboots: 1 }, { state: "running", process });
    expect(plan(reboot, running).steps).toEqual([{ do: "end", save: true }]);
    const ended = { ...reboot, status: { ...reboot.status, state: "stopping" as const } };
    expect(plan(ended, { ...nothing, hasData: true }).status).toMatchObject({
      ...{ launched: 2, reboots: 1, dataOnDisk: true },
    });
  });

  test("with an append-only file says while it runs that its data is on disk", () => {
    const started = node({}, { state: "starting", process, dataOnDisk: false });
    const kept = plan(started, { ...running, hasData: true, keepsData: true });
    expect(kept.status).toMatchObject({ state: "running", dataOnDisk: true });
    expect(kept.steps).toEqual([]);
    expect(plan(started, { ...running, hasData: true }).status.dataOnDisk).toBe(false);
  });

  test("takes over parameters while it runs, once it has loaded its data", () => {
    const seen = { ...running, parametersToApply: ["timeout"] };
    const up = node({}, { state: "running", process });
    expect(plan(up, seen).steps).toEqual([{ do: "apply-parameters", names: ["timeout"] }]);
    expect(plan(up, { ...seen, loading: true }).steps).toBeUndefined();
    expect(plan(up, { ...seen, connected: false }).steps).toEqual([{ do: "connect" }]);
    const ended = plan(up, { ...seen, running: false }).steps;
    expect(ended).toBeUndefined();
  });

  test("is launched with the parameters that its spec has by then", () => {
    const resource = node({ number: 2 }, { state: "down", parameters: { timeout: "0" } });
    const spec = { ...resource.spec, parameters: { timeout: "60" } };
    const { status } = plan({ ...resource, spec }, nothing);
    expect(status.parameters).toEqual({ timeout: "60" });
  });

  test("forgets a save once it is loaded, since it grows stale", () => {
    const loaded = node({}, { state: "starting", process, dataOnDisk: true });
    expect(plan(loaded, { ...running, loading: true }).steps).toBeUndefined();
    expect(plan(loaded, running).steps).toEqual([{ do: "forget-save" }]);
    expect(plan(loaded, { ...running, keepsData: true }).steps).toEqual([]);
  });

  test("takes another address when somebody else listens on its own", () => {
    const logTail = "bind: Address already in use";
    const held = new Set(["127.31.0.4:6379"]);
    const seen = { ...nothing, logTail, claims: { held, recent: new Set<string>() } };
    const { status } = plan(node({}, { state: "starting", process }), seen);
    expect(status).toMatchObject({ address: other, failures: 1, state: "starting" });
  });

  test("is failed after three starts, and still tried again, ever more slowly", () => {
    let status: NodeStatus = node({}, { state: "starting" }).status;
    const waits: number[] = [];
    for (let failure = 1; failure <= 3; failure += 1) {
      status = plan(node({}, { ...status, process }), { ...nothing, logTail: "no" }).status;
      waits.push(Date.parse(status.retryAt ?? "") - now.getTime());
    }
    expect(status).toMatchObject({ state: "failed", because: "start 3 failed: no" });
    expect(waits).toEqual([100, 400, 1_600]);
    expect(plan(node({}, status), nothing)).toEqual({ status, lookAgainAfterMs: 1_600 });
  });

  test("that crashes at once again and again is held back", () => {
    const startedAt = new Date(now.getTime() - 30).toISOString();
    const crash = (crashes: number) =>
      plan(node({}, { state: "running", process, startedAt, crashes }), nothing).status;
    expect(crash(0)).toMatchObject({ state: "down", crashes: 1, retryAt: null });
    expect(crash(7).retryAt).toBe("2026-01-01T00:00:00.800Z");
  });

  test("that is to go is removed, then gone", () => {
    const leaving = { ...node({}, { process }), deletingSince: "2026-01-01T00:00:00Z" };
    expect(plan(leaving, running).steps).toEqual([{ do: "remove" }]);
    expect(plan(leaving, nothing).gone).toBe(true);
  });
});
