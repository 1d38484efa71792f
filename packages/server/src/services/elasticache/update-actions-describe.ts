import {
  type CacheNodeUpdateStatus,
  type NodeUpdateStatus,
  ServiceUpdateStatus,
  UpdateActionStatus,
  type UpdateAction as Shape,
} from "@aws-sdk/client-elasticache";
import { page } from "../../aws/pagination.ts";
import type { Resource } from "../../resources/resource.ts";
import type { ServiceUpdate } from "../../resources/service-update.ts";
import { availableSince, isUpdated, type UpdateAction } from "../../resources/update-action.ts";
import type { Place } from "./cache-view.ts";
import { actionOf, type KnownCache, knownCaches } from "./cache-updates.ts";
import type { Input, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { commonShape, isOneOf, knownUpdates, requireAllOf } from "./service-updates.ts";

type Filter = Input<"DescribeUpdateActions">;

/** An update of one cache. */
interface Row {
  readonly known: KnownCache;
  readonly update: ServiceUpdate;
  readonly action: UpdateAction;
}

export const describeUpdateActions: Operation<"DescribeUpdateActions"> = (input, call) => {
  checkFilter(input);
  const updates = knownUpdates(call).filter((one) => matchesUpdate(one, input));
  const caches = updates.length === 0 ? [] : knownCaches(call);
  const rows: readonly Row[] = caches
    .filter((one) => matchesCache(one, input))
    .flatMap((known) =>
      updates.flatMap((update) => {
        const action = actionOf(call, known, update);
        return action === null ? [] : [{ known, update, action }];
      }),
    )
    .filter(({ action }) => isOneOf(action.state, input.UpdateActionStatus));
  const { page: shown, ...next } = page(rows, input, {
    operation: "DescribeUpdateActions",
    keyOf: ({ known, update }) => `${known.cache.kind} ${known.cache.id} ${update.name}`,
  });
  const withNodes = input.ShowNodeLevelUpdateStatus === true;
  return { ...next, UpdateActions: shown.map((row) => described(row, withNodes)) };
};

function checkFilter(filter: Filter): void {
  for (const ids of [filter.ReplicationGroupIds, filter.CacheClusterIds]) {
    requireWithin(quotas.cachesPerUpdateRequest, ids?.length ?? 0);
  }
  requireAllOf(
    "ServiceUpdateStatus",
    filter.ServiceUpdateStatus,
    Object.values(ServiceUpdateStatus),
  );
  requireAllOf("UpdateActionStatus", filter.UpdateActionStatus, Object.values(UpdateActionStatus));
}

function matchesUpdate(update: ServiceUpdate, filter: Filter): boolean {
  const { ServiceUpdateName: name, Engine: engine, ServiceUpdateTimeRange: range } = filter;
  const releasedAt = new Date(update.releasedAt);
  return (
    (!name || update.name === name.toLowerCase()) &&
    (!engine || update.engine === engine.toLowerCase()) &&
    isOneOf(update.status, filter.ServiceUpdateStatus) &&
    (range?.StartTime === undefined || range.StartTime <= releasedAt) &&
    (range?.EndTime === undefined || releasedAt <= range.EndTime)
  );
}

/** Groups and clusters are named in lists of their own; naming any leaves out whatever is not named. */
function matchesCache({ cache }: KnownCache, filter: Filter): boolean {
  const { ReplicationGroupIds: groups = [], CacheClusterIds: clusters = [] } = filter;
  if (groups.length === 0 && clusters.length === 0) return true;
  const named = cache.kind === "replication-group" ? groups : clusters;
  return named.some((id) => id.toLowerCase() === cache.id);
}

function described({ known, update, action }: Row, withNodes: boolean): Shape {
  const { cache, updatable } = known;
  const isGroup = cache.kind === "replication-group";
  return {
    ...commonShape(update),
    ReplicationGroupId: isGroup ? cache.id : undefined,
    CacheClusterId: isGroup ? undefined : cache.id,
    UpdateActionAvailableDate: new Date(availableSince(updatable, update)),
    UpdateActionStatus: action.state,
    NodesUpdated: `${action.nodesUpdated}/${updatable.nodes.length}`,
    UpdateActionStatusModifiedDate: new Date(action.modifiedAt),
    SlaMet: action.slaMet === null ? "n/a" : action.slaMet ? "yes" : "no",
    ...(withNodes ? nodeLevel(known, update, action) : {}),
  };
}

function nodeLevel({ cache, shards }: KnownCache, update: ServiceUpdate, action: UpdateAction) {
  if (cache.kind === "cache-cluster") {
    const places = shards.flatMap((one) => one.places);
    return { CacheNodeUpdateStatus: places.map((place) => nodeShape(place, update, action)) };
  }
  return {
    NodeGroupUpdateStatus: shards.map(({ id, places }) => ({
      NodeGroupId: id,
      NodeGroupMemberUpdateStatus: places.map((place) => ({
        CacheClusterId: place.member.clusterId,
        ...nodeShape(place, update, action),
      })),
    })),
  };
}

function nodeShape(
  place: Place,
  update: ServiceUpdate,
  action: UpdateAction,
): CacheNodeUpdateStatus {
  const { member, node } = place;
  const { requested } = action;
  const startedAt = isUpdated(node?.status, update) ? (node?.status.startedAt ?? null) : null;
  // One that was started anew for another reason got the newer binary without anybody's request.
  const isOfRequest =
    requested !== null && (startedAt === null || startedAt >= requested.requestedAt);
  const modified = startedAt ?? action.modifiedAt;
  return {
    CacheNodeId: member.cacheNodeId,
    NodeUpdateStatus: nodeState(node, startedAt, action),
    NodeUpdateStartDate: startedAt === null ? undefined : new Date(startedAt),
    NodeUpdateEndDate:
      startedAt !== null && node?.status.state === "running" ? new Date(startedAt) : undefined,
    NodeUpdateInitiatedBy: isOfRequest ? requested.requestedBy : undefined,
    NodeUpdateInitiatedDate: isOfRequest ? new Date(requested.requestedAt) : undefined,
    NodeUpdateStatusModifiedDate: new Date(modified),
  };
}

function nodeState(
  node: Resource<"node"> | undefined,
  startedAt: string | null,
  { state }: UpdateAction,
): NodeUpdateStatus {
  if (startedAt !== null) return node?.status.state === "running" ? "complete" : "in-progress";
  switch (state) {
    case "not-applied":
    case "scheduled":
      return "not-applied";
    case "waiting-to-start":
      return "waiting-to-start";
    case "stopping":
    case "stopped":
      return state;
    case "in-progress":
    case "complete":
      return node === undefined || node.spec.launch.number > node.status.launched
        ? "in-progress"
        : "waiting-to-start";
  }
}
