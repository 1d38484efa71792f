import { Fault } from "../../aws/fault.ts";
import { homeOf } from "../../resources/global-replication-group.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import {
  globalState,
  groupOfMember,
  inRegion,
  requireGlobal,
  requireGlobalAllows,
} from "./known-globals.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { isDefaultGroup, requireParameterGroup } from "./parameter-groups.ts";
import { quotas, requireWithin } from "./quotas.ts";

type CreateInput = Input<"CreateReplicationGroup">;
type Global = Resource<"global-replication-group">;

/** What a secondary has from the primary, or cannot have (API reference, CreateReplicationGroup). */
const ofThePrimary = [
  ...(["PrimaryClusterId", "AutomaticFailoverEnabled", "NumNodeGroups"] as const),
  ...(["CacheParameterGroupName", "CacheNodeType", "Engine", "EngineVersion"] as const),
  ...(["CacheSecurityGroupNames", "TransitEncryptionEnabled", "AtRestEncryptionEnabled"] as const),
  ...(["SnapshotArns", "SnapshotName"] as const),
] satisfies readonly (keyof CreateInput)[];

/** Families that can be in a global datastore (user guide, "Prerequisites and limitations"). */
const families = /^cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g)\./;

/** Throws InvalidParameterValue unless nodes of that type can be in a global datastore. */
export function requireGlobalNodeType(nodeType: string): void {
  if (families.test(nodeType)) return;
  throw new Fault(
    "InvalidParameterValue",
    `The node type ${nodeType} is not supported by global datastores: they need one of the ` +
      "families m5, m6g, m7g, r5, r6g and r7g.",
  );
}

/**
 * The request for a new secondary with what it has from the primary filled in, and the secondary
 * made a member. Throws a Fault when there can be none, or when it is asked for what it cannot have.
 */
export function joinAsSecondary(
  call: ElastiCacheCall,
  id: string,
  input: CreateInput,
): CreateInput {
  const global = requireGlobal(call, input.GlobalReplicationGroupId);
  const refused = ofThePrimary.find((name) => input[name] !== undefined);
  if (refused !== undefined) {
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter ${refused} cannot be combined with GlobalReplicationGroupId: a secondary has ` +
        "it from the primary of its global datastore.",
    );
  }
  requireGlobalAllows("add a secondary to", global);
  if (global.spec.members.some(({ region }) => region === call.region)) {
    throw new Fault(
      "InvalidParameterValue",
      `The global datastore ${global.id} has a replication group in ${call.region} already: its ` +
        "members must be in different regions.",
    );
  }
  requireWithin(quotas.globalSecondaries, global.spec.members.length);
  const { spec } = groupOfMember(call, global, global.spec.primary);
  const member = { region: call.region, id, leaving: false };
  call.store.setSpec(global, { ...global.spec, members: [...global.spec.members, member] });
  return {
    ...input,
    Engine: spec.engine,
    EngineVersion: spec.engineVersion,
    CacheNodeType: spec.nodeType,
    CacheParameterGroupName: copyOfParameterGroup(call, global, spec.parameterGroup),
    AutomaticFailoverEnabled: spec.automaticFailover && nodesAskedFor(input) > 1,
  };
}

/**
 * The name, in the call's region, of a copy of a parameter group of the primary's region: made now,
 * or brought up to date. Default groups are the same everywhere.
 */
export function copyOfParameterGroup(call: ElastiCacheCall, global: Global, name: string): string {
  const { region } = global.spec.primary;
  if (isDefaultGroup(name) || region === call.region) return name;
  const original = requireParameterGroup(inRegion(call, region), name);
  const copy = refIn(call, "parameter-group", `${global.id}-${name}`);
  const description = `Copy of ${name} in ${region} for global datastore ${global.id}`;
  const spec = { family: original.family, description, values: original.values };
  const existing = call.store.get(copy);
  if (existing !== undefined && existing.spec.description !== description) {
    throw globalState(
      `Cannot copy the parameter group ${name} to ${call.region}: there is another named ${copy.id}.`,
    );
  }
  if (existing === undefined) call.store.create(copy, spec, {}, null);
  else call.store.setSpec(copy, spec);
  return copy.id;
}

/**
 * Gives the copies of a parameter group that other members of a global datastore use the values that
 * it has now.
 */
export function spreadValues(
  call: ElastiCacheCall,
  name: string,
  values: Readonly<Record<string, string>>,
): void {
  for (const user of call.store.list("replication-group", call)) {
    const global = user.spec.parameterGroup === name ? globalOf(call.store, user) : undefined;
    for (const member of global?.spec.members ?? []) {
      if (global === undefined || member.leaving) continue;
      const { spec } = groupOfMember(call, global, member);
      const ref = refIn(homeOf(global, member), "parameter-group", spec.parameterGroup);
      const copy = call.store.get(ref);
      if (copy !== undefined) call.store.setSpec(ref, { ...copy.spec, values });
    }
  }
}

function nodesAskedFor(input: CreateInput): number {
  const [configuration] = input.NodeGroupConfiguration ?? [];
  const replicas =
    configuration?.ReplicaCount ??
    input.ReplicasPerNodeGroup ??
    configuration?.ReplicaAvailabilityZones?.length ??
    0;
  return input.NumCacheClusters ?? replicas + 1;
}
