import { discoveryPayload } from "@larder/gateway/discovery.ts";
import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { withDeadline } from "../../base/deadline.ts";
import type { EngineDriver, Session } from "../../engine/engine.ts";
import { type Member, nodeIdOf } from "../../resources/cache-settings.ts";
import {
  type EngineName,
  engineServing,
  type InstalledEngine,
} from "../../resources/engine-name.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { defaultGroups } from "../../resources/parameters/families.ts";
import { resolveParameters } from "../../resources/parameters/resolve.ts";
import { refIn, refKey } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Store } from "../../store/store.ts";
import { type Fleet, viewOf } from "../fleet.ts";
import { clusterViewOf } from "../cluster/observe.ts";
import { discoveryOf } from "./discovery.ts";
import type { RouteTable } from "./route-table.ts";
import { addressOf, type SeenMember, type SeenShard } from "./seen.ts";

/** What shards are looked at and driven with. */
export interface ShardTools {
  readonly store: Store;
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly fleet: Fleet;
  readonly routes: RouteTable;
  readonly installed: readonly InstalledEngine[];
  readonly driverOf: (engine: EngineName) => EngineDriver;
}

/** The store's setting that has every node save its data and end. */
export const haltedSetting = "halted";

/** The key under which older clients of auto discovery find the membership. */
export const discoveryKey = "AmazonElastiCache:cluster";

/** A node that takes longer to answer a look counts as unreadable in this pass. */
const lookWithinMs = 250;

/** Reads a shard: its nodes' processes, roles and addresses, and what the gateway carries. */
export async function observeShard(
  tools: ShardTools,
  shard: Resource<"shard">,
): Promise<SeenShard> {
  const { store, routes } = tools;
  const nodes = store.ownedBy("node", shard);
  const filling = (member: Member) =>
    nodes.find((node) => node.id === nodeIdOf(member) && node.spec.uid === member.uid) ?? null;
  const { spare } = shard.status;
  const places = spare === null ? shard.spec.members : [...shard.spec.members, spare];
  const members = await Promise.all(
    places.map((member) => observeMember(tools, member, filling(member))),
  );
  const { engine, engineVersion } = shard.spec;
  const driver = tools.driverOf(engine);
  const kept = new Set(members.map((one) => one.node));
  const { family, parameters } = parametersOf(store, shard);
  return {
    members,
    leaving: nodes.filter((node) => !kept.has(node)),
    halted: store.setting(haltedSetting) === "yes",
    parameters,
    family,
    installedVersion: engineServing(tools.installed, engine, engineVersion)?.binaryVersion ?? null,
    routesInForce: routes.carries(refKey(shard), shard.status.routes),
    claims: store.claims(),
    replicates: driver.replicates,
    movesEndpoints: driver.movesEndpoints,
    staleDiscovery: driver.replicates ? [] : await staleDiscovery(tools, shard, members),
  };
}

async function observeMember(
  tools: ShardTools,
  member: Member,
  node: Resource<"node"> | null,
): Promise<SeenMember> {
  const nothing = { view: null, cluster: null, hosts: null };
  const absent = { ...nothing, running: false, hung: false, connected: false };
  if (node === null) return { ...absent, id: nodeIdOf(member), member, node };
  const { runtime, fleet, clock } = tools;
  const { process } = node.status;
  const running = process !== null && (await runtime.isRunning(process));
  const session = running ? fleet.session(node) : null;
  const hung = running && fleet.isHung(node);
  const readable = hung ? null : session;
  const [view, cluster, hosts] = await Promise.all([
    viewOf(clock, readable, lookWithinMs),
    clusterViewOf(clock, readable, lookWithinMs),
    hostsHeld(clock, readable),
  ]);
  const connected = session !== null;
  return { id: node.id, member, node, running, hung, connected, view, cluster, hosts };
}

async function hostsHeld(clock: Clock, session: Session | null): Promise<readonly string[] | null> {
  if (session?.listening === undefined) return null;
  try {
    return await withDeadline(clock, "reading hosts", lookWithinMs, session.listening.hosts());
  } catch {
    // An unreadable node is an observation, not a failure of the pass: the plan decides.
    return null;
  }
}

/** Nodes whose stored item is not what auto discovery shows: new, or an application wrote there. */
async function staleDiscovery(
  tools: ShardTools,
  shard: Resource<"shard">,
  members: readonly SeenMember[],
): Promise<readonly string[]> {
  const { discovery } = shard.status;
  if (discovery === null) return [];
  const payload = discoveryPayload(
    discoveryOf(discovery, (id) => addressOf(members.find((one) => one.id === id))),
  );
  const stale = await Promise.all(
    members.map(async ({ id, node, connected }) => {
      const items = connected && node !== null ? tools.fleet.session(node)?.items : undefined;
      if (items === undefined) return [];
      return (await items.get(discoveryKey)) === payload ? [] : [id];
    }),
  );
  return stale.flat();
}

/** What its nodes are to have: the parameter group's values over the family's defaults. */
export function parametersOf(
  store: Store,
  shard: Resource<"shard">,
): { readonly family: string; readonly parameters: Readonly<Record<string, string>> } {
  const { nodeType: typeName, parameterGroup } = shard.spec;
  const nodeType = findNodeType(typeName);
  assert(nodeType !== undefined, `${typeName} is no node type`);
  const custom = store.get(refIn(shard, "parameter-group", parameterGroup))?.spec;
  const preset = defaultGroups().find((one) => one.name === parameterGroup);
  const family = custom?.family ?? preset?.family;
  assert(family !== undefined, `there is no parameter group ${parameterGroup}`);
  const { clusterMode } = shard.spec;
  return {
    family,
    parameters: resolveParameters(family, custom?.values ?? {}, nodeType, clusterMode),
  };
}
