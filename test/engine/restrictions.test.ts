import { vulnerabilitiesOf } from "@larder/server/resources/vulnerabilities/vulnerability.ts";
import { describe, expect, test } from "vitest";
import { NodeBench, redisFamily } from "./support/nodes.ts";
import { tenant } from "./support/tenant.ts";

/** AWS's restricted list, and what Larder adds to it (redis-family/acl.ts says why). */
const refused: readonly (readonly string[])[] = [
  ...["BGREWRITEAOF", "BGSAVE", "SAVE", "SHUTDOWN", "SYNC"].map((name) => [name]),
  ...[
    ["PSYNC", "?", "-1"],
    ["SHUTDOWN", "NOSAVE"],
    ["DEBUG", "SLEEP", "0"],
  ],
  ...[["REPLICAOF", "NO", "ONE"], ["SLAVEOF", "NO", "ONE"], ["FAILOVER"]],
  ...[
    ["CONFIG", "GET", "*"],
    ["CONFIG", "SET", "maxmemory", "0"],
    ["config", "resetstat"],
  ],
  ...[
    ["CONFIG", "REWRITE"],
    ["MODULE", "LIST"],
    ["MODULE", "LOAD", "x.so"],
  ],
  ...[
    ["ACL", "SETUSER", "x", "on"],
    ["ACL", "DELUSER", "larder"],
    ["ACL", "LOAD"],
    ["ACL", "SAVE"],
  ],
  ...[
    ["MIGRATE", "127.0.0.1", "1", "k", "0", "1"],
    ["REPLCONF", "listening-port", "1"],
  ],
  ...[
    ["CLUSTER", "FORGET", "x"],
    ["CLUSTER", "MEET", "127.0.0.1", "1"],
    ["CLUSTER", "LINKS"],
  ],
  ...[
    ["CLUSTER", "SETSLOT", "0", "STABLE"],
    ["CLUSTER", "FAILOVER"],
    ["CLUSTER", "RESET"],
  ],
  ...[
    ["CLUSTER", "ADDSLOTS", "0"],
    ["CLUSTER", "DELSLOTS", "0"],
    ["CLUSTER", "FLUSHSLOTS"],
  ],
  ...[
    ["CLUSTER", "ADDSLOTSRANGE", "0", "1"],
    ["CLUSTER", "DELSLOTSRANGE", "0", "1"],
  ],
  ...[
    ["CLUSTER", "BUMPEPOCH"],
    ["CLUSTER", "SAVECONFIG"],
    ["CLUSTER", "REPLICATE", "x"],
  ],
  ...[
    ["CLUSTER", "SET-CONFIG-EPOCH", "1"],
    ["CLIENT", "KILL", "TYPE", "normal"],
  ],
  ...[
    ["CLIENT", "KILL", "USER", "larder"],
    ["CLIENT", "PAUSE", "1"],
    ["CLIENT", "UNPAUSE"],
  ],
  ...[
    ["CLIENT", "NO-EVICT", "ON"],
    ["RESTORE-ASKING", "k", "0", "x"],
  ],
];

