import type { AttachedReplica, ReplicationView } from "../../engine/engine.ts";
import { type Address, sameAddress } from "../../resources/address.ts";
import { type Member, nodeIdOf } from "../../resources/cache-settings.ts";
import { newShardStatus } from "../../resources/compile.ts";
import type { NodeSpec, NodeStatus } from "../../resources/node.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ShardSpec } from "../../resources/shard.ts";
import type { Placement } from "../placement.ts";
import type { Write } from "../reconciler.ts";
import { planShard } from "./plan.ts";
import type { SeenMember, SeenShard } from "./seen.ts";
import type { ShardStep } from "./steps.ts";

/*
 * A shard without processes, for tests of the plan: engines are a few fields each, steps and writes
 * change them, and faults can be put in between any two.
 */

const noClaims = { held: new Set<string>(), recent: new Set<string>() };
const home = { account: "000000000000", region: "us-east-1" };

/** An engine of the simulation. */
export interface SimulatedEngine {
  readonly id: string;
  readonly address: Address;
  spec: NodeSpec;
  status: NodeStatus;
  readonly createdAt: string;
  alive: boolean;
  hung: boolean;
  role: "primary" | "replica";
  primary: Address | null;
  /** Copies the data set from its primary, or has not noticed yet that this broke off. */
  syncing: boolean;
  /** How many writes it holds. */
  offset: number;
  acknowledged: boolean;
  hosts: readonly string[];
}

/** Engines, and the shard resource that they belong to. */
export class SimulatedShard {
  readonly engines = new Map<string, SimulatedEngine>();
  resource: Resource<"shard">;
  /** An engine outside the shard, for it to follow. */
  readonly outside: { readonly address: Address; alive: boolean; offset: number } = {
    ...{ address: { host: "127.99.0.1", port: 6379 }, alive: true, offset: 100 },
  };
  readonly events: string[] = [];
  /** Nodes whose data never gets as far as what their primary holds. */
  readonly broken = new Set<string>();
  /** The version of the engine binary that launches find. */
  installedVersion = "7.0.15";
  #now = Date.parse("2026-01-01T00:00:00Z");
  #addresses = 3;

  constructor(size: number, automaticFailover = true) {
    const members = Array.from({ length: size }, (_, index): Member => {
      const clusterId = `shop-00${index + 1}`;
      const zone = `us-east-1${"abc"[index % 3]}`;
      return { clusterId, cacheNodeId: "0001", zone, reboots: 0, uid: clusterId, createdAt: "" };
    });
    const spec: ShardSpec = {
      ...{ engine: "redis", engineVersion: "7.1", nodeType: "cache.t4g.small", port: 6379 },
      binaryAtLeast: null,
      ...{ subnetGroup: "default", parameterGroup: "default.redis7", members, automaticFailover },
      ...{
        handover: null,
        upstream: null,
        outside: [],
        heldElsewhere: false,
        clusterMode: "disabled",
        endpoints: ["primary", "reader"],
      },
    };
    const owner = refIn(home, "replication-group", "shop");
    this.resource = {
      ...refIn(home, "shard", "replication-group/shop/0001"),
      ...{ generation: 1, revision: 1, spec, status: newShardStatus, owner },
      ...{ createdAt: "", deletingSince: null },
    };
  }

  get status() {
    return this.resource.status;
  }

  engine(id: string): SimulatedEngine {
    const engine = this.engines.get(id);
    if (engine === undefined) throw new Error(`no engine ${id}`);
    return engine;
  }

  /** Changes what is asked for. */
  ask(change: Partial<ShardSpec>): void {
    const { resource } = this;
    const spec = { ...resource.spec, ...change };
    this.resource = { ...resource, spec, generation: resource.generation + 1 };
  }

  /** Asks for a reboot of a member. */
  reboot(id: string): void {
    const { members } = this.resource.spec;
    const rebooted = (one: Member) =>
      nodeIdOf(one) === id ? { ...one, reboots: one.reboots + 1 } : one;
    this.ask({ members: members.map(rebooted) });
  }

  /** Time goes by without a pass. */
  elapse(ms: number): void {
    this.#now += ms;
  }

