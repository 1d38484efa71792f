import { DescribeCacheClustersCommand } from "@aws-sdk/client-elasticache";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { processesBelow } from "./processes.ts";
import { startServer } from "./server.ts";

test("a test server answers the SDK, comes back after a kill and leaves nothing behind", async () => {
  const server = await startServer();
  const { dataDir } = server;
  const client = server.client();
  expect((await client.send(new DescribeCacheClustersCommand({}))).CacheClusters).toEqual([]);
  const before = server.pid;
  await server.kill();
  expect(server.pid).toBeNull();
  await server.restart();
  expect(server.pid).not.toBe(before);
  expect((await fetch(`${server.endpoint}/health`)).status).toBe(200);
  await server[Symbol.asyncDispose]();
  expect(processesBelow(dataDir)).toEqual([]);
  expect(existsSync(dataDir)).toBe(false);
});

test("a server that does not start says why", async () => {
  const refused = startServer({ env: { LARDER_PORT: "none" } });
  await expect(refused).rejects.toThrow(/before it answered[^]*LARDER_PORT/);
});
