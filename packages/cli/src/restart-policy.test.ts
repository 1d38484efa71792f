import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRestart, exitsRememberedMax } from "./restart-policy.ts";
import type { ServerExit } from "./restart-policy.ts";

const crash = (endedAtMs: number, livedMs = 300): ServerExit => ({ code: 1, endedAtMs, livedMs });

describe("decideRestart", () => {
  test("does not restart a server that was asked to stop", () => {
    const exit = { code: 0, endedAtMs: 5_000, livedMs: 5_000 };
    expect(decideRestart([exit], true)).toEqual({ kind: "stop", because: "asked" });
  });

  test("does not restart on a bad configuration", () => {
    const exit = { code: 78, endedAtMs: 200, livedMs: 200 };
    expect(decideRestart([crash(0), exit], false)).toEqual({
      kind: "stop",
      because: "bad configuration",
    });
  });

  test("restarts within a second after a kill", () => {
    const killed = { code: null, endedAtMs: 90_000, livedMs: 90_000 };
    expect(decideRestart([killed], true)).toEqual({ kind: "restart", afterMs: 100 });
  });

  test("waits twice as long after every short life, and starts over after a long one", () => {
    const delays = [[crash(400)], [crash(400), crash(900)], [crash(0), crash(1), crash(2)]].map(
      (exits) => decideRestart(exits, true),
    );
    expect(delays.map((one) => one.kind === "restart" && one.afterMs)).toEqual([100, 200, 400]);
    const settled = [crash(0), crash(400), crash(60_000, 59_000)];
    expect(decideRestart(settled, true)).toEqual({ kind: "restart", afterMs: 100 });
  });

  test("gives up at the fifth failure within ten seconds, unless it ever was healthy", () => {
    const four = [0, 1_000, 2_000, 3_000].map((at) => crash(at));
    expect(decideRestart(four, false).kind).toBe("restart");
    const five = [...four, crash(10_000)];
    expect(decideRestart(five, false)).toEqual({ kind: "stop", because: "keeps failing" });
    expect(decideRestart(five, true).kind).toBe("restart");
    expect(decideRestart([...four, crash(10_001)], false).kind).toBe("restart");
  });

  test("keeps its delay within bounds, and needs no more lives than it says", () => {
    const exit = fc.record({
      code: fc.constantFrom(1, 139, null),
      endedAtMs: fc.nat(100_000),
      livedMs: fc.nat(20_000),
    });
    fc.assert(
      fc.property(fc.array(exit, { minLength: 1, maxLength: 40 }), (unordered) => {
        const exits = unordered.toSorted((a, b) => a.endedAtMs - b.endedAtMs);
        const verdict = decideRestart(exits, true);
        expect(verdict.kind === "restart" && verdict.afterMs).toBeGreaterThanOrEqual(100);
        expect(verdict.kind === "restart" && verdict.afterMs).toBeLessThanOrEqual(5_000);
        expect(decideRestart(exits.slice(-exitsRememberedMax), true)).toEqual(verdict);
      }),
    );
  });
});
