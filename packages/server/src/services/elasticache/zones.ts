import { Fault } from "../../aws/fault.ts";
import { zonesOf } from "../../resources/vpc.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** A zone that the caller chose. Throws InvalidParameterValue when the region has none such. */
export function checkZone(call: ElastiCacheCall, parameter: string, zone: string): string {
  const zones = zonesOf(call.region);
  if (zones.includes(zone)) return zone;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must name availability zones of the region: ` +
      `${zones.join(", ")}. ${zone} is not a valid availability zone.`,
  );
}

/** As `checkZone`, for a list. */
export function checkZones(
  call: ElastiCacheCall,
  parameter: string,
  zones: readonly string[],
): readonly string[] {
  return zones.map((zone) => checkZone(call, parameter, zone));
}

/** Whether all of `zones` are the same zone, or there are none. */
export function isOneZone(zones: readonly string[]): boolean {
  return new Set(zones).size <= 1;
}
