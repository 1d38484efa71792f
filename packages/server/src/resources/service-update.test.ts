import { expect, test } from "vitest";
import type { EngineName, InstalledEngine } from "./engine-name.ts";
import type { EngineRelease } from "./engine-release.ts";
import { concerns, serviceUpdates } from "./service-update.ts";

const march = "2026-03-01T00:00:00.000Z";
const may = "2026-05-01T00:00:00.000Z";

function redis(binaryVersion: string): InstalledEngine {
  return engine("redis", binaryVersion, ["7.0", "7.1"]);
}

function engine(name: EngineName, binaryVersion: string, serves: string[]): InstalledEngine {
  return { engine: name, binaryVersion, path: `/usr/bin/${name}`, serves, family: "f" };
}

function release({ engine: name, binaryVersion, serves }: InstalledEngine, createdAt: string) {
  return { spec: { engine: name, binaryVersion, serves }, createdAt } satisfies EngineRelease;
}

const patched = "7.0.15-1~deb12u10";

test("the first engine that a server finds is no update", () => {
  const first = redis(patched);
  expect(serviceUpdates([release(first, march)], [first])).toEqual([]);
});

test("a distribution's security update is one, by what it mends", () => {
  const [old, now] = [redis("7.0.15-1~deb12u5"), redis("7.0.15-1~deb12u6")];
  const updates = serviceUpdates([release(old, march), release(now, may)], [now]);
  const [advised, update] = updates;
  expect(updates).toHaveLength(2);
  expect(update).toMatchObject({
    ...{ name: "elasticache-redis-7-0-15-1-deb12u6", status: "available", isInstalled: true },
    ...{ severity: "critical", releasedAt: may, applyBy: "2026-05-15T00:00:00.000Z" },
  });
  expect(update?.mends.map(({ id }) => id).toSorted()).toEqual([
    ...["CVE-2025-46817", "CVE-2025-46818", "CVE-2025-46819", "CVE-2025-49844"],
  ]);
  // What mends the rest is known too, and not installed.
  expect(advised).toMatchObject({
    ...{ name: "elasticache-redis-7-0-15-1-deb12u10", isInstalled: false },
  });
});

test("what would mend a weak engine is known before it is installed", () => {
  const weak = engine("valkey", "8.0.1", ["8.0"]);
  expect(serviceUpdates([release(weak, march)], [weak])).toMatchObject([
    {
      ...{ name: "elasticache-valkey-8-0-11", status: "available", isInstalled: false },
      ...{ severity: "critical", releasedAt: march },
    },
  ]);
  // Another memcached is another engine version: an upgrade, which its owner asks for.
  const memcached = engine("memcached", "1.6.18", ["1.6.18"]);
  expect(serviceUpdates([release(memcached, march)], [memcached])).toEqual([]);
});

test("one whose binary gave way to a newer one is expired, one that was taken away cancelled", () => {
  const [first, second, third] = [redis("7.0.14"), redis("7.0.16"), redis("7.0.17")];
  const releases = [release(first, march), release(second, march), release(third, may)];
  const statuses = (installed: InstalledEngine) =>
    serviceUpdates(releases, [installed])
      .filter(({ name }) => name.endsWith("-16") || name.endsWith("-17"))
      .map(({ status, endedAt }) => [status, endedAt]);
  expect(statuses(third)).toEqual([
    ["expired", may],
    ["available", null],
  ]);
  expect(statuses(second)).toEqual([
    ["available", null],
    ["cancelled", null],
  ]);
});

test("an update is for the caches whose version its binary serves", () => {
  const update = { engine: "valkey", serves: ["8.0"] } as const;
  expect(concerns(update, { engine: "valkey", engineVersion: "8.0" })).toBe(true);
  expect(concerns(update, { engine: "valkey", engineVersion: "8.1" })).toBe(false);
  expect(concerns(update, { engine: "redis", engineVersion: "8.0" })).toBe(false);
});