/** What clients and their libraries need. */
const allowed: readonly (readonly string[])[] = [
  ...[["PING"], ["INFO"], ["ROLE"], ["DBSIZE"], ["COMMAND", "COUNT"], ["TIME"], ["SELECT", "1"]],
  ...[
    ["SET", "k", "v"],
    ["GET", "k"],
    ["EXPIRE", "k", "100"],
    ["DUMP", "k"],
    ["OBJECT", "HELP"],
  ],
  ...[
    ["HSET", "h", "f", "v"],
    ["LPUSH", "l", "v"],
    ["SADD", "s", "v"],
    ["ZADD", "z", "1", "v"],
  ],
  ...[["XADD", "x", "*", "f", "v"], ["PFADD", "p", "v"], ["SETBIT", "b", "1", "1"], ["FLUSHDB"]],
  ...[
    ["GEOADD", "g", "1", "1", "v"],
    ["PUBLISH", "c", "m"],
    ["EVAL", "return 1", "0"],
  ],
  ...[
    ["SCRIPT", "LOAD", "return 1"],
    ["FUNCTION", "LIST"],
    ["SLOWLOG", "GET"],
    ["MEMORY", "DOCTOR"],
  ],
  ...[
    ["CLIENT", "SETNAME", "me"],
    ["CLIENT", "GETNAME"],
    ["CLIENT", "ID"],
    ["CLIENT", "LIST"],
  ],
  ...[
    ["CLIENT", "INFO"],
    ["CLIENT", "TRACKING", "OFF"],
    ["CLIENT", "REPLY", "ON"],
  ],
  ...[
    ["ACL", "WHOAMI"],
    ["ACL", "LIST"],
    ["ACL", "USERS"],
    ["ACL", "CAT"],
    ["ACL", "LOG"],
  ],
  ...[["LATENCY", "LATEST"], ["LOLWUT"], ["WAIT", "0", "1"], ["LASTSAVE"]],
];

describe.each(redisFamily)("what users may do on $engine $binaryVersion", (engine) => {
  test("restricted commands are refused: plainly, in MULTI and in a script", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    await using client = await tenant(node.address);
    const { redis } = client;
    for (const command of refused) {
      const [name = "", ...args] = command;
      // The engine's own switch for DEBUG and MODULE may answer first: both have to say no.
      await expect(redis.call(name, ...args), command.join(" ")).rejects.toThrow(
        /NOPERM|(DEBUG|MODULE) command not allowed/,
      );
      const dryRun = await redis.call("ACL", "DRYRUN", "default", name, ...args);
      expect(dryRun, command.join(" ")).toMatch(/no permissions/);
      await redis.call("MULTI");
      // Some may not be queued by anybody, which the engine says before it looks at the user.
      await expect(redis.call(name, ...args), `MULTI ${name}`).rejects.toThrow(
        /NOPERM|not allowed inside a transaction|(DEBUG|MODULE) command not allowed/,
      );
      await expect(redis.call("EXEC")).rejects.toThrow("EXECABORT");
      const quoted = command.map((part) => `'${part}'`).join(",");
      const script = redis.call("EVAL", `return redis.call(${quoted})`, "0");
      await expect(script, `EVAL ${name}`).rejects.toThrow(
        /not allowed|can't run|NOPERM|permission/,
      );
    }
    expect(await redis.call("ACL", "WHOAMI")).toBe("default");
    expect((await node.session.sample()).replication?.role).toBe("primary");
  });

  test("what clients need works", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    await using client = await tenant(node.address);
    for (const [name = "", ...args] of allowed) {
      await expect(client.redis.call(name, ...args), `${name} ${args[0]}`).resolves.not.toBeNull();
    }
  });

  test("nobody logs in as the control plane, and its password stands nowhere", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    await using client = await tenant(node.address);
    await expect(client.redis.call("AUTH", "larder", "guess")).rejects.toThrow("WRONGPASS");
    const rules = JSON.stringify(await client.redis.call("ACL", "LIST"));
    expect(rules).toContain("user larder");
    expect(rules).not.toContain(bench.password);
    expect(await bench.runtime.logTail(node.uid, 200)).not.toContain(bench.password);
    const stranger = bench.driver.connect(node.address, "0".repeat(64), 1_000);
    await expect(stranger).rejects.toThrow("WRONGPASS");
  });

  test.runIf(
    vulnerabilitiesOf(engine).some(({ guard }) => guard?.withheld?.includes("restore") === true),
  )("RESTORE is withheld from a version that it can harm", async () => {
    await using bench = await NodeBench.open(engine);
    const node = await bench.start();
    await using client = await tenant(node.address);
    await expect(client.redis.call("RESTORE", "k", "0", "x")).rejects.toThrow("NOPERM");
  });
});
