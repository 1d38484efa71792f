import { Fault } from "../../aws/fault.ts";
import type { CacheClusterSpec } from "../../resources/cache-cluster.ts";
import type { EngineName } from "../../resources/engine-name.ts";
import { engineNames } from "../../resources/engine-name.ts";
import { freeNodeIds, newMember, spreadOver } from "../../resources/new-members.ts";
import { refIn } from "../../resources/ref.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import { answerWithCluster } from "./cache-clusters-describe.ts";
import { createReplica } from "./cache-clusters-create-replica.ts";
import { newEngine, newSettings } from "./cache-settings-input.ts";
import { clusterIdLengthMax, newIdentifier } from "./identifiers.ts";
import { requireFreeClusterId } from "./known-clusters.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { quotas, requireRoomForNodes, requireWithin } from "./quotas.ts";
import { refuseUnavailable } from "./refused-settings.ts";
import { newSubnetGroup } from "./subnet-groups.ts";
import { validateTags } from "./tag-rules.ts";
import { checkZone, checkZones, isOneZone, zonesIn } from "./zones.ts";

type CreateInput = Input<"CreateCacheCluster">;
type AzMode = CacheClusterSpec["azMode"];

export const createCacheCluster: Operation<"CreateCacheCluster"> = (input, call) => {
  refuseUnavailable("CreateCacheCluster", input);
  const id = newIdentifier("CacheClusterId", input.CacheClusterId, clusterIdLengthMax);
  return call.store.transaction(() => {
    requireFreeClusterId(call, id);
    if (input.ReplicationGroupId) createReplica(call, id, input);
    else createOwn(call, id, input);
    return answerWithCluster(call, id);
  });
};

/** "single-az" or "cross-az"; undefined when the caller leaves it open. */
export function checkAzMode(azMode: string | undefined): AzMode | undefined {
  if (!azMode) return undefined;
  if (azMode === "single-az" || azMode === "cross-az") return azMode;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter AZMode must be single-az or cross-az; it is ${azMode}.`,
  );
}

function createOwn(call: ElastiCacheCall, id: string, input: CreateInput): void {
  if (!input.Engine) {
    throw new Fault("InvalidParameterValue", "The parameter Engine must be provided.");
  }
  const engine = newEngine(input.Engine, engineNames);
  const count = newNodeCount(engine, input.NumCacheNodes);
  const azMode = checkAzMode(input.AZMode) ?? "single-az";
  const subnetGroup = newSubnetGroup(call, input.CacheSubnetGroupName);
  const zones = newZones(call, subnetGroup, engine, azMode, count, input);
  const settings = newSettings(call, engine, input, "disabled");
  const tags = validateTags(input.Tags);
  requireRoomForNodes(call, count);
  const nodeIds = freeNodeIds(new Set(), count);
  const members = zones.map((zone, index) => newMember(id, nodeIds[index] ?? "", zone, call.now));
  const cluster = refIn(call, "cache-cluster", id);
  const status = { state: "creating", settledGeneration: 0, because: "it was asked for" } as const;
  call.store.create(cluster, { ...settings, members, azMode, pendingNodes: null }, status, null);
  call.store.setTags(cluster, tags);
}

function newNodeCount(engine: EngineName, count: number | undefined): number {
  const asked = count ?? 1;
  if (engine !== "memcached" && asked !== 1) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter NumCacheNodes must be 1 for ${engine}; it is ${asked}.`,
    );
  }
  if (!Number.isInteger(asked) || asked < 1) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter NumCacheNodes must be at least 1; it is ${asked}.`,
    );
  }
  requireWithin(quotas.nodesPerMemcachedCluster, asked);
  return asked;
}

/** A zone for each node. */
function newZones(
  call: ElastiCacheCall,
  subnetGroup: KnownSubnetGroup,
  engine: EngineName,
  azMode: AzMode,
  count: number,
  input: CreateInput,
): readonly string[] {
  const { PreferredAvailabilityZone: one, PreferredAvailabilityZones: several = [] } = input;
  const all = zonesIn(subnetGroup);
  refuseZoneContradictions(engine, azMode, count, input);
  if (azMode === "cross-az") requireSeveralZones(subnetGroup);
  if (several.length > 0) {
    const zones = checkZones(call, subnetGroup, "PreferredAvailabilityZones", several);
    if (isOneZone(zones) === (azMode === "single-az")) return zones;
    throw contradiction(
      azMode === "single-az"
        ? "PreferredAvailabilityZones names several availability zones, which needs AZMode cross-az."
        : "AZMode cross-az needs several availability zones in PreferredAvailabilityZones.",
    );
  }
  if (azMode === "cross-az") return spreadOver(all, [], count);
  const zone = one
    ? checkZone(call, subnetGroup, "PreferredAvailabilityZone", one)
    : (all[0] ?? "");
  return Array.from({ length: count }, () => zone);
}

/** Throws InvalidParameterCombination when nodes in the group could not be spread over zones. */
export function requireSeveralZones(subnetGroup: KnownSubnetGroup): void {
  if (zonesIn(subnetGroup).length > 1) return;
  throw contradiction(
    `AZMode cross-az needs subnets in several availability zones; the cache subnet group ` +
      `${subnetGroup.name} has them in ${zonesIn(subnetGroup).join(", ")} only.`,
  );
}

function refuseZoneContradictions(
  engine: EngineName,
  azMode: AzMode,
  count: number,
  { PreferredAvailabilityZone: one, PreferredAvailabilityZones: several = [] }: CreateInput,
): void {
  if (engine !== "memcached" && (azMode === "cross-az" || several.length > 0)) {
    const parameter = several.length > 0 ? "PreferredAvailabilityZones" : "AZMode cross-az";
    throw contradiction(`${parameter} is for memcached clusters; the engine is ${engine}.`);
  }
  if (azMode === "cross-az" && count < 2) {
    throw contradiction("AZMode cross-az needs a NumCacheNodes of at least 2.");
  }
  if (one && (azMode === "cross-az" || several.length > 0)) {
    throw contradiction(
      "PreferredAvailabilityZone is the zone of every node: it cannot be combined with AZMode " +
        "cross-az or PreferredAvailabilityZones.",
    );
  }
  if (several.length > 0 && several.length !== count) {
    throw contradiction(
      "Must specify the same number of preferred availability zones as requested number of nodes.",
    );
  }
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
