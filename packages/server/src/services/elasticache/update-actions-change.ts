import type { ProcessedUpdateAction, UnprocessedUpdateAction } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { CacheKind } from "../../resources/compile.ts";
import type { RequestedUpdate } from "../../resources/requested-update.ts";
import { concerns, type ServiceUpdate } from "../../resources/service-update.ts";
import type { UpdateActionState } from "../../resources/update-action.ts";
import { requireClusterAllows, requireGroupAllows } from "./allowed-in.ts";
import {
  actionOf,
  type KnownCache,
  readAgain,
  requireClusterCache,
  requireGroupCache,
} from "./cache-updates.ts";
import type { ElastiCacheCall, Input, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { requireUpdate } from "./service-updates.ts";
import { clusterStateOf, groupStateOf } from "./states.ts";

type BatchInput = Input<"BatchApplyUpdateAction">;

/** The change of one cache: what its spec asks for from now on. Throws a Fault. */
type Change = (
  call: ElastiCacheCall,
  known: KnownCache,
  update: ServiceUpdate,
) => { readonly requested: RequestedUpdate; readonly event: string };

type ChangeAction = "apply a service update to" | "stop the service update of";

export const batchApplyUpdateAction: Operation<"BatchApplyUpdateAction"> = (input, call) =>
  changeEach(input, call, apply);

export const batchStopUpdateAction: Operation<"BatchStopUpdateAction"> = (input, call) =>
  changeEach(input, call, stop);

function changeEach(input: BatchInput, call: ElastiCacheCall, change: Change) {
  const { ReplicationGroupIds: groups = [], CacheClusterIds: clusters = [] } = input;
  for (const ids of [groups, clusters]) requireWithin(quotas.cachesPerUpdateRequest, ids.length);
  if (groups.length + clusters.length === 0) {
    throw new Fault(
      "InvalidParameterCombination",
      "At least one of ReplicationGroupIds and CacheClusterIds must name a cache.",
    );
  }
  const update = requireUpdate(call, input.ServiceUpdateName);
  const processed: ProcessedUpdateAction[] = [];
  const unprocessed: UnprocessedUpdateAction[] = [];
  const each = (
    id: string,
    named: Pick<ProcessedUpdateAction, "ReplicationGroupId" | "CacheClusterId">,
    read: (call: ElastiCacheCall, id: string) => KnownCache,
  ) => {
    const row = { ...named, ServiceUpdateName: update.name };
    try {
      const state = changeOne(call, read(call, id), update, change);
      processed.push({ ...row, UpdateActionStatus: state });
    } catch (error) {
      // What is wrong with one cache is said of that one, and the others are taken all the same.
      if (!(error instanceof Fault)) throw error;
      unprocessed.push({ ...row, ErrorType: error.code, ErrorMessage: error.message });
    }
  };
  for (const id of groups) each(id, { ReplicationGroupId: id }, requireGroupCache);
  for (const id of clusters) each(id, { CacheClusterId: id }, requireClusterCache);
  return { ProcessedUpdateActions: processed, UnprocessedUpdateActions: unprocessed };
}

function changeOne(
  call: ElastiCacheCall,
  known: KnownCache,
  update: ServiceUpdate,
  change: Change,
): UpdateActionState | undefined {
  return call.store.transaction(() => {
    const { requested, event } = change(call, known, update);
    const { kind, cache } = known;
    call.store.setSpec<CacheKind>(cache, { ...cache.spec, update: requested });
    call.store.addEvents(call, [{ sourceType: kind, sourceId: cache.id, message: event }]);
    return actionOf(call, readAgain(call, known), update)?.state;
  });
}

const apply: Change = (call, known, update) => {
  if (!concerns(update, known.cache.spec)) {
    throw refused(`${update.name} is for ${update.engine} ${update.serves.join(", ")} only.`);
  }
  if (!update.isInstalled) {
    throw refused(
      update.status === "available"
        ? `${update.engine} ${update.binaryVersion} is not installed on this server: install it, ` +
            "and start the server again."
        : `Service update ${update.name} is ${update.status}.`,
    );
  }
  const state = actionOf(call, known, update)?.state;
  if (state === undefined || state === "complete") {
    throw refused(`All nodes of ${known.cache.id} have service update ${update.name} already.`);
  }
  if (state === "waiting-to-start" || state === "in-progress") {
    throw refused(`Service update ${update.name} of ${known.cache.id} is ${state} already.`);
  }
  requireAllows("apply a service update to", known);
  const requested: RequestedUpdate = {
    binaryVersion: update.binaryVersion,
    requestedAt: call.now.toISOString(),
    requestedBy: "customer",
    stoppedAt: null,
  };
  return { requested, event: `Applying service update ${update.name}` };
};

const stop: Change = (call, known, update) => {
  const action = actionOf(call, known, update);
  const isGoing = action?.state === "waiting-to-start" || action?.state === "in-progress";
  if (!isGoing || action.requested === null) {
    throw refused(`Service update ${update.name} of ${known.cache.id} is not in progress.`);
  }
  requireAllows("stop the service update of", known);
  const requested = { ...action.requested, stoppedAt: call.now.toISOString() };
  return { requested, event: `Stopped applying service update ${update.name}` };
};

function requireAllows(action: ChangeAction, known: KnownCache): void {
  const { kind, cache, shards } = known;
  if (kind === "replication-group") {
    requireGroupAllows(action, cache.id, groupStateOf(cache));
  } else {
    const places = shards.flatMap((one) => one.places);
    requireClusterAllows(action, cache.id, clusterStateOf(cache, places));
  }
}

function refused(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}
