import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { endProcessesBelow, processesBelow } from "./processes.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe.runIf(process.platform === "linux")("processes below a directory", () => {
  test("are found by their working directory and ended, others live on", async () => {
    await using directory = await temporaryDirectory();
    await using other = await temporaryDirectory();
    const nested = join(directory.path, "nodes", "a");
    await mkdir(nested, { recursive: true });
    const inside = spawn("sleep", ["60"], { cwd: nested, detached: true });
    const outside = spawn("sleep", ["60"], { cwd: other.path });
    await Promise.all([once(inside, "spawn"), once(outside, "spawn")]);
    expect(processesBelow(directory.path)).toEqual([inside.pid]);
    const ended = once(inside, "exit");
    await endProcessesBelow(directory.path);
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(outside.exitCode ?? outside.signalCode).toBeNull();
    outside.kill();
    await once(outside, "exit");
  });

  test("a directory whose name begins alike is another", async () => {
    await using directory = await temporaryDirectory();
    const alike = `${directory.path}/a-longer`;
    await mkdir(alike);
    const process = spawn("sleep", ["60"], { cwd: alike });
    await once(process, "spawn");
    expect(processesBelow(`${directory.path}/a`)).toEqual([]);
    process.kill();
    await once(process, "exit");
  });
});

test("a temporary directory goes with all that is in it", async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory.path, "deep", "er"), { recursive: true });
  await directory[Symbol.asyncDispose]();
  expect(existsSync(directory.path)).toBe(false);
});
