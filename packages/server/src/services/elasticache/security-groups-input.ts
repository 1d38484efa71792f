import { Fault } from "../../aws/fault.ts";
import { defaultGroupName } from "../../resources/network-specs.ts";
import type { KnownSubnetGroup } from "../../store/networks.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { networksOf } from "./subnet-groups.ts";

/**
 * The security groups of a cache in a subnet group, each once: those asked for, else the default one
 * of the subnet group's VPC. Throws InvalidParameterValue for one that is not of that VPC.
 */
export function checkSecurityGroups(
  call: ElastiCacheCall,
  { vpcId, name }: KnownSubnetGroup,
  ids: readonly string[] | undefined,
): readonly string[] {
  const ofVpc = networksOf(call)
    .list("security-group")
    .filter((group) => group.vpcId === vpcId);
  if (ids === undefined || ids.length === 0) {
    return ofVpc.filter((group) => group.name === defaultGroupName).map(({ id }) => id);
  }
  const other = ids.find((id) => !ofVpc.some((group) => group.id === id));
  if (other === undefined) return [...new Set(ids)];
  throw new Fault(
    "InvalidParameterValue",
    `The parameter SecurityGroupIds must only name security groups of ${vpcId}, the VPC of cache ` +
      `subnet group ${name}. ${other} is none of them.`,
  );
}
