import { Fault } from "../../aws/fault.ts";
import { zonesOf } from "../../resources/vpc.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import type { ElastiCacheCall } from "./operation.ts";

/** The zones that nodes in a subnet group can be in, each once and in order. */
export function zonesIn({ subnets }: KnownSubnetGroup): readonly string[] {
  return [...new Set(subnets.map(({ zone }) => zone))].toSorted();
}

/**
 * A zone that the caller chose for nodes in a subnet group. Throws InvalidParameterValue when the
 * region has none such, and InvalidParameterCombination when the group has no subnet in it.
 */
export function checkZone(
  call: ElastiCacheCall,
  group: KnownSubnetGroup,
  parameter: string,
  zone: string,
): string {
  const zones = zonesIn(group);
  if (zones.includes(zone)) return zone;
  const all = zonesOf(call.region);
  if (all.includes(zone)) {
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter ${parameter} must name availability zones of the cache subnet group ` +
        `${group.name}, which has subnets in ${zones.join(", ")}, and none in ${zone}.`,
    );
  }
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ${parameter} must name availability zones of the region: ` +
      `${all.join(", ")}. ${zone} is not a valid availability zone.`,
  );
}

/** As `checkZone`, for a list. */
export function checkZones(
  call: ElastiCacheCall,
  group: KnownSubnetGroup,
  parameter: string,
  zones: readonly string[],
): readonly string[] {
  return zones.map((zone) => checkZone(call, group, parameter, zone));
}

/** Whether all of `zones` are the same zone, or there are none. */
export function isOneZone(zones: readonly string[]): boolean {
  return new Set(zones).size <= 1;
}
