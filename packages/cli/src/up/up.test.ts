import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@larder/server/base/clock.ts";
import pc from "picocolors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lastWords } from "./last-words.ts";
import { openLogFile } from "./log-file.ts";
import { parseLogLine, readableLine } from "./log-line.ts";
import { startParent } from "./parent.ts";
import type { Parent } from "./parent.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "larder-up-test-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** A parent of small programs that stand in for the server, and what it said. */
async function parentOf(source: string, healthy: boolean) {
  const program = join(directory, "server.mjs");
  await writeFile(program, source);
  const lines: string[] = [];
  const deaths: { how: string; afterMs: number }[] = [];
  const ready: boolean[] = [];
  const parent = startParent({
    clock: systemClock,
    program: [program],
    // Each life says "up" once, when it listens to signals.
    isHealthy: () =>
      Promise.resolve(healthy && lines.filter((line) => line === "up").length > deaths.length),
    events: {
      line: (text) => lines.push(text),
      ready(pid, again) {
        ready.push(again);
        onReady(parent, pid, ready.length);
      },
      died: (how, _words, afterMs) => deaths.push({ how, afterMs }),
    },
  });
  let onReady = (_parent: Parent, _pid: number, _times: number): void => {};
  return {
    parent,
    lines,
    deaths,
    ready,
    whenReady(then: typeof onReady) {
      onReady = then;
    },
  };
}

const untilTold = `
  process.on("SIGTERM", () => { console.log("told"); process.exit(0); });
  console.log("up");
  setInterval(() => {}, 1000);
`;

describe("the parent", () => {
  test("does not start a server again that was asked to stop", async () => {
    const { parent, deaths } = await parentOf("process.exit(0)", false);
    expect(await parent.ended).toMatchObject({ because: "asked" });
    expect(deaths).toEqual([]);
  });

  test("hands on the sentence of a server that refuses its configuration", async () => {
    const { parent } = await parentOf(`console.error("no such port"); process.exit(78)`, false);
    expect(await parent.ended).toEqual({
      because: "bad configuration",
      standardError: "no such port\n",
    });
  });

  test("gives up on a server that never gets up", async () => {
    const { parent, deaths } = await parentOf(`throw new TypeError("no store")`, false);
    const { because, standardError } = await parent.ended;
    expect(because).toBe("keeps failing");
    expect(lastWords(standardError)).toBe("TypeError: no store");
    expect(deaths.map((death) => death.afterMs)).toEqual([100, 200, 400, 800]);
  });

  test("starts a killed server again, and stops the new one when told to", async () => {
    const run = await parentOf(untilTold, true);
    run.whenReady((parent, pid, times) => {
      if (times === 1) process.kill(pid, "SIGKILL");
      else parent.stop();
    });
    expect(await run.parent.ended).toMatchObject({ because: "told" });
    expect(run.ready).toEqual([false, true]);
    expect(run.deaths).toEqual([{ how: "SIGKILL", afterMs: 100 }]);
    expect(run.lines.at(-1)).toBe("told");
  });

  test("kills a server that does not listen, at the second time of telling", async () => {
    const deaf = `process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)`;
    const run = await parentOf(deaf, true);
    run.whenReady((parent) => {
      parent.stop();
      parent.stop();
    });
    expect(await run.parent.ended).toMatchObject({ because: "told" });
  });
});

describe("the log file", () => {
  test("stays within its bound and keeps the newest lines", async () => {
    const path = join(directory, "deep", "server.log");
    const log = openLogFile(path, 100);
    for (let number = 100; number < 200; number += 1) log.write(`line ${number}`);
    log.close();
    const sizes = await Promise.all([path, `${path}.1`].map(async (one) => (await stat(one)).size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100 + "line 100\n".length);
    expect(await readFile(path, "utf8")).toMatch(/line 199\n$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("goes on where an earlier one ended", async () => {
    const path = join(directory, "server.log");
    await writeFile(path, "before\n");
    const log = openLogFile(path, 100);
    log.write("after");
    log.close();
    expect(await readFile(path, "utf8")).toBe("before\nafter\n");
  });
});

describe("a line of the log", () => {
  test("is read only when it is one", () => {
    expect(parseLogLine(`{"level":40,"time":5,"msg":"slow"}`)).toMatchObject({ msg: "slow" });
    for (const line of ["", "Error: x", `{"level":40,"ti`, `{"level":"warn"}`]) {
      expect(parseLogLine(line)).toBeNull();
    }
  });

  test("is short, and cannot steer the terminal", () => {
    const fields = { node: "shop-001\u001B[2J\n", err: { message: "refused", stack: "long" } };
    const line = { level: 50, time: 0, msg: "node is down", ...fields, text: "x".repeat(300) };
    const text = readableLine(line, pc.createColors(false));
    expect(text).toContain("error node is down  node=shop-001 [2J  err=refused text=xxx");
    expect(text.length).toBeLessThanOrEqual("00:00:00 error ".length + 160);
  });
});

test("the last words of a process are its error, or its last line", () => {
  const place = `file:///x.ts:3\n  throw new Error("no");\n  ^\n`;
  const crash = `${place}\nError: no\n    at x\n\nNode.js v24.21.0\n`;
  expect(lastWords(crash)).toBe("Error: no");
  expect(lastWords("one\ntwo\n\n")).toBe("two");
  expect(lastWords("")).toBe("");
});
