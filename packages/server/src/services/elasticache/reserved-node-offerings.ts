import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import type { ReservedOffering } from "../../resources/reserved-node.ts";
import { reservedOfferings } from "../../resources/reserved-offerings.ts";
import { storedName } from "./identifiers.ts";
import type { Operation } from "./operation.ts";
import { describedTerms, matcherOf } from "./reserved-node-terms.ts";

const byId = new Map(reservedOfferings.map((one) => [one.offeringId, one]));

/** The offering of that id. Throws ReservedCacheNodesOfferingNotFound. */
export function requireOffering(id: string | undefined): ReservedOffering {
  const offering = byId.get(storedName("ReservedCacheNodesOfferingId", id));
  if (offering !== undefined) return offering;
  throw new Fault(
    "ReservedCacheNodesOfferingNotFound",
    `ReservedCacheNodesOffering not found: ${id}`,
  );
}

export const describeReservedCacheNodesOfferings: Operation<
  "DescribeReservedCacheNodesOfferings"
> = (input) => {
  const { ReservedCacheNodesOfferingId: id } = input;
  const matches = matcherOf(input);
  const offerings = id ? [requireOffering(id)] : reservedOfferings;
  const { page: rows, ...next } = page(offerings.filter(matches), input, {
    operation: "DescribeReservedCacheNodesOfferings",
    keyOf: (one) => [one.nodeType, one.engine, one.durationSeconds, one.offeringType].join(" "),
  });
  return { ...next, ReservedCacheNodesOfferings: rows.map(describedTerms) };
};
