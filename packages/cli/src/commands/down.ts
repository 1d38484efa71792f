import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@larder/server/base/clock.ts";
import type { Config } from "@larder/server/config.ts";
import type { StatusReport } from "@larder/server/resources/status-report.ts";
import { findRootKey } from "../credentials.ts";
import { Failure } from "../failure.ts";
import { counted } from "../human.ts";
import { countRunningNodes } from "../running-nodes.ts";
import { askHealth, createServerClient, isListening, NoAnswer } from "../server-client.ts";
import type { ServerClient } from "../server-client.ts";
import type { Terminal } from "../terminal.ts";

/** Saving large data sets takes its time; nothing is gained by giving up on it early. */
const savedWithinMs = 30 * 60_000;
const healthWithinMs = 10_000;
const statusWithinMs = 2_000;
const goneWithinMs = 60_000;
const lookEveryMs = 250;

/**
 * `larder down`: has the server save and stop every node, and then itself. Done already when
 * neither runs.
 * @throws Failure when nodes are left running
 */
export async function down(config: Config, terminal: Terminal): Promise<void> {
  const client = createServerClient(config, () => findRootKey(config));
  if (!(await isListening(client.endpoint))) {
    const left = await countRunningNodes(config);
    if (left > 0) throw withoutServer(client.endpoint, left);
    terminal.say(`Nothing to stop: no server runs at ${client.endpoint}, and no node does.`);
    return;
  }
  if ((await askHealth(client.endpoint, healthWithinMs)) === null) {
    throw new Failure(
      `What listens at ${client.endpoint} does not answer as a Larder server does. Is LARDER_PORT ` +
        "right?",
    );
  }
  await saveAndStop(client, terminal);
  const left = await countRunningNodes(config);
  if (left > 0) {
    throw new Failure(
      `The server has stopped, but ${counted(left, "node")} still run: see ` +
        `${config.dataDir}/server.log.`,
    );
  }
  terminal.say("Stopped, with all data saved. `npx larder up` brings it back.");
}

/** Only the server can sign on to a node and have it save; without it we touch nothing. */
function withoutServer(endpoint: string, left: number): Failure {
  const run = left === 1 ? "node of its caches does" : "nodes of its caches do";
  return new Failure(
    `No server runs at ${endpoint}, but ${left} ${run}. Start it with \`npx larder up\`, then ` +
      "run `npx larder down` in another shell.",
  );
}

async function saveAndStop(client: ServerClient, terminal: Terminal): Promise<void> {
  const done = new AbortController();
  const progress = showProgress(client, terminal, done.signal);
  try {
    await client.request("POST", "/larder/down", savedWithinMs);
    await untilGone(client, goneWithinMs);
  } catch (error) {
    // The request was taken; only the wait for its answer broke off, as waits of minutes may.
    if (!(error instanceof NoAnswer)) throw error;
    await untilGone(client, savedWithinMs);
  } finally {
    done.abort();
    await progress;
  }
}

/** Says how many nodes still run, each time that number changes. Never rejects. */
async function showProgress(
  client: ServerClient,
  terminal: Terminal,
  done: AbortSignal,
): Promise<void> {
  let shown: number | null = null;
  while (!done.aborted) {
    const running = await runningNow(client);
    if (running !== null && running !== shown && !done.aborted) {
      shown = running;
      terminal.say(`Saving and stopping: ${counted(running, "node")} to go.`);
    }
    await sleep(lookEveryMs);
  }
}

async function runningNow(client: ServerClient): Promise<number | null> {
  try {
    const answer = await client.request("GET", "/larder/status", statusWithinMs);
    const { caches } = JSON.parse(answer) as StatusReport;
    const nodes = caches.flatMap((cache) => cache.shards.flatMap((shard) => shard.nodes));
    return nodes.filter((node) => node.pid !== null).length;
  } catch {
    // Progress is a courtesy: the request to stop tells what really goes wrong.
    return null;
  }
}

async function untilGone(client: ServerClient, withinMs: number): Promise<void> {
  const giveUpAtMs = systemClock.monotonicMs() + withinMs;
  while (await isListening(client.endpoint)) {
    if (systemClock.monotonicMs() > giveUpAtMs) {
      throw new Failure(`The server at ${client.endpoint} does not end: see its log.`);
    }
    await sleep(lookEveryMs);
  }
}
