import { createHash } from "node:crypto";
import { assert } from "../base/assert.ts";
import { type EngineName, engineNames } from "./engine-name.ts";
import { familyMinimums } from "./node-type-data.ts";
import type { NodeType } from "./node-type.ts";
import { onDemandUsdPerHour } from "./node-prices.ts";
import { familyOf, isDataTiered, nodeTypes } from "./node-types.ts";
import { type OfferingType, offeringTypes, type ReservedOffering } from "./reserved-node.ts";

const hourSeconds = 3_600;
const yearSeconds = 365 * 24 * hourSeconds;

/** A length of reservations, and what it takes off the on-demand price. */
interface Term {
  readonly years: number;
  readonly durationSeconds: number;
  readonly discountPercents: Readonly<Record<OfferingType, number>>;
}

/**
 * The discounts are Larder's own, within the 55 % that AWS advertises at most: AWS's rates differ
 * from type to type, and there is no public list of them. See docs/decisions.
 */
export const terms: readonly Term[] = [
  {
    years: 1,
    durationSeconds: yearSeconds,
    discountPercents: { "No Upfront": 30, "Partial Upfront": 34, "All Upfront": 36 },
  },
  {
    years: 3,
    durationSeconds: 3 * yearSeconds,
    discountPercents: { "No Upfront": 48, "Partial Upfront": 52, "All Upfront": 55 },
  },
];

const upfrontShares: Readonly<Record<OfferingType, number>> = {
  "No Upfront": 0,
  "Partial Upfront": 0.5,
  "All Upfront": 1,
};

/** Everything that can be reserved: every node type that can be asked for, with every engine. */
export const reservedOfferings: readonly ReservedOffering[] = nodeTypes
  .filter((nodeType) => !isDataTiered(nodeType))
  .flatMap((nodeType) =>
    enginesOn(nodeType).flatMap((engine) =>
      terms.flatMap((term) => offeringTypes.map((type) => offering(nodeType, engine, term, type))),
    ),
  );

function enginesOn(nodeType: NodeType): readonly EngineName[] {
  const minimums = familyMinimums[familyOf(nodeType)];
  return engineNames.filter((engine) => (minimums?.[engine] ?? null) !== null);
}

function offering(
  nodeType: NodeType,
  engine: EngineName,
  { durationSeconds, discountPercents }: Term,
  offeringType: OfferingType,
): ReservedOffering {
  const onDemandUsd = onDemandUsdPerHour(nodeType, engine);
  assert(onDemandUsd !== undefined, `${nodeType.name} has a price`);
  const usdPerHour = (onDemandUsd * (100 - discountPercents[offeringType])) / 100;
  const share = upfrontShares[offeringType];
  const hours = durationSeconds / hourSeconds;
  return {
    offeringId: offeringIdOf(nodeType.name, engine, durationSeconds, offeringType),
    ...{ nodeType: nodeType.name, engine, durationSeconds, offeringType },
    fixedUsd: rounded(usdPerHour * hours * share, 2),
    recurringUsdPerHour: rounded(usdPerHour * (1 - share), 4),
  };
}

// Callers keep these ids in scripts. They come from the terms and not from the price, so that they
// are the same on every server and stay when a price changes.
function offeringIdOf(...parts: readonly (string | number)[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  // Version 8 of RFC 9562: an id made in the maker's own way.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}
