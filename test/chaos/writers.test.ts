import { programPath } from "@larder/testkit/engines.ts";
import { freeNetwork } from "@larder/testkit/network.ts";
import { RespConnection } from "@larder/testkit/resp-connection.ts";
import { until } from "@larder/testkit/until.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { Writers } from "./writers.ts";

const port = 6_379;

/** A server that runs until its end is asked for; started twice, it is two that know no other. */
async function startRedis(host: string): Promise<AsyncDisposable> {
  const args = ["--bind", host, "--port", String(port), "--save", "", "--protected-mode", "no"];
  const program = programPath("redis");
  if (program === null) throw new Error("redis-server is not installed");
  const child = spawn(program, args, { stdio: "ignore" });
  const gone = once(child, "exit");
  await until(
    "redis answers",
    async () => {
      using connection = await RespConnection.open(host, port);
      return (await connection.send("PING")) === "PONG" || "not yet";
    },
    { withinMs: 5_000 },
  );
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function written(writers: Writers): Promise<void> {
  const before = writers.okCount;
  await until("more was written", () => writers.okCount > before + 20 || "not yet", {
    withinMs: 5_000,
  });
}

test("every acknowledged write that is gone is counted, and no other", async () => {
  using network = await freeNetwork();
  const host = network.address(0, 10);
  await using servers = new AsyncDisposableStack();
  servers.use(await startRedis(host));
  const writers = new Writers({ host, port }, { prefix: "w", count: 2 }).start();
  await written(writers);
  await writers.stop();
  using connection = await RespConnection.open(host, port);
  await connection.send("LPOP", "w:0", "3");
  await connection.send("RPUSH", "w:1", "never-sent");
  const verdict = await writers.verify();
  expect(verdict).toMatchObject({ acked: writers.okCount, lost: 3 });
});

test("a node that lost everything shows as lost writes, an outage and no overlap", async () => {
  using network = await freeNetwork();
  const place = { host: network.address(0, 10), port };
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await startRedis(place.host));
  const writers = new Writers(place, { prefix: "w", count: 2 }).start();
  await written(writers);
  const before = writers.okCount;
  writers.mark();
  await first[Symbol.asyncDispose]();
  await until("the outage is noticed", () => writers.gapMs > 100 || "not yet", { withinMs: 5_000 });
  servers.use(await startRedis(place.host));
  await written(writers);
  expect(await writers.stop()).toBeGreaterThan(100);
  expect(writers.errorCount).toBeGreaterThan(0);
  expect(writers.overlaps()).toEqual([]);
  const { lost } = await writers.verify();
  expect(lost).toBeGreaterThanOrEqual(before);
});
