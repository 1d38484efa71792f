import {
  DescribeCacheParametersCommand,
  type ElastiCacheClient,
  type ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { compareVersions } from "@larder/server/resources/engine-version.ts";
import { openFilesLimit } from "@larder/server/runtime/open-files.ts";
import { enginesInstalled } from "@larder/testkit/engines.ts";
import { startServer, type TestServer } from "@larder/testkit/server.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  addressOf,
  createCluster,
  createdWithinMs,
  createGroup,
  nodeAddresses,
} from "./support/caches.ts";
import { configOf, settingsOf } from "./support/engine-readings.ts";

// Other suites may keep both cores busy; each wait has a deadline of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const nodeType = "cache.t4g.small";
const families: Readonly<Record<string, string>> = { redis: "redis7", valkey: "valkey8" };
const versions: Readonly<Record<string, string>> = { redis: "7.1", valkey: "8.0" };
const engines = enginesInstalled().filter((engine) => engine !== "memcached");

/** Larder's own connections come on top of what AWS lets a node have. */
const connectionsForLarder = 32;
/** What the engines keep free of the files that they may open. */
const filesOfAnEngine = 32;

/** What AWS's parameters say and no directive of that name does; other tests look at each. */
const withoutDirective = [
  ...["normal", "pubsub", "replica"].flatMap((kind) =>
    ["hard-limit", "soft-limit", "soft-seconds"].map(
      (part) => `client-output-buffer-limit-${kind}-${part}`,
    ),
  ),
  ...["close-on-replica-write", "rename-commands", "replica-allow-chaining"],
  ...["reserved-memory", "reserved-memory-percent"],
];

/** Of the node type, and what Larder makes of it: compared apart. */
const comparedApart = ["maxmemory", "maxclients", "cluster-preferred-endpoint-type"];

let server: TestServer;
let client: ElastiCacheClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What the API says of a group's parameters, for a node of this test's type and version. */
async function said(group: string, version: string): Promise<ReadonlyMap<string, string>> {
  const command = new DescribeCacheParametersCommand({ CacheParameterGroupName: group });
  const { Parameters = [], CacheNodeTypeSpecificParameters = [] } = await client.send(command);
  const known = Parameters.filter(
    ({ MinimumEngineVersion: from = "" }) => compareVersions(from, `${version}.0`) <= 0,
  );
  return new Map([
    ...known.map((one) => [one.ParameterName!, one.ParameterValue!] as const),
    ...CacheNodeTypeSpecificParameters.map((one) => {
      const values = one.CacheNodeTypeSpecificValues ?? [];
      const value = values.find(({ CacheNodeType }) => CacheNodeType === nodeType);
      return [one.ParameterName!, value!.Value!] as const;
    }),
  ]);
}

function membersOf(group: ReplicationGroup) {
  return (group.NodeGroups ?? []).flatMap(({ NodeGroupMembers = [] }) => NodeGroupMembers);
}

describe.each(engines)("what is said of a group of %s", (engine) => {
  const id = `truth-${engine}`;
  let group: ReplicationGroup;

  beforeAll(async () => {
    await createGroup(client, id, {
      ...{ Engine: engine, EngineVersion: versions[engine], CacheNodeType: nodeType },
    });
    group = await waitForGroup(client, id, "available", createdWithinMs);
  });

  test("each node runs with the default group's values", async () => {
    const parameters = await said(`default.${families[engine]}`, versions[engine] ?? "");
    const possible = (await openFilesLimit()) - filesOfAnEngine;
    for (const { ReadEndpoint } of membersOf(group)) {
      const config = await configOf(server, `replication-group/${id}`, addressOf(ReadEndpoint));
      const different = [...parameters].flatMap(([name, value]) => {
        if (withoutDirective.includes(name) || comparedApart.includes(name)) return [];
        return config[name] === value ? [] : [`${name}: said ${value}, runs ${config[name]}`];
      });
      expect(different).toEqual([]);
      // A quarter is reserved.
      const memory = Math.floor(Number(parameters.get("maxmemory")) * 0.75);
      expect(Number(config["maxmemory"])).toBe(memory);
      // An engine takes what the machine's limit of open files leaves it, of which doctor tells.
      const connections = Number(parameters.get("maxclients")) + connectionsForLarder;
      expect(Number(config["maxclients"])).toBe(Math.min(connections, possible));
      // AWS's value means names where there is TLS, and addresses where there is none.
      expect(config["cluster-preferred-endpoint-type"]).toBe("ip");
    }
  });

  test("each node has the role that is described, and only the primary takes writes", async () => {
    expect(membersOf(group)).toHaveLength(3);
    for (const { CurrentRole, ReadEndpoint } of membersOf(group)) {
      const redis = new Redis({ ...addressOf(ReadEndpoint), maxRetriesPerRequest: 1 });
      try {
        const role = CurrentRole === "primary" ? "master" : "slave";
        expect(await redis.info("replication")).toContain(`role:${role}`);
        const written = await redis.set("role", "mine").catch(String);
        expect(written).toMatch(CurrentRole === "primary" ? /^OK$/ : /READONLY/);
      } finally {
        redis.disconnect();
      }
    }
  });
});

test("memcached runs with the default group's values", async () => {
  const cluster = await createCluster(client, "truth-memcached", {
    ...{ Engine: "memcached", CacheNodeType: nodeType },
  });
  const parameters = await said("default.memcached1.6", "1.6");
  const settings = await settingsOf(nodeAddresses(cluster)[0]!);
  const value = (name: string) => Number(parameters.get(name));
  const megabytes = value("max_cache_memory") - value("memcached_connections_overhead");
  expect(Number(settings["maxbytes"])).toBe(megabytes * 1024 ** 2);
  expect(settings).toMatchObject({
    ...{
      num_threads: parameters.get("num_threads"),
      item_size_max: parameters.get("max_item_size"),
    },
    ...{ chunk_size: parameters.get("chunk_size"), evictions: "on", cas_enabled: "yes" },
    growth_factor: Number(parameters.get("chunk_size_growth_factor")).toFixed(2),
    ...{ tcp_backlog: parameters.get("backlog_queue_limit"), flush_enabled: "yes" },
    ...{ reqs_per_event: parameters.get("requests_per_event"), hash_algorithm: "jenkins" },
    ...{ idle_timeout: parameters.get("idle_timeout"), hashpower_init: "16" },
    slab_chunk_max: parameters.get("slab_chunk_max"),
  });
});
