import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstalledEngine } from "@larder/server/resources/engine-name.ts";
import { vulnerabilitiesOf } from "@larder/server/resources/vulnerabilities/vulnerability.ts";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { judgeEngines, judgeEngineUser, judgeNode, judgePort } from "./judge-larder.ts";
import {
  judgeClock,
  judgeDataDir,
  judgeHugePages,
  judgeOpenFiles,
  judgeOvercommit,
} from "./judge-machine.ts";
import { inspectDataDir } from "./probe-machine.ts";
import { reportText } from "./report.ts";

const redis: InstalledEngine = {
  engine: "redis",
  binaryVersion: "7.0.15",
  path: "/usr/bin/redis-server",
  serves: ["7.0", "7.1"],
  family: "redis7",
};
const valkey: InstalledEngine = {
  ...redis,
  engine: "valkey",
  binaryVersion: "8.0.1",
};
const memcached: InstalledEngine = {
  ...redis,
  engine: "memcached",
  binaryVersion: "1.6.18",
  path: "/usr/bin/memcached",
};

describe("engines", () => {
  test("none at all fails, with the way to get them", () => {
    const [check, ...others] = judgeEngines({ engines: [], leftOut: [] });
    expect(others).toEqual([]);
    expect(check).toMatchObject({ level: "fail" });
    expect(check?.fix).toContain("apt-get install");
  });

  test("what is known to be wrong warns, and says how to mend it", () => {
    const examined = (installed: InstalledEngine) => ({
      installed,
      vulnerabilities: vulnerabilitiesOf(installed),
    });
    const patched = { ...redis, binaryVersion: "7.0.15-1~deb12u10" };
    const checks = judgeEngines({
      engines: [examined(patched), examined(valkey), examined(memcached)],
      leftOut: [],
    });
    expect(checks.map((check) => check.level)).toEqual([
      ...["ok", "warn", "ok", "warn", "ok", "warn"],
    ]);
    const [, onRedis, , onValkey, , onMemcached] = checks;
    expect(onRedis?.says).toContain("redis 7.0.15-1~deb12u10: 1 known vulnerability (1 medium).");
    expect(onRedis?.says).toContain("GEORADIUS");
    expect(onRedis?.fix).toBe("No version is known to mend valkey#3971.");
    expect(onValkey?.says).toMatch(/valkey 8\.0\.1: \d+ known vulnerabilities \(1 critical, /);
    expect(onValkey?.says).toContain("CVE-2025-49844");
    expect(onValkey?.fix).toContain("Install valkey 8.0.11 or newer");
    expect(onValkey?.fix).toContain("Larder bounds every client's output buffer.");
    expect(onMemcached?.fix).toContain("Install memcached 1.6.42 or newer");
  });

  test("a missing family and an unused binary warn", () => {
    const checks = judgeEngines({
      engines: [{ installed: redis, vulnerabilities: [] }],
      leftOut: [{ path: "/opt/memcached", reason: "does not say its version" }],
    });
    expect(checks.map((check) => [check.level, check.says])).toEqual([
      ["ok", "redis 7.0.15 at /usr/bin/redis-server"],
      ["warn", "memcached not found: no such cache can start"],
      ["warn", "/opt/memcached is not used: it does not say its version"],
    ]);
  });
});

test("the port is free, ours, another's, or cannot be had", () => {
  const levels = (["nobody", "larder", "other", { problem: "EACCES" }] as const).map(
    (user) => judgePort("http://127.0.0.1:4566", user).level,
  );
  expect(levels).toEqual(["ok", "ok", "fail", "fail"]);
});

test.each([
  [1_023, "fail"],
  [1_024, "warn"],
  [10_031, "warn"],
  [10_032, "ok"],
  [Number.MAX_SAFE_INTEGER, "ok"],
] as const)("%d open files: %s", (limit, level) => {
  expect(judgeOpenFiles(limit).level).toBe(level);
});

test.each([
  [0, "warn"],
  [1, "ok"],
  [2, "warn"],
] as const)("overcommit %i: %s", (mode, level) => {
  expect(judgeOvercommit(mode).level).toBe(level);
});

test.each([
  ["[always] madvise never", "warn"],
  ["always [madvise] never", "ok"],
  ["always madvise [never]", "ok"],
] as const)("huge pages %s: %s", (setting, level) => {
  expect(judgeHugePages(setting).level).toBe(level);
});

test.each([
  ["1970-01-01T00:00:09Z", null, "fail"],
  ["2026-11-23T16:00:00Z", false, "warn"],
  ["2026-11-23T16:00:00Z", null, "ok"],
  ["2026-11-23T16:00:00Z", true, "ok"],
] as const)("clock %s, synchronised %s: %s", (now, synchronized, level) => {
  expect(judgeClock(new Date(now), synchronized).level).toBe(level);
});

test("root needs the engines' user, others do not", () => {
  const facts = { engineUser: "larder", isRoot: true, exists: false };
  expect(judgeEngineUser(facts)).toMatchObject({ level: "fail" });
  expect(judgeEngineUser({ ...facts, exists: true }).level).toBe("ok");
  expect(judgeEngineUser({ ...facts, isRoot: false }).level).toBe("ok");
});

test("an old Node fails", () => {
  expect(judgeNode("22.9.0").level).toBe("fail");
  expect(judgeNode("24.0.0").level).toBe("ok");
});

describe("data directory", () => {
  const facts = { path: "/data", problem: null, fileSystem: 0xef53, freeBytes: 1e12 };

  test.each([
    [facts, "ok"],
    [{ ...facts, fileSystem: 0x01021994 }, "warn"],
    [{ ...facts, fileSystem: 0x6969 }, "warn"],
    [{ ...facts, fileSystem: 12_345 }, "ok"],
    [{ ...facts, freeBytes: 1e9 }, "warn"],
    [{ ...facts, freeBytes: 1e8 }, "fail"],
    [{ ...facts, problem: "read-only file system" }, "fail"],
  ] as const)("%o: %s", (given, level) => {
    expect(judgeDataDir(given).level).toBe(level);
  });

  test("is inspected without leaving anything in it, even before it exists", async () => {
    const parent = await mkdtemp(join(tmpdir(), "larder-doctor-test-"));
    try {
      const found = await inspectDataDir(join(parent, "not", "yet"));
      expect(found).toMatchObject({ path: join(parent, "not", "yet"), problem: null });
      expect(found.freeBytes).toBeGreaterThan(0);
      expect(await readdir(parent)).toEqual([]);
    } finally {
      await rm(parent, { recursive: true });
    }
  });

  test("that cannot be a directory is a problem", async () => {
    expect((await inspectDataDir("/proc/self/status")).problem).not.toBeNull();
  });
});

test("the report gives a fix to whatever is not ok, counts, and fits the terminal", () => {
  const checks = [judgeHugePages("[never]"), judgeOpenFiles(5_000), judgeNode("18.0.0")];
  const layout = { colors: pc.createColors(false), columns: 80 };
  expect(`\n${reportText(checks, layout)}\n`).toBe(`
ok    transparent huge pages  never
warn  open files              limit 5,000: room for 4,968 connections per node
                              Raise it: \`ulimit -n 65535\` before the start, or
                              LimitNOFILE=65535 in the unit.
FAIL  node                    18.0.0 is too old
                              Run \`npm install\`: it brings the Node that is
                              needed.

This machine cannot run Larder as it is: 1 problem, with 1 warning.
`);
});