  /** One pass: look, decide, record, act. `cutAfter` steps at most are taken. */
  pass(cutAfter = Number.POSITIVE_INFINITY): readonly ShardStep[] {
    this.#now += 20;
    const seen = this.see();
    const decision = planShard(this.resource, seen, new Date(this.#now), placement(this));
    this.resource = { ...this.resource, status: decision.status };
    for (const write of decision.writes ?? []) this.#apply(write);
    for (const event of decision.events ?? []) this.events.push(event.message);
    const steps = decision.steps ?? [];
    for (const step of steps.slice(0, cutAfter)) if (!this.#take(step)) break;
    this.#replicate();
    return steps;
  }

  /** Passes, with time going by, until the shard is available and nothing changes any more. */
  settle(passesMax = 300): void {
    for (let passes = 1; passes <= passesMax; passes += 1) {
      const before = JSON.stringify([this.resource.status, [...this.engines]]);
      const steps = this.pass();
      const after = JSON.stringify([this.resource.status, [...this.engines]]);
      const isQuiet = steps.length === 0 && before === after;
      if (isQuiet && this.status.state === "available") return;
      if (isQuiet) this.#now += 1_000;
    }
    throw new Error(`not settled: ${this.status.because}`);
  }

  /** A client writes through the primary endpoint; whether anyone took it. */
  write(): boolean {
    const holder = this.holdersOfPrimaryEndpoint().find((one) => one.role === "primary");
    if (holder === undefined || holder.hung) return false;
    holder.offset += 1;
    return true;
  }

  holdersOfPrimaryEndpoint(): readonly SimulatedEngine[] {
    const host = this.status.endpoints.primary?.host ?? "";
    return [...this.engines.values()].filter((one) => one.alive && one.hosts.includes(host));
  }

  kill(id: string): void {
    const engine = this.engine(id);
    engine.alive = false;
    engine.offset = 0;
    engine.status = { ...engine.status, state: "down" };
  }

  nextAddress(): Address {
    this.#addresses += 1;
    return { host: `127.31.0.${this.#addresses}`, port: 6379 };
  }

  see(): SeenShard {
    const { spare } = this.status;
    const places = [...this.resource.spec.members, ...(spare === null ? [] : [spare])];
    const members = places.map((member) => this.#seeMember(member));
    const asked = new Set(members.map((one) => one.id));
    return {
      members,
      leaving: [...this.engines].filter(([id]) => !asked.has(id)).map(([id, one]) => node(id, one)),
      ...{
        halted: false,
        parameters: {},
        family: "redis7",
        installedVersion: this.installedVersion,
        routesInForce: true,
        claims: noClaims,
      },
      ...{ replicates: true, movesEndpoints: true, staleDiscovery: [] },
    };
  }

  #seeMember(member: Member): SeenMember {
    const id = nodeIdOf(member);
    const engine = this.engines.get(id);
    const unread = { view: null, cluster: null, hosts: null };
    const none = { ...unread, running: false, hung: false, connected: false };
    if (engine === undefined) return { ...none, id, member, node: null };
    const readable = engine.alive && !engine.hung;
    return {
      ...{ id, member, node: node(id, engine), running: engine.alive },
      ...{ hung: engine.alive && engine.hung, connected: engine.alive },
      view: readable ? this.#view(engine) : null,
      cluster: null,
      hosts: readable ? engine.hosts : null,
    };
  }

  #view(engine: SimulatedEngine): ReplicationView {
    const attached = [...this.engines.values()].filter(
      (one) => one.alive && one.role === "replica" && sameAddress(one.primary, engine.address),
    );
    const replicas = attached.map((one): AttachedReplica => {
      const acknowledgedOffset = one.acknowledged ? one.offset + 1 : 0;
      const online = !this.broken.has(one.id);
      return { address: one.address, online, acknowledgedOffset };
    });
    const up = this.#isServed(engine);
    const link =
      engine.role === "replica" && engine.primary !== null
        ? { primary: engine.primary, up, syncing: engine.syncing }
        : null;
    const { role, offset } = engine;
    return { role, replicationId: "x", offset, link, replicas };
  }

  /** Whether the engine's link to whom it follows is up. */
  #isServed({ address, primary: followed }: SimulatedEngine): boolean {
    if (followed === null || sameAddress(followed, address)) return false;
    if (sameAddress(followed, this.outside.address)) return this.outside.alive;
    const primary = this.#at(followed);
    return primary?.alive === true && !primary.hung;
  }

  #at(address: Address | null): SimulatedEngine | undefined {
    return [...this.engines.values()].find((one) => sameAddress(one.address, address));
  }

