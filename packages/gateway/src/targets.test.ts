import { Socket } from "node:net";
import { expect, test } from "vitest";
import { Targets } from "./targets.ts";

const a = { host: "127.0.0.1", port: 1 };
const b = { host: "127.0.0.1", port: 2 };

function setUp(places: readonly (typeof a)[]) {
  const time = { nowMs: 0 };
  const targets = new Targets(() => time.nowMs);
  targets.replace(places);
  const choose = () => targets.choose(new Set());
  return { time, targets, choose };
}

test("the target with the fewest clients is chosen", () => {
  const { choose } = setUp([a, b]);
  const first = choose();
  first?.clients.add(new Socket()).add(new Socket());
  expect(choose()?.port).not.toBe(first?.port);
  expect(choose()?.port).not.toBe(first?.port);
});

test("short connections take turns", () => {
  const { choose } = setUp([a, b]);
  expect([choose()?.port, choose()?.port, choose()?.port]).toEqual([1, 2, 1]);
});

test("a target that refused comes last for half a second", () => {
  const { choose, targets, time } = setUp([a, b]);
  const refusing = choose();
  if (refusing === null) return expect.unreachable();
  targets.skip(refusing);
  for (let n = 0; n < 3; n += 1) expect(choose()?.port).toBe(2);
  expect(targets.choose(new Set([choose()].filter((one) => one !== null)))).toBe(refusing);
  time.nowMs = 500;
  expect([choose(), choose()]).toContain(refusing);
});

test("each target is tried once, and then there is none", () => {
  const { choose, targets } = setUp([a]);
  const only = choose();
  if (only === null) return expect.unreachable();
  expect(targets.choose(new Set([only]))).toBeNull();
  targets.replace([]);
  expect(choose()).toBeNull();
});

test("the clients of a target that stays are left alone, those of one that goes are ended", () => {
  const { choose, targets } = setUp([a, b]);
  const [onA, onB] = [new Socket(), new Socket()];
  choose()?.clients.add(onA);
  choose()?.clients.add(onB);
  targets.replace([{ ...b }]);
  expect([onA.destroyed, onB.destroyed]).toEqual([true, false]);
  expect(choose()?.clients.has(onB)).toBe(true);
});
