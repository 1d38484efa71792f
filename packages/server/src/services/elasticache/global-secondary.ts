import type { NodeGroupConfiguration } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { ReplicationGroupSpec } from "../../resources/replication-group.ts";
import { formatSlots } from "../../resources/slots.ts";
import { copyForMember } from "./global-parameter-groups.ts";
import { groupOfMember, inRegion, requireGlobal, requireGlobalAllows } from "./known-globals.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { quotas, requireWithin } from "./quotas.ts";

type CreateInput = Input<"CreateReplicationGroup">;

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
  const there = inRegion(call, global.spec.primary.region);
  const common = requireParameterGroup(there, spec.parameterGroup);
  return {
    ...input,
    Engine: spec.engine,
    EngineVersion: spec.engineVersion,
    CacheNodeType: spec.nodeType,
    CacheParameterGroupName: copyForMember(call, global.id, id, common),
    ...layoutLike(spec, input),
  };
}

/** In cluster mode a secondary has the primary's node groups; how many nodes each has is its own. */
function layoutLike(primary: ReplicationGroupSpec, input: CreateInput): Partial<CreateInput> {
  if (primary.clusterMode !== "enabled") {
    return {
      AutomaticFailoverEnabled: primary.automaticFailover && nodesAskedFor(input) > 1,
    };
  }
  const asked = input.NodeGroupConfiguration ?? [];
  const groups = primary.shards.map(({ id, slots }, index): NodeGroupConfiguration => {
    const own = asked.find(({ NodeGroupId: name }, at) =>
      name === undefined ? at === index : name.padStart(4, "0") === id,
    );
    return { Slots: formatSlots(slots), ...own, NodeGroupId: id };
  });
  const isLikeIt = groups.every(
    ({ Slots }, index) => Slots === formatSlots(primary.shards[index]?.slots ?? []),
  );
  const used = asked.filter((one) => groups.some(({ NodeGroupId }) => isNamed(one, NodeGroupId)));
  if (!isLikeIt || used.length < asked.length || ![0, groups.length].includes(asked.length)) {
    throw new Fault(
      "InvalidParameterValue",
      "The parameter NodeGroupConfiguration must describe the node groups of the primary, with " +
        `their slots or none: ${groups.map((one) => one.NodeGroupId).join(", ")}.`,
    );
  }
  return { AutomaticFailoverEnabled: true, NodeGroupConfiguration: groups };
}

function isNamed({ NodeGroupId }: NodeGroupConfiguration, id: string | undefined): boolean {
  return NodeGroupId === undefined || NodeGroupId.padStart(4, "0") === id;
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
