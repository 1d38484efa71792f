import type { EngineName } from "./engine-name.ts";

/** How much of a reservation is paid at its start. */
export const offeringTypes = ["No Upfront", "Partial Upfront", "All Upfront"] as const;
export type OfferingType = (typeof offeringTypes)[number];

/** What a reservation is of, how long it lasts, and what it costs for each node. */
export interface ReservedOffering {
  /** A UUID; of one set of terms always the same. */
  readonly offeringId: string;
  /** E.g. "cache.t4g.small". */
  readonly nodeType: string;
  readonly engine: EngineName;
  readonly durationSeconds: number;
  readonly offeringType: OfferingType;
  /** To be paid once, at the start. */
  readonly fixedUsd: number;
  /** To be paid for every hour of the term, used or not. */
  readonly recurringUsdPerHour: number;
}

/** A reservation, with the terms of the day on which it was made. */
export interface ReservedNodeSpec extends ReservedOffering {
  readonly nodeCount: number;
  /** ISO time. */
  readonly startsAt: string;
}

/** How long a new reservation shows as not yet paid. No money moves, so a moment is enough. */
const paymentMs = 1_000;

/** The state of a reservation, which nothing but time decides. */
export function reservedNodeState(
  { startsAt, durationSeconds }: ReservedNodeSpec,
  now: Date,
): "payment-pending" | "active" | "retired" {
  const ageMs = now.getTime() - new Date(startsAt).getTime();
  if (ageMs < paymentMs) return "payment-pending";
  return ageMs < durationSeconds * 1_000 ? "active" : "retired";
}
