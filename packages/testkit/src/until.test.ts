import { expect, test } from "vitest";
import { until } from "./until.ts";

test("resolves as soon as the condition holds", async () => {
  let looks = 0;
  await until("three looks", () => ++looks === 3 || `${looks} so far`, { withinMs: 5_000 });
  expect(looks).toBe(3);
});

test("fails with what was missing and the last reading", async () => {
  const never = until("the tide turns", () => "still rising", { withinMs: 50 });
  await expect(never).rejects.toThrow("waited 50 ms until the tide turns; last seen: still rising");
});

test("takes what the predicate throws for a reading, causes included", async () => {
  const cause = new Error("connection refused");
  const error = new Error("fetch failed", { cause });
  const never = until("it answers", () => Promise.reject(error), { withinMs: 50 });
  await expect(never).rejects.toMatchObject({
    message: expect.stringContaining("fetch failed (connection refused)"),
    cause: error,
  });
});

test("looks at least once, however short the time", async () => {
  await expect(until("it is so", () => true, { withinMs: 0 })).resolves.toBeUndefined();
});
