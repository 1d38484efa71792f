import { expect, test } from "vitest";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Sample, Session } from "../engine/engine.ts";
import { refIn } from "../resources/ref.ts";
import { Fleet } from "./fleet.ts";

const ref = refIn({ account: "000000000000", region: "us-east-1" }, "node", "shop-001.0001");
const sample: Sample = {
  ...{ usedMemoryBytes: 1, maxMemoryBytes: 2, connections: 1, opsPerSecond: 0 },
  ...{ loading: false, replication: null },
};
const log: Log = {
  ...{ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  child: () => log,
};

/** A clock that moves when told to, and runs what is due, however late. */
class StepClock implements Clock {
  #nowMs = 0;
  readonly #due: { atMs: number; task: () => void }[] = [];

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void) {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#due.push(entry);
    return { cancel: () => void this.#due.splice(this.#due.indexOf(entry), 1) };
  }

  async forward(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const entry of this.#due.filter(({ atMs }) => atMs <= this.#nowMs)) {
      this.#due.splice(this.#due.indexOf(entry), 1);
      entry.task();
    }
    // What the tasks started, such as a sample that is answered at once, comes to its end.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Goes on in steps of `stepMs` until `done`, for `limitMs` at most; gives the time it took. */
  async until(done: () => boolean, stepMs: number, limitMs: number): Promise<number> {
    const startMs = this.#nowMs;
    while (!done() && this.#nowMs - startMs < limitMs) await this.forward(stepMs);
    return this.#nowMs - startMs;
  }
}

/** A fleet that watches one node, which answers until it is silenced. */
async function watched(failureTimeoutMs: number) {
  const clock = new StepClock();
  const node = { answers: true, asked: 0 };
  const session: Session = {
    address: { host: "127.31.0.4", port: 6379 },
    closed: new Promise(() => {}),
    sample: () => {
      node.asked += 1;
      return node.answers ? Promise.resolve(sample) : new Promise(() => {});
    },
    close: () => {},
  };
  const fleet = new Fleet(clock, log, failureTimeoutMs, () => {});
  await fleet.connect(ref, () => Promise.resolve(session));
  return { clock, node, fleet, isHung: () => fleet.isHung(ref) };
}

test.each([500, 1_500, 3_000])(
  "with a timeout of %i ms, whoever answers is not hung",
  async (ms) => {
    const { clock, node, isHung } = await watched(ms);
    expect(await clock.until(isHung, 100, 20_000)).toBe(20_000);
    expect(node.asked).toBeGreaterThanOrEqual(20);
  },
);

test.each([500, 1_500, 3_000])("after %i ms of silence a node is hung", async (ms) => {
  const { clock, node, isHung } = await watched(ms);
  await clock.until(isHung, 100, 5_000);
  node.answers = false;
  const tookMs = await clock.until(isHung, 100, 20_000);
  expect(tookMs).toBeGreaterThan(ms / 2);
  expect(tookMs).toBeLessThanOrEqual(ms + 500);
});

test("time that this process did not get does not count", async () => {
  const { clock, node, isHung } = await watched(3_000);
  node.answers = false;
  // Every tick comes 300 ms late: three quarters of the time nobody listened.
  expect(await clock.until(isHung, 400, 60_000)).toBeGreaterThan(11_000);
});

test("a long absence starts the count afresh", async () => {
  const { clock, node, isHung } = await watched(3_000);
  node.answers = false;
  await clock.until(isHung, 100, 2_500);
  await clock.forward(60_000);
  expect(isHung()).toBe(false);
  expect(await clock.until(isHung, 100, 20_000)).toBeGreaterThanOrEqual(3_000);
});
