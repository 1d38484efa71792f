import type { ReservedCacheNode } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { arnOf } from "../../resources/arn.ts";
import { refIn } from "../../resources/ref.ts";
import { reservedNodeState } from "../../resources/reserved-node.ts";
import type { Resource } from "../../resources/resource.ts";
import { newIdentifier, storedName } from "./identifiers.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { requireOffering } from "./reserved-node-offerings.ts";
import { describedTerms, matcherOf } from "./reserved-node-terms.ts";
import { validateTags } from "./tag-rules.ts";

const idLengthMax = 255;

/** The reservation of that id. Throws ReservedCacheNodeNotFound. */
export function requireReservedNode(
  call: ElastiCacheCall,
  name: string | undefined,
): Resource<"reserved-node"> {
  const id = storedName("ReservedCacheNodeId", name);
  const reservation = call.store.get(refIn(call, "reserved-node", id));
  if (reservation !== undefined) return reservation;
  throw new Fault("ReservedCacheNodeNotFound", `ReservedCacheNode not found: ${name}`);
}

export const purchaseReservedCacheNodesOffering: Operation<"PurchaseReservedCacheNodesOffering"> = (
  input,
  call,
) => {
  const offering = requireOffering(input.ReservedCacheNodesOfferingId);
  const nodeCount = checkNodeCount(input.CacheNodeCount);
  const tags = validateTags(input.Tags);
  return call.store.transaction(() => {
    const id = input.ReservedCacheNodeId
      ? newIdentifier("ReservedCacheNodeId", input.ReservedCacheNodeId, idLengthMax)
      : freeId(call);
    const ref = refIn(call, "reserved-node", id);
    if (call.store.get(ref) !== undefined) {
      throw new Fault("ReservedCacheNodeAlreadyExists", `Reservation ${id} already exists.`);
    }
    requireWithin(quotas.reservedNodes, nodesReserved(call) + nodeCount);
    const spec = { ...offering, nodeCount, startsAt: call.now.toISOString() };
    const reservation = call.store.create(ref, spec, {}, null);
    call.store.setTags(ref, tags);
    return { ReservedCacheNode: described(call, reservation) };
  });
};

export const describeReservedCacheNodes: Operation<"DescribeReservedCacheNodes"> = (
  input,
  call,
) => {
  const { ReservedCacheNodeId: name, ReservedCacheNodesOfferingId: offeringId } = input;
  const matches = matcherOf(input);
  const reservations = name
    ? [requireReservedNode(call, name)]
    : call.store.list("reserved-node", call);
  const wanted = reservations.filter(
    ({ spec }) => matches(spec) && (!offeringId || spec.offeringId === offeringId.toLowerCase()),
  );
  const { page: rows, ...next } = page(wanted, input, {
    operation: "DescribeReservedCacheNodes",
    keyOf: ({ id }) => id,
  });
  return { ...next, ReservedCacheNodes: rows.map((one) => described(call, one)) };
};

function checkNodeCount(count = 1): number {
  if (Number.isInteger(count) && count >= 1) return count;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter CacheNodeCount must be at least 1; it is ${count}.`,
  );
}

/** An id such as AWS makes up, "ri-2026-03-01-12-00-00-000", from the first free millisecond on. */
function freeId(call: ElastiCacheCall): string {
  for (let ms = call.now.getTime(); ; ms += 1) {
    const id = `ri-${new Date(ms).toISOString().slice(0, -1).replaceAll(/\D/g, "-")}`;
    if (call.store.get(refIn(call, "reserved-node", id)) === undefined) return id;
  }
}

/** Nodes under reservations that have not run out. */
function nodesReserved(call: ElastiCacheCall): number {
  return call.store
    .list("reserved-node", call)
    .filter(({ spec }) => reservedNodeState(spec, call.now) !== "retired")
    .reduce((sum, { spec }) => sum + spec.nodeCount, 0);
}

function described(
  call: ElastiCacheCall,
  { id, spec }: Resource<"reserved-node">,
): ReservedCacheNode {
  return {
    ...describedTerms(spec),
    ReservedCacheNodeId: id,
    StartTime: new Date(spec.startsAt),
    CacheNodeCount: spec.nodeCount,
    State: reservedNodeState(spec, call.now),
    ReservationARN: arnOf(call, "reserved-instance", id),
  };
}
