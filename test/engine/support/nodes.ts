import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { systemClock } from "@larder/server/base/clock.ts";
import { newPassword } from "@larder/server/base/random.ts";
import { discoverEngines } from "@larder/server/engine/discovery.ts";
import type { EngineDriver, Session } from "@larder/server/engine/engine.ts";
import { createMemcachedDriver } from "@larder/server/engine/memcached/driver.ts";
import { createRedisFamilyDriver } from "@larder/server/engine/redis-family/driver.ts";
import type { Address } from "@larder/server/resources/address.ts";
import type { OutsideShard } from "@larder/server/resources/upstream.ts";
import { isClusterMode } from "@larder/server/resources/cluster-mode.ts";
import type { InstalledEngine } from "@larder/server/resources/engine-name.ts";
import type { ProcessHandle } from "@larder/server/resources/node.ts";
import { findNodeType } from "@larder/server/resources/node-types.ts";
import { openFilesLimit } from "@larder/server/runtime/open-files.ts";
import { openProcessRuntime } from "@larder/server/runtime/process-runtime.ts";
import type { Runtime } from "@larder/server/runtime/runtime.ts";
import { endProcessesBelow } from "@larder/testkit/processes.ts";
import { freeNetwork } from "@larder/testkit/network.ts";
import { until } from "@larder/testkit/until.ts";

const { installed } = await discoverEngines((process.env["PATH"] ?? "").split(":"));

/** The redis and valkey binaries of this machine, for describe.each. */
export const redisFamily = installed.filter((one) => one.engine !== "memcached");
/** The memcached binaries of this machine. */
export const memcacheds = installed.filter((one) => one.engine === "memcached");
/** Every engine of this machine. */
export const allEngines = installed;

const memcachedDriver = createMemcachedDriver(systemClock, await openFilesLimit());
const redisDriver = createRedisFamilyDriver(systemClock);

/** A running node with its control session. */
export interface TestNode {
  readonly uid: string;
  readonly address: Address;
  readonly handle: ProcessHandle;
  readonly session: Session;
}

interface NodeWishes {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly following?: Address;
  /** The shards of another cluster, one of which the node follows. */
  readonly outside?: readonly OutsideShard[];
  readonly startsEmpty?: boolean;
  readonly followingPassword?: null;
  /** Starts again in the directory, and at the address, of an earlier node. */
  readonly like?: TestNode;
}

/** Starts nodes of one engine in a data directory and a network of its own. */
export class NodeBench implements AsyncDisposable {
  readonly dataDir: string;
  readonly runtime: Runtime;
  readonly installed: InstalledEngine;
  readonly driver: EngineDriver;
  readonly password = newPassword();
  readonly nodeType = findNodeType("cache.t4g.small");
  readonly #network: Awaited<ReturnType<typeof freeNetwork>>;
  #count = 0;

  private constructor(
    dataDir: string,
    runtime: Runtime,
    engine: InstalledEngine,
    network: Awaited<ReturnType<typeof freeNetwork>>,
  ) {
    this.dataDir = dataDir;
    this.runtime = runtime;
    this.installed = engine;
    this.driver = engine.engine === "memcached" ? memcachedDriver : redisDriver;
    this.#network = network;
  }

  static async open(engine: InstalledEngine): Promise<NodeBench> {
    const outer = await mkdtemp(join(tmpdir(), "larder-engine-"));
    // Engines must come up below a directory that only the server's user may enter.
    await chmod(outer, 0o700);
    const dataDir = join(outer, "data");
    await mkdir(dataDir);
    const runtime = await openProcessRuntime({ dataDir, user: engineUser(), clock: systemClock });
    return new NodeBench(dataDir, runtime, engine, await freeNetwork());
  }

  /** An address of this bench's network that nothing uses yet. */
  address(): Address {
    this.#count += 1;
    const port = this.installed.engine === "memcached" ? 11_211 : 6_379;
    return { host: this.#network.address(16, this.#count), port };
  }

  async start(wishes: NodeWishes = {}): Promise<TestNode> {
    const address = wishes.like?.address ?? this.address();
    const uid = wishes.like?.uid ?? `node-${this.#count}`;
    if (this.nodeType === undefined) throw new Error("the node type is missing");
    const plan = this.driver.plan({
      ...{ installed: this.installed, nodeType: this.nodeType, address },
      ...{ parameters: wishes.parameters ?? {}, controlPassword: this.password },
      following: wishes.following ?? null,
      outside: wishes.outside ?? [],
      startsEmpty: wishes.startsEmpty ?? false,
      ...(wishes.followingPassword === null && { followingPassword: null }),
    });
    const handle = await this.runtime.start(uid, plan);
    const clusterMode = isClusterMode(wishes.parameters ?? {});
    return { uid, address, handle, session: await this.connect(uid, address, clusterMode) };
  }

  /** A primary with `count` replicas that it has had an acknowledgement from. */
  async startGroup(
    count: number,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly primary: TestNode; readonly replicas: readonly TestNode[] }> {
    const primary = await this.start({ parameters });
    const replicas: TestNode[] = [];
    for (let index = 0; index < count; index += 1) {
      replicas.push(await this.start({ parameters, following: primary.address }));
    }
    await untilReady(primary, count);
    return { primary, replicas };
  }

  /** Connects as soon as the node accepts connections. */
  async connect(uid: string, address: Address, clusterMode = false): Promise<Session> {
    const opened: Session[] = [];
    await until(
      `${uid} answers`,
      async () => {
        try {
          opened.push(await this.driver.connect(address, this.password, 1_000, clusterMode));
          return true;
        } catch (error) {
          return `${String(error)}; its log: ${await this.runtime.logTail(uid, 3)}`;
        }
      },
      { withinMs: 10_000 },
    );
    const [session] = opened;
    if (session === undefined) throw new Error("connected without a session");
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcessesBelow(this.dataDir);
    await rm(join(this.dataDir, ".."), { recursive: true, force: true });
    this.#network[Symbol.dispose]();
  }
}

/** Waits until the primary has `count` replicas online that acknowledged something. */
export async function untilReady(primary: TestNode, count: number): Promise<void> {
  const replication = replicationOf(primary);
  await until(
    `${count} replicas are ready`,
    async () => {
      await replication.confirm(count, 200);
      const { replicas } = await replication.view();
      const ready = replicas.filter((one) => one.online && one.acknowledgedOffset > 0);
      return ready.length === count || JSON.stringify(replicas);
    },
    { withinMs: 15_000 },
  );
}

/** The node's replication ability, which every redis and valkey node has. */
export function replicationOf(node: TestNode): NonNullable<Session["replication"]> {
  if (node.session.replication === undefined) throw new Error("the engine does not replicate");
  return node.session.replication;
}

/** Who engines run as in these tests: nobody, when the tests run as root. */
export function engineUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}
