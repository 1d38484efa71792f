import {
  CreateReplicationGroupCommand,
  type ElastiCacheClient,
  paginateDescribeEvents,
} from "@aws-sdk/client-elasticache";
import { createServerClient, type ServerClient } from "@larder/cli/server-client.ts";
import { readConfig } from "@larder/server/config.ts";
import type {
  CacheReport,
  NodeReport,
  StatusReport,
} from "@larder/server/resources/status-report.ts";
import { processesBelow } from "@larder/testkit/processes.ts";
import { RespConnection } from "@larder/testkit/resp-connection.ts";
import {
  credentials,
  type ServerOptions,
  startServer,
  type TestServer,
} from "@larder/testkit/server.ts";
import { until } from "@larder/testkit/until.ts";
import { waitForGroup } from "@larder/testkit/wait-for.ts";
import { strays } from "./records.ts";

/** "host:port", taken apart. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** A server of a test's own, and what chaos tests ask of it again and again. */
export class Arena implements AsyncDisposable {
  readonly server: TestServer;
  readonly client: ElastiCacheClient;
  readonly #admin: ServerClient;

  private constructor(server: TestServer) {
    this.server = server;
    this.client = server.client();
    const { hostname, port } = new URL(server.endpoint);
    const config = readConfig({
      LARDER_HOST: hostname,
      LARDER_PORT: port,
      LARDER_DATA_DIR: server.dataDir,
      LARDER_VPC_CIDR: server.cidr,
    });
    this.#admin = createServerClient(config, () => Promise.resolve(credentials));
  }

  static async open(options: ServerOptions = {}): Promise<Arena> {
    return new Arena(await startServer(options));
  }

  /** Everything that the server knows of its caches. */
  async status(): Promise<StatusReport> {
    return JSON.parse(await this.#admin.request("GET", "/larder/status", 5_000)) as StatusReport;
  }

  async cache(id: string): Promise<CacheReport> {
    const found = (await this.status()).caches.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no cache ${id}`);
    return found;
  }

  async nodes(id: string): Promise<readonly NodeReport[]> {
    return (await this.cache(id)).shards.flatMap((shard) => shard.nodes);
  }

  /** The node that the server takes for the primary, with its process. */
  async primary(
    id: string,
  ): Promise<NodeReport & { readonly pid: number; readonly address: string }> {
    const found = (await this.nodes(id)).find((one) => one.role === "primary");
    const { pid = null, address = null } = found ?? {};
    if (found === undefined || pid === null || address === null) {
      throw new Error(`${id} has no primary now`);
    }
    return { ...found, pid, address };
  }

  /** Where the endpoint of that kind is. */
  async endpoint(id: string, kind: "primary" | "reader" | "configuration"): Promise<Place> {
    return placeOf((await this.cache(id)).endpoints[kind]);
  }

  /**
   * Makes a group of one primary and two replicas, and waits until it is there: with Multi-AZ, or
   * with a parameter group that turns append-only files on.
   */
  async createGroup(id: string, engine: string, parameterGroup?: string): Promise<void> {
    await this.client.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: "chaos",
        Engine: engine,
        CacheNodeType: "cache.t4g.small",
        NumCacheClusters: 3,
        // The API refuses automatic failover together with append-only files.
        AutomaticFailoverEnabled: parameterGroup === undefined,
        MultiAZEnabled: parameterGroup === undefined,
        ...(parameterGroup === undefined ? {} : { CacheParameterGroupName: parameterGroup }),
      }),
    );
    await waitForGroup(this.client, id, "available", 30_000);
  }

  /** Resolves once the group is `available` and every node says itself that it does its part. */
  async whole(id: string, nodes = 3, withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    await waitForGroup(this.client, id, "available", withinMs);
    await until(
      `${id} is whole: a primary with ${nodes - 1} replicas online`,
      async () => {
        const seen = await this.nodes(id);
        const roles = await Promise.all(seen.map((node) => roleOf(placeOf(node.address))));
        const expected = [
          `master ${nodes - 1}`,
          ...Array.from({ length: nodes - 1 }, () => "slave up"),
        ];
        const missing = roles.toSorted().join(", ");
        return missing === expected.toSorted().join(", ") || missing;
      },
      { withinMs: Math.max(0, deadline - performance.now()) },
    );
  }

  /** Resolves once no cache is being created, changed or deleted any more. */
  async settled(withinMs: number): Promise<void> {
    await until(
      "no cache is on its way",
      async () => {
        const { caches } = await this.status();
        const moving = caches.filter((one) => /^(creating|modifying|deleting)/.test(one.state));
        return moving.length === 0 || moving.map((one) => `${one.id} ${one.because}`).join("; ");
      },
      { withinMs },
    );
  }

  /** Sends SIGKILL, or another signal, to one process of this arena. */
  signal(pid: number | null, signal: NodeJS.Signals = "SIGKILL"): void {
    if (pid === null || !Number.isInteger(pid) || pid <= 1) throw new Error(`no pid: ${pid}`);
    process.kill(pid, signal);
  }

  /** Kills one process of this arena; resolves once it is gone, so that it answers nobody any more. */
  async kill(pid: number | null): Promise<void> {
    this.signal(pid);
    const isGone = () => !processesBelow(this.server.dataDir).includes(pid ?? 0);
    await until(`process ${pid} has ended`, () => isGone() || "it is there", { withinMs: 5_000 });
  }

  /** Wakes a process that was stopped, unless it was fenced meanwhile. */
  wake(pid: number): void {
    try {
      this.signal(pid, "SIGCONT");
    } catch (error) {
      // Its process is gone, which is what fencing does.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** What is left that belongs to nothing, once what is just ending had its time. */
  async leftovers(withinMs = 5_000): Promise<readonly string[]> {
    const look = () => strays(this.server.dataDir, this.prefix);
    try {
      await until("nothing is left over", () => look().length === 0 || "strays", { withinMs });
      return [];
    } catch {
      return look(); // told by whoever asked
    }
  }

  /** What its addresses begin with, e.g. "127.44.". */
  get prefix(): string {
    return this.server.cidr.split(".").slice(0, 2).join(".").concat(".");
  }

  /** Messages of the events so far, newest first. */
  async events(): Promise<readonly string[]> {
    const messages: string[] = [];
    const pages = paginateDescribeEvents({ client: this.client }, { Duration: 60 });
    for await (const { Events = [] } of pages) {
      messages.push(...Events.map((one) => one.Message ?? ""));
    }
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** Takes "host:port" apart. */
export function placeOf(text: string | null | undefined): Place {
  const at = text?.lastIndexOf(":") ?? -1;
  if (text === null || text === undefined || at === -1) throw new Error(`no address: ${text}`);
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

/** A node's own word: "master" with its online replicas, or "slave" with the state of its link. */
export async function roleOf({ host, port }: Place): Promise<string> {
  using connection = await RespConnection.open(host, port, 500);
  const info = await connection.text("INFO", "replication");
  if (info.includes("role:master")) return `master ${info.match(/state=online/g)?.length ?? 0}`;
  return info.includes("master_link_status:up") ? "slave up" : "slave down";
}
