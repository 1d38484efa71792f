import { expect, test, vi } from "vitest";
import { crashAtSome, everyStepTwice } from "../chaos/crash-points.ts";
import { crashScenarios } from "../chaos/crash-scenarios.ts";

// Where slots move, each time begins with a cluster of its own.
vi.setConfig({ testTimeout: 120_000 });

/*
 * A sample of R11: `npm run chaos -- control-plane --only R11` cuts the control plane off at every
 * step of every kind of change.
 */

const points = [
  { step: 1, moment: "before" },
  { step: 3, moment: "after" },
] as const;

// A hung node takes its timeout to be found, and some changes resemble others: the long run has all.
const sampled = crashScenarios.filter((one) =>
  /create a|delete a group|^fail over$|over a shard|hand over|add a \w+( node)?$|reboot|node type of 1|parameters|rebalance|move over|global/.test(
    one.name,
  ),
);

test.concurrent.each(sampled)("$name, cut off at some of its steps", async (scenario) => {
  const outcomes = await crashAtSome(scenario, "redis", points);
  expect(outcomes.filter((one) => one.step !== null).length).toBeGreaterThan(0);
  expect(outcomes.flatMap((one) => one.violations)).toEqual([]);
});

test.concurrent.each(sampled)("$name, every step taken twice", async (scenario) => {
  expect(await everyStepTwice(scenario, "redis")).toEqual([]);
});
