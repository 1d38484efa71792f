import { systemClock as clock } from "@larder/server/base/clock.ts";
import { createLog } from "@larder/server/base/log.ts";
import { engineUserOf } from "@larder/server/boot/engine-user.ts";
import { searchPath } from "@larder/server/config.ts";
import { discoverEngines } from "@larder/server/engine/discovery.ts";
import { createMemcachedDriver } from "@larder/server/engine/memcached/driver.ts";
import { createRedisFamilyDriver } from "@larder/server/engine/redis-family/driver.ts";
import { GatewayProcess } from "@larder/server/network/gateway-process.ts";
import { createLoopbackNetwork } from "@larder/server/network/loopback.ts";
import { ControlPlane } from "@larder/server/reconcile/control-plane.ts";
import { refIn } from "@larder/server/resources/ref.ts";
import { withPendingNodes } from "@larder/server/resources/pending-nodes.ts";
import type { InstalledEngine } from "@larder/server/resources/engine-name.ts";
import type { Resource } from "@larder/server/resources/resource.ts";
import { openFilesLimit } from "@larder/server/runtime/open-files.ts";
import { openProcessRuntime } from "@larder/server/runtime/process-runtime.ts";
import type { ElastiCacheCall } from "@larder/server/services/elasticache/operation.ts";
import { openStore } from "@larder/server/store/sqlite-store.ts";
import type { Store } from "@larder/server/store/store.ts";
import { freeNetwork, type FreeNetwork } from "@larder/testkit/network.ts";
import type { TestEngine } from "@larder/testkit/engines.ts";
import { endProcessesBelow } from "@larder/testkit/processes.ts";
import { temporaryDirectory } from "@larder/testkit/temporary-directory.ts";
import { join } from "node:path";
import { withEngineCommandsSeen } from "./engine-commands.ts";

/** A hung node is found soon, so that many crashes fit into little time. */
const failureTimeoutMs = 1_000;
const home = { account: "000000000000", region: "us-east-1" };

/** An engine that replicates. */
export type CrashEngine = Exclude<TestEngine, "memcached">;

/** Told before and after everything where a change can be cut off, e.g. "node start". */
export type CrashHook = (moment: "before" | "after", step: string) => void;

/** How a control plane of this world is started. */
export interface LifeOptions {
  readonly onStep?: CrashHook;
  readonly repeatSteps?: boolean;
}

/** A shard and its nodes, as recorded. */
export interface CrashShard {
  readonly shard: Resource<"shard">;
  readonly nodes: readonly Resource<"node">[];
}

interface Life {
  readonly store: Store;
  readonly controlPlane: ControlPlane;
}

/**
 * A data directory with real engines whose control plane lives in this process, where it can be cut
 * off at any step. Every life opens the store's file anew, so that only what was committed counts.
 */
export class CrashWorld implements AsyncDisposable {
  readonly dataDir: string;
  readonly network: FreeNetwork;
  /** What groups run on. */
  readonly engine: CrashEngine;
  readonly #installed: readonly InstalledEngine[];
  readonly #cleanup: AsyncDisposableStack;
  #life: Life | null = null;

  private constructor(
    dataDir: string,
    network: FreeNetwork,
    engine: CrashEngine,
    installed: readonly InstalledEngine[],
    cleanup: AsyncDisposableStack,
  ) {
    this.dataDir = dataDir;
    this.network = network;
    this.engine = engine;
    this.#installed = installed;
    this.#cleanup = cleanup;
  }

  static async open(engine: CrashEngine): Promise<CrashWorld> {
    await using cleanup = new AsyncDisposableStack();
    const network = cleanup.use(await freeNetwork());
    const directory = cleanup.use(await temporaryDirectory());
    cleanup.defer(() => endProcessesBelow(directory.path));
    const { installed } = await discoverEngines(searchPath());
    return new CrashWorld(directory.path, network, engine, installed, cleanup.move());
  }

  /** Starts a control plane over whatever is there. */
  async start({ onStep = () => {}, repeatSteps }: LifeOptions = {}): Promise<void> {
    const { dataDir } = this;
    const store = openStore(join(dataDir, "state.db"), clock);
    const log = createLog("silent");
    const controlPlane = new ControlPlane({
      ...{
        store,
        clock,
        log,
        nodesPerRegion: 300,
        vpc: { cidr: this.network.cidr },
        installed: this.#installed,
      },
      runtime: await openProcessRuntime({ dataDir, user: engineUserOf("larder"), clock }),
      network: createLoopbackNetwork(),
      gateway: new GatewayProcess({ dataDir, clock, log }),
      drivers: [
        withEngineCommandsSeen(createRedisFamilyDriver(clock), onStep),
        createMemcachedDriver(clock, await openFilesLimit()),
      ],
      failureTimeoutMs,
      applyPending: withPendingNodes,
      onStep: (moment, step, { kind }) =>
        onStep(moment, `${kind} ${(step as { readonly do: string }).do}`),
      ...(repeatSteps !== undefined && { repeatSteps }),
    });
    this.#life = { store, controlPlane };
    await controlPlane.start();
  }

  /** Gives the control plane up where it stands; caches and gateway go on. */
  async stop(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    await life?.controlPlane.stop();
    life?.store.close();
  }

  /** Has the control plane begin nothing more, at once: what a crash leaves undone stays undone. */
  abandon(): void {
    void this.#living().controlPlane.stop();
  }

  get store(): Store {
    return this.#living().store;
  }

  /** What an API operation is called with. */
  get call(): ElastiCacheCall {
    const arn = `arn:aws:iam::${home.account}:root`;
    return {
      ...{ ...home, requestId: "crash", now: clock.now(), store: this.store },
      ...{ installed: this.#installed, vpc: { cidr: this.network.cidr } },
      nodesPerRegion: 300,
      principal: { arn, userId: home.account, accessKeyId: "test" },
    };
  }

  /** A cache's state, or null when it is gone. */
  state(kind: "replication-group" | "cache-cluster", id: string): string | null {
    const found = this.store.get(refIn(home, kind, id));
    if (found === undefined) return null;
    const { state, settledGeneration, because } = found.status;
    const settled = settledGeneration === found.generation ? "" : ", not settled";
    return state === "available" ? `available${settled}` : `${state}: ${because}`;
  }

  /** The shards of a cache, as recorded, each with its nodes. */
  shards(kind: "replication-group" | "cache-cluster", id: string): readonly CrashShard[] {
    const shards = this.store.ownedBy("shard", refIn(home, kind, id));
    return shards.map((shard) => ({ shard, nodes: this.store.ownedBy("node", shard) }));
  }

  /** The first shard of a cache, which for most caches is the only one. */
  shard(kind: "replication-group" | "cache-cluster", id: string) {
    return this.shards(kind, id)[0]?.shard;
  }

  /** The nodes of a cache, as recorded. */
  nodes(kind: "replication-group" | "cache-cluster", id: string) {
    return this.shards(kind, id).flatMap(({ nodes }) => nodes);
  }

  /** Whether the control plane is connected to the node: before, what is recorded may be old. */
  isConnected(node: Resource<"node">): boolean {
    return this.#living().controlPlane.fleet.session(node) !== null;
  }

  /** Takes something of a scenario's own along, which ends with this world. */
  own<T extends AsyncDisposable>(one: T): T {
    return this.#cleanup.use(one);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#cleanup.disposeAsync();
  }

  #living(): Life {
    if (this.#life === null) throw new Error("no control plane lives in this world now");
    return this.#life;
  }
}
