import { systemClock } from "@larder/server/base/clock.ts";
import type { Config } from "@larder/server/config.ts";
import { endpointOf } from "../address.ts";
import type { Check } from "../doctor/check.ts";
import { judgeEngines, judgeEngineUser, judgeNode, judgePort } from "../doctor/judge-larder.ts";
import {
  judgeClock,
  judgeDataDir,
  judgeHugePages,
  judgeOpenFiles,
  judgeOvercommit,
} from "../doctor/judge-machine.ts";
import {
  clockSynchronized,
  inspectDataDir,
  readKernelFile,
  userExists,
} from "../doctor/probe-machine.ts";
import { findPortUser } from "../doctor/probe-port.ts";
import { reportText } from "../doctor/report.ts";
import { examineEngines } from "../engines.ts";
import { openFilesLimit } from "@larder/server/runtime/open-files.ts";
import type { Terminal } from "../terminal.ts";

/** `larder doctor`: checks this machine. The process ends with 1 when something must be fixed. */
export async function doctor(
  config: Config,
  terminal: Terminal,
  options: { readonly json?: boolean },
): Promise<void> {
  const checks = await examine(config);
  terminal.say(options.json ? JSON.stringify(checks, null, 2) : reportText(checks, terminal));
  if (checks.some((check) => check.level === "fail")) process.exitCode = 1;
}

async function examine(config: Config): Promise<readonly Check[]> {
  const isRoot = process.getuid?.() === 0;
  const { engineUser } = config;
  return [
    judgeNode(process.versions.node),
    ...judgeEngines(await examineEngines(config)),
    judgeEngineUser({ isRoot, engineUser, exists: (await userExists(engineUser)) ?? true }),
    judgePort(endpointOf(config), await findPortUser(config)),
    judgeDataDir(await inspectDataDir(config.dataDir)),
    judgeOpenFiles(await openFilesLimit()),
    ...(await examineKernel()),
    judgeClock(systemClock.now(), await clockSynchronized()),
  ];
}

/** What Linux lets one read; other systems have no such settings. */
async function examineKernel(): Promise<readonly Check[]> {
  const [overcommit, hugePages] = await Promise.all([
    readKernelFile("/proc/sys/vm/overcommit_memory"),
    readKernelFile("/sys/kernel/mm/transparent_hugepage/enabled"),
  ]);
  return [
    ...(overcommit === null ? [] : [judgeOvercommit(Number(overcommit))]),
    ...(hugePages === null ? [] : [judgeHugePages(hugePages)]),
  ];
}
