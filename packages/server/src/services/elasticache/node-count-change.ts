import { Fault } from "../../aws/fault.ts";
import type { CacheClusterSpec, PendingNodes } from "../../resources/cache-cluster.ts";
import { spreadOver } from "../../resources/new-members.ts";

/** What a request says of a memcached cluster's nodes, checked for form only. */
export interface NodeCountRequest {
  readonly count: number | undefined;
  /** Cache node ids. */
  readonly remove: readonly string[];
  /** Zones of the nodes to add; empty to let them be chosen. */
  readonly zones: readonly string[];
  readonly azMode: CacheClusterSpec["azMode"];
}

/**
 * The nodes to add and remove after a request, with what waited before; null for none. Requests meet
 * waiting ones as the API reference's table for ModifyCacheCluster says: a new removal replaces
 * whatever waits, a new addition replaces a waiting removal and adds to a waiting addition, and
 * asking for the current number cancels.
 * @param zones all zones of the cluster's subnet group
 */
export function requestedNodes(
  spec: CacheClusterSpec,
  request: NodeCountRequest,
  zones: readonly string[],
): PendingNodes | null {
  const current = spec.members.length;
  const waiting = spec.pendingNodes?.add ?? [];
  const { count } = request;
  if (count === undefined || count === current || count === current + waiting.length) {
    refuseIdle(request);
    return count === current ? null : spec.pendingNodes;
  }
  if (count < current) return removal(spec, request, count);
  if (count < current + waiting.length) {
    throw contradiction(
      `${waiting.length} nodes wait to be added; a part of them cannot be cancelled. Set ` +
        `NumCacheNodes to ${current} to cancel all of them first.`,
    );
  }
  return addition(spec, request, count, zones);
}

function removal(spec: CacheClusterSpec, request: NodeCountRequest, count: number): PendingNodes {
  const all = spec.members.map(({ cacheNodeId }) => cacheNodeId);
  const remove = [...new Set(request.remove)];
  if (request.zones.length > 0) throw contradiction("NewAvailabilityZones is for nodes to add.");
  if (remove.length !== all.length - count || request.remove.length !== remove.length) {
    throw contradiction(
      `To go from ${all.length} to ${count} nodes, CacheNodeIdsToRemove must name ` +
        `${all.length - count} nodes, each once.`,
    );
  }
  const unknown = remove.find((id) => !all.includes(id));
  if (unknown === undefined) return { add: [], remove: remove.toSorted() };
  throw new Fault(
    "InvalidParameterValue",
    `The parameter CacheNodeIdsToRemove must name nodes of the cluster: ${all.join(", ")}.`,
  );
}

function addition(
  spec: CacheClusterSpec,
  request: NodeCountRequest,
  count: number,
  zones: readonly string[],
): PendingNodes {
  const waiting = spec.pendingNodes?.add ?? [];
  const adding = count - spec.members.length - waiting.length;
  if (request.remove.length > 0) {
    throw contradiction(
      "CacheNodeIdsToRemove needs a NumCacheNodes that is less than the number of nodes.",
    );
  }
  if (request.zones.length > 0 && request.zones.length !== adding) {
    throw contradiction(
      "Must specify the same number of preferred availability zones as requested number of " +
        `nodes: ${adding}.`,
    );
  }
  const used = [...spec.members, ...waiting].flatMap(({ zone }) => (zone === null ? [] : [zone]));
  const chosen =
    request.zones.length > 0
      ? request.zones
      : zonesFor({ ...spec, azMode: request.azMode }, used, zones, adding);
  if (request.azMode === "single-az" && new Set([...used, ...chosen]).size > 1) {
    throw contradiction(
      "NewAvailabilityZones names another availability zone than the cluster's, which needs " +
        "AZMode cross-az.",
    );
  }
  return { add: [...waiting, ...chosen.map((zone) => ({ zone }))], remove: [] };
}

function refuseIdle({ remove, zones }: NodeCountRequest): void {
  if (remove.length === 0 && zones.length === 0) return;
  const parameter = remove.length > 0 ? "CacheNodeIdsToRemove" : "NewAvailabilityZones";
  throw contradiction(`${parameter} needs a NumCacheNodes that changes the number of nodes.`);
}

function zonesFor(
  { azMode, members }: CacheClusterSpec,
  used: readonly string[],
  zones: readonly string[],
  count: number,
): readonly string[] {
  const home = members[0]?.zone;
  const choice = azMode === "single-az" && home !== undefined ? [home] : zones;
  return spreadOver(choice, used, count);
}

function contradiction(message: string): Fault {
  return new Fault("InvalidParameterCombination", message);
}
