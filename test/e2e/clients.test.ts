import type { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { primaryOf } from "@larder/testkit/status.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { addressOf, createdWithinMs, createGroup, type Group } from "./support/caches.ts";
import { type CacheClient, clientsOf, glideClient, glideProblem } from "./support/clients.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const engines = enginesInstalled().filter((engine) => engine !== "memcached");
const libraries = Object.keys(clientsOf);
/** A client backs off between its tries; beside other suites on two cores. */
const goesOnWithinMs = 20_000;
const replicatedWithinMs = 10_000;

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Writes until it is acknowledged: what a user of the library does whose command was rejected. */
async function writeOn(library: string, cache: CacheClient, value: string): Promise<void> {
  await until(
    `${library} writes ${value}`,
    () => cache.set(library, value).then(() => true, String),
    { withinMs: goesOnWithinMs },
  );
}

test("every library is there", () => {
  expect(libraries).toEqual([
    ...["ioredis", "iovalkey", "node-redis"],
    ...(glideProblem === null ? ["valkey-glide"] : []),
  ]);
});

describe.each(engines)("%s", (Engine) => {
  let group: Group;

  beforeAll(async () => {
    group = await createGroup(client, `clients-${Engine}`, { Engine, NumCacheClusters: 2 });
  });

  test.each(libraries)("%s writes, and reads at the reader endpoint", async (library) => {
    await using writer = await clientsOf[library]!(group.primary, "primary");
    await using reader = await clientsOf[library]!(group.reader, "reader");
    await writer.set(`${library}-é`, "ü\r\n\0");
    expect(await writer.get(`${library}-é`)).toBe("ü\r\n\0");
    expect(await writer.get("none")).toBeNull();
    await until(
      "the replica has it",
      async () => (await reader.get(`${library}-é`)) === "ü\r\n\0" || "it has not",
      { withinMs: replicatedWithinMs },
    );
    await expect(reader.set("a", "b")).rejects.toThrow(/READONLY|read only/i);
    const many = Array.from({ length: 1_000 }, (_, at) => `${library}-${at}`);
    await Promise.all(many.map((key) => writer.set(key, key)));
    expect(await Promise.all(many.map((key) => writer.get(key)))).toEqual(many);
  });

  test.skipIf(glideProblem !== null)(
    `valkey-glide finds the primary among the nodes, and reads from replicas${
      glideProblem === null ? "" : ` (skipped: ${glideProblem})`
    }`,
    async () => {
      const described = await waitForGroup(client, group.id, "available", createdWithinMs);
      const { NodeGroupMembers: nodes = [] } = described.NodeGroups?.[0] ?? {};
      const addresses = nodes.map(({ ReadEndpoint }) => addressOf(ReadEndpoint)).toReversed();
      await using cache = await glideClient(addresses, "primary", "preferReplica");
      await cache.set("found", "yes");
      await until(
        "a replica has it",
        async () => (await cache.get("found")) === "yes" || "it has not",
        { withinMs: replicatedWithinMs },
      );
    },
  );

  test("every library goes on by itself after kill -9 of the primary", async () => {
    await using open = new AsyncDisposableStack();
    const caches = await Promise.all(
      libraries.map(async (library) => {
        const cache = open.use(await clientsOf[library]!(group.primary, "primary"));
        await writeOn(library, cache, "before");
        return [library, cache] as const;
      }),
    );
    const before = await primaryOf(server, group.id);
    process.kill(before.pid, "SIGKILL");
    await Promise.all(caches.map(([library, cache]) => writeOn(library, cache, "after")));
    for (const [library, cache] of caches) expect(await cache.get(library)).toBe("after");
    await waitForGroup(client, group.id, "available", createdWithinMs);
    expect((await primaryOf(server, group.id)).id).not.toBe(before.id);
  });
});
