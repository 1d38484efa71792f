import { expect, test } from "vitest";
import { newNodeStatus } from "./compile.ts";
import { parametersAtLaunch, parametersToApply, withParametersApplied } from "./node-parameters.ts";
import type { NodeSpec, NodeStatus } from "./node.ts";

const inForce = { timeout: "0", "lfu-decay-time": "1", databases: "16" };
const asked = { timeout: "60", "lfu-decay-time": "9", databases: "4" };
const running: NodeStatus = { ...newNodeStatus, parameters: inForce };

function launched(status: NodeStatus): Readonly<Record<string, string>> {
  return parametersAtLaunch({ parameters: asked } as unknown as NodeSpec, status);
}

test("a running node is to take over what its engine can change", () => {
  expect(parametersToApply("redis7", asked, running)).toEqual(["lfu-decay-time", "timeout"]);
  expect(parametersToApply("redis7", inForce, running)).toEqual([]);
  expect(parametersToApply("memcached1.6", { watch: "disabled" }, running)).toEqual([]);
});

test("what was taken over is in force, what was refused is not asked for again", () => {
  const status = withParametersApplied(running, asked, ["timeout", "lfu-decay-time"], ["timeout"]);
  expect(status.parameters).toEqual({ timeout: "0", "lfu-decay-time": "9", databases: "16" });
  expect(status.refusedParameters).toEqual({ timeout: "60" });
  expect(parametersToApply("redis7", asked, status)).toEqual([]);
  const other = { ...asked, timeout: "70" };
  expect(parametersToApply("redis7", other, status)).toEqual(["timeout"]);
  const taken = withParametersApplied(status, other, ["timeout"], []);
  expect(taken.refusedParameters).toEqual({});
});

test("a launch takes everything but what the node's engine refused", () => {
  expect(launched(running)).toEqual(asked);
  const status = withParametersApplied(running, asked, ["timeout"], ["timeout"]);
  expect(launched(status)).toEqual({ ...asked, timeout: "0" });
});
