import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { EngineDriver } from "../engine/engine.ts";
import type { Gateway } from "../network/gateway.ts";
import type { Network } from "../network/network.ts";
import type { CacheClusterSpec } from "../resources/cache-cluster.ts";
import type { EngineName, InstalledEngine } from "../resources/engine-name.ts";
import type { Resource } from "../resources/resource.ts";
import type { Vpc } from "../resources/vpc.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Networks, type Part } from "../store/networks.ts";
import type { Store } from "../store/store.ts";
import { withAutoUpdate } from "./cache/auto-update.ts";
import { createCacheClusterReconciler } from "./cache/cache-cluster.ts";
import { createReplicationGroupReconciler } from "./cache/replication-group.ts";
import { Driver, type StepHook } from "./driver.ts";
import { Fleet } from "./fleet.ts";
import { createGlobalReconciler } from "./global/reconciler.ts";
import { concernedByGlobal } from "./global/wake.ts";
import { createNodeReconciler } from "./node/reconciler.ts";
import type { Placed, Placement } from "./placement.ts";
import { haltedSetting } from "./shard/observe.ts";
import { isRouted } from "./shard/endpoints.ts";
import { createShardReconciler } from "./shard/reconciler.ts";
import { RouteTable } from "./shard/route-table.ts";

/** What the control plane is made of. */
export interface ControlPlaneParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: Runtime;
  readonly network: Network;
  readonly gateway: Gateway;
  readonly vpc: Vpc;
  readonly installed: readonly InstalledEngine[];
  readonly drivers: readonly EngineDriver[];
  readonly failureTimeoutMs: number;
  readonly applyPending: (spec: CacheClusterSpec, now: Date) => CacheClusterSpec;
  readonly onStep?: StepHook;
  /** See DriverOptions. */
  readonly repeatSteps?: boolean;
}

/** Keeps every cache as it was asked for. */
export class ControlPlane {
  readonly fleet: Fleet;
  readonly #parts: ControlPlaneParts;
  readonly #driver: Driver;
  readonly #routes: RouteTable;