  #replicate(): void {
    for (const engine of this.engines.values()) {
      if (!engine.alive || engine.hung || engine.role === "primary") continue;
      if (!this.#isServed(engine)) continue;
      const primary = this.#at(engine.primary);
      engine.offset = primary?.offset ?? this.outside.offset;
      // Every second by itself; the plan asks for it only where a primary takes writes.
      if (primary?.role === "replica") engine.acknowledged = true;
    }
  }

  #apply(write: Write): void {
    if (write.write === "create" && write.ref.kind === "node") {
      const address = this.nextAddress();
      const status = { ...(write.status as NodeStatus), address };
      const off = { alive: false, hung: false, role: "primary", primary: null } as const;
      const data = { offset: 0, syncing: false, acknowledged: false, hosts: [address.host] };
      const { id } = write.ref;
      this.engines.set(id, {
        ...off,
        ...data,
        ...{ id, address, createdAt: new Date(this.#now).toISOString() },
        spec: write.spec as NodeSpec,
        status,
      });
    } else if (write.write === "spec" && write.ref.kind === "node") {
      this.#launch(this.engine(write.ref.id), write.spec as NodeSpec);
    } else if (write.write === "mark-deleting") {
      this.engines.delete(write.ref.id);
    }
  }

  #launch(engine: SimulatedEngine, spec: NodeSpec): void {
    const { number, following, upstream, reboots, data } = spec.launch;
    const outside = upstream?.kind === "none" ? engine.address : (upstream?.address ?? null);
    const { engineVersion, nodeType } = spec;
    const binaryVersion = this.installedVersion;
    const launchedAs = { engine: spec.engine, engineVersion, nodeType, binaryVersion };
    engine.spec = spec;
    engine.status = { ...engine.status, state: "running", launched: number, reboots, launchedAs };
    engine.alive = true;
    engine.hung = false;
    engine.primary = following ?? outside;
    engine.role = engine.primary === null ? "primary" : "replica";
    if (data === "discard") engine.offset = 0;
    engine.acknowledged = false;
    engine.hosts = [engine.address.host];
  }

  /** Whether the step could be taken. */
  #take(step: ShardStep): boolean {
    if (!("node" in step))
      return step.do === "hand-over" ? this.#handOver(step.from, step.to) : true;
    const engine = this.engine(step.node);
    if (step.do === "fence") {
      this.kill(step.node);
      return true;
    }
    if (!engine.alive || engine.hung) return false;
    if (step.do === "promote") engine.role = "primary";
    if (step.do === "listen") {
      const others = [...this.engines.values()].filter((one) => one !== engine && one.alive);
      // An address is one process's at a time, also where that one hangs.
      if (others.some((one) => one.hosts.some((host) => step.hosts.includes(host)))) return false;
      engine.hosts = step.hosts;
    }
    if (step.do === "follow") {
      Object.assign(engine, { role: "replica", primary: step.primary, acknowledged: false });
    }
    if (step.do === "follow-upstream") {
      Object.assign(engine, { role: "replica", primary: step.upstream, acknowledged: false });
    }
    if (step.do === "confirm") {
      for (const one of this.engines.values()) {
        if (sameAddress(one.primary, engine.address)) one.acknowledged = one.alive && !one.hung;
      }
    }
    return true;
  }

  #handOver(from: string, to: string): boolean {
    const [old, heir] = [this.engine(from), this.engine(to)];
    if (!old.alive || !heir.alive) return false;
    heir.offset = old.offset;
    heir.role = "primary";
    Object.assign(old, { role: "replica", primary: heir.address, acknowledged: false });
    return true;
  }
}

function node(id: string, engine: SimulatedEngine): Resource<"node"> {
  const { spec, status, createdAt } = engine;
  const rest = { generation: 1, revision: 1, owner: null, createdAt, deletingSince: null };
  return { ...refIn(home, "node", id), ...rest, spec, status };
}

function placement(shard: SimulatedShard): Placement {
  return {
    pick: () => shard.nextAddress(),
    carrier: (kind, targets) => (kind === "reader" && targets > 1 ? "gateway" : "engine"),
  };
}
