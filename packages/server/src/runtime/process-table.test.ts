import { expect, test } from "vitest";
import { parseProcessList, parseWorkingDirectories } from "./darwin-process-table.ts";
import { linuxProcessTable, parseStat } from "./linux-process-table.ts";
import { parseOpenFilesLimit } from "./open-files.ts";
import { childOf } from "./process-table.ts";

const stat = (state: string, threads: number, name = "redis-server") =>
  `4711 (${name}) ${state} 1 4711 4711 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 ${threads} 0 177752 1\n`;

test("the fields of stat are found behind any name", () => {
  const expected = { pid: 4711, parentPid: 1, groupId: 4711, startedAt: "177752", running: true };
  expect(parseStat(stat("S", 4))).toEqual(expected);
  expect(parseStat(stat("S", 4, "a) R 1 (b"))).toEqual(expected);
  expect(parseStat("")).toBeNull();
});

test("a zombie is not running, unless other threads of it still are", () => {
  expect(parseStat(stat("Z", 1))?.running).toBe(false);
  expect(parseStat(stat("X", 1))?.running).toBe(false);
  expect(parseStat(stat("Z", 3))?.running).toBe(true);
});

test.runIf(process.platform === "linux")("this process is found, a free pid is not", async () => {
  const own = await linuxProcessTable.find(process.pid);
  expect(own).toMatchObject({ pid: process.pid, parentPid: process.ppid, running: true });
  expect(await linuxProcessTable.find(2 ** 30)).toBeNull();
});

test("ps and lsof of macOS are read", () => {
  const [one, two] = parseProcessList(
    "  501     1   501 Ss   Mon Nov  3 10:00:01 2025    \n" +
      " 502 501 501 Z    Mon Nov  3 10:00:02 2025\n\n",
  );
  expect(one).toEqual({
    ...{ pid: 501, parentPid: 1, groupId: 501, running: true },
    startedAt: "Mon Nov 3 10:00:01 2025",
  });
  expect(two?.running).toBe(false);
  expect(parseWorkingDirectories("p501\nfcwd\nn/data/nodes/a\np502\nfcwd\nn/\n")).toEqual(
    new Map([
      [501, "/data/nodes/a"],
      [502, "/"],
    ]),
  );
});

test("only a directory directly below counts", () => {
  expect(childOf("/data/nodes", "/data/nodes/a")).toBe("a");
  expect(childOf("/data/nodes", "/data/nodes/a/b")).toBeNull();
  expect(childOf("/data/nodes", "/data/nodes")).toBeNull();
  expect(childOf("/data/nodes", "/data/nodes2/a")).toBeNull();
});

test("the hard limit of open files is read", () => {
  const line = (hard: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files  1024  ${hard}  files\n`;
  expect(parseOpenFilesLimit(line("20000"))).toBe(20_000);
  expect(parseOpenFilesLimit(line("unlimited"))).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseOpenFilesLimit("")).toBe(10_240);
});