  constructor(parts: ControlPlaneParts) {
    const { store, clock, log, runtime, network, vpc, installed } = parts;
    this.#parts = parts;
    this.fleet = new Fleet(clock, log, parts.failureTimeoutMs, (ref) => {
      // The shard first: it decides about failover, and does not wait for the node's own pass.
      const owner = store.get(ref)?.owner;
      if (owner !== undefined && owner !== null) this.#driver.wake(owner);
      this.#driver.wake(ref);
    });
    this.#routes = new RouteTable(store, parts.gateway);
    const driverOf = driversByEngine(parts.drivers);
    const placementOf = (one: Placed) => placementIn(network, subnetsOf(store, vpc, one));
    const tools = { store, clock, runtime, fleet: this.fleet, installed, driverOf };
    this.#driver = new Driver({
      ...{ store, clock, log },
      ...(parts.onStep === undefined ? {} : { onStep: parts.onStep }),
      repeatSteps: parts.repeatSteps ?? false,
      reconcilers: [
        withAutoUpdate(
          createReplicationGroupReconciler({ ...tools, routes: this.#routes }, placementOf),
          store,
          installed,
        ),
        withAutoUpdate(createCacheClusterReconciler(tools, parts.applyPending), store, installed),
        createShardReconciler({ ...tools, routes: this.#routes }, placementOf),
        createNodeReconciler(tools, placementOf),
        createGlobalReconciler(tools),
      ],
    });
    store.onChange((changed) => {
      // It takes a few tenths of a second to start: it does so while the new nodes do.
      if (changed.some((one) => needsGateway(one, network, driverOf))) parts.gateway.warm();
      for (const shard of changed.flatMap((one) => shardsWithGroup(store, one))) {
        this.#driver.wake(shard);
      }
      for (const other of changed.flatMap((one) => concernedByGlobal(store, one))) {
        this.#driver.wake(other);
      }
    });
    parts.gateway.onLost(() => {
      this.#routes.forget();
      for (const shard of store.listAll("shard")) this.#driver.wake(shard);
      for (const group of store.listAll("replication-group")) this.#driver.wake(group);
    });
  }

  /** Ends what belongs to no node any more, then takes up every cache where it stands. */
  async start(): Promise<void> {
    const { store, runtime, log } = this.#parts;
    const known = new Set(store.listAll("node").map((node) => node.spec.uid));
    const { directories, processes } = await runtime.survey();
    const strays = new Set([...directories, ...processes.map((one) => one.uid)]);
    for (const uid of strays.difference(known)) {
      log.warn({ uid }, "a stray node is removed");
      await runtime.remove(uid);
    }
    this.#driver.start();
  }

  /** Has every node save its data and end, and resolves when all have. No pass follows. */
  async halt(): Promise<void> {
    const { store, clock, gateway } = this.#parts;
    store.setSetting(haltedSetting, "yes");
    for (const shard of store.listAll("shard")) this.#driver.wake(shard);
    while (!store.listAll("node").every((node) => node.status.process === null)) {
      await new Promise<void>((resolve) => clock.after(50, resolve));
    }
    // A pass that still saw a node answer would start the gateway again, to lead to it.
    await this.#driver.stop();
    await gateway.stop();
  }

  /** Ends the passes and connections of this process; caches and gateway go on. */
  async stop(): Promise<void> {
    await this.#driver.stop();
    this.fleet.stop();
    this.#parts.gateway.release();
  }
}

/** The shards that run with a parameter group which changed. */
function shardsWithGroup(store: Store, changed: Resource): readonly Resource<"shard">[] {
  if (changed.kind !== "parameter-group") return [];
  const shards = store.list("shard", changed);
  return shards.filter(({ spec }) => spec.parameterGroup === changed.id);
}

/** Whether this is a new cache or shard some endpoint of which the gateway will carry. */
function needsGateway(
  resource: Resource,
  network: Network,
  driverOf: (engine: EngineName) => EngineDriver,
): boolean {
  if (resource.deletingSince !== null) return false;
  if (resource.kind === "replication-group") {
    const { spec, status } = resource as Resource<"replication-group">;
    return spec.clusterMode !== "disabled" && status.settledGeneration === 0;
  }
  if (resource.kind !== "shard") return false;
  const { spec, status } = resource as Resource<"shard">;
  if (status.settledGeneration > 0) return false;
  const { movesEndpoints } = driverOf(spec.engine);
  return spec.endpoints.some((kind) => isRouted(kind, spec, movesEndpoints, network));
}

function driversByEngine(drivers: readonly EngineDriver[]): (engine: EngineName) => EngineDriver {
  const byEngine = new Map(drivers.flatMap((one) => one.engines.map((name) => [name, one])));
  return (engine) => {
    const driver = byEngine.get(engine);
    if (driver === undefined) throw new Error(`there is no driver for ${engine}`);
    return driver;
  };
}

function subnetsOf(store: Store, vpc: Vpc, one: Placed): readonly Part<"subnet">[] {
  return new Networks(store, vpc, one).subnetGroup(one.spec.subnetGroup)?.subnets ?? [];
}

function placementIn(network: Network, subnets: readonly Part<"subnet">[]): Placement {
  return {
    pick(zone, port, { held, recent }) {
      const inZone = subnets.filter((subnet) => subnet.zone === zone);
      const pick = (subnet: string, taken: ReadonlySet<string>) =>
        network.pick({ subnet, port, taken, recent });
      // What one subnet gave up lately comes after what the next one still has.
      const avoided = inZone.length > 1 ? [held.union(recent), held] : [held];
      for (const taken of avoided) {
        for (const { cidr } of inZone) {
          const address = pick(cidr, taken);
          if (address !== null) return address;
        }
      }
      return null;
    },
    carrier: (kind, targets, movable) => network.carrier(kind, targets, movable),
  };
}
