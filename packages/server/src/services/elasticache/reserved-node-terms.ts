import type { RecurringCharge } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { engineNames } from "../../resources/engine-name.ts";
import { offeringTypes, type ReservedOffering } from "../../resources/reserved-node.ts";
import { terms } from "../../resources/reserved-offerings.ts";

/** What offerings and reservations can be chosen by. */
interface TermsFilter {
  readonly CacheNodeType?: string | undefined;
  readonly Duration?: string | undefined;
  readonly ProductDescription?: string | undefined;
  readonly OfferingType?: string | undefined;
}

/** Of AWS's first years: still valid to ask for, and nothing is offered so any more. */
const formerOfferingTypes = ["Light Utilization", "Medium Utilization", "Heavy Utilization"];

/** Durations as callers write them: years, seconds, or years as ISO 8601 has them (Terraform). */
const durations = new Map(
  terms.flatMap(({ years, durationSeconds }) => [
    [String(years), durationSeconds],
    [String(durationSeconds), durationSeconds],
    [`P${years}Y`, durationSeconds],
  ]),
);

/**
 * Whether an offering or a reservation is as the caller wants it. Throws InvalidParameterValue for a
 * duration, engine or offering type that there never is; node types come and go.
 */
export function matcherOf(filter: TermsFilter): (one: ReservedOffering) => boolean {
  const { CacheNodeType: nodeType, Duration: duration, OfferingType: offeringType } = filter;
  const { ProductDescription: engine } = filter;
  requireOneOf("Duration", duration, [...durations.keys()]);
  requireOneOf("ProductDescription", engine, engineNames);
  requireOneOf("OfferingType", offeringType, [...offeringTypes, ...formerOfferingTypes]);
  return (one) =>
    (!nodeType || one.nodeType === nodeType) &&
    (!duration || one.durationSeconds === durations.get(duration)) &&
    (!engine || one.engine === engine) &&
    (!offeringType || one.offeringType === offeringType);
}

/** The members that offerings and reservations have in common, as callers see them. */
export function describedTerms(one: ReservedOffering) {
  const recurring: RecurringCharge = {
    RecurringChargeAmount: one.recurringUsdPerHour,
    RecurringChargeFrequency: "Hourly",
  };
  return {
    ReservedCacheNodesOfferingId: one.offeringId,
    CacheNodeType: one.nodeType,
    Duration: one.durationSeconds,
    FixedPrice: one.fixedUsd,
    // Of the former offering types, which charged for hours of use.
    UsagePrice: 0,
    ProductDescription: one.engine,
    OfferingType: one.offeringType,
    RecurringCharges: [recurring],
  };
}

function requireOneOf(
  parameter: string,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (!value || allowed.includes(value)) return;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must be one of ${allowed.join(", ")}; it is ${value}.`,
  );
}
