import type { CacheSubnetGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { arnOf } from "../../resources/arn.ts";
import { type Subnet, subnetsOf, vpcIdOf } from "../../resources/vpc.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";

/** The subnet group that is always there: the default VPC's subnets. */
const defaultSubnetGroup = "default";

const ipv4 = "ipv4";

/** A subnet group, and the subnets that nodes in it get their addresses from. */
export interface KnownSubnetGroup {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  /** One for each zone, in order of zone. */
  readonly subnets: readonly Subnet[];
}

/** The subnet group of that name. Throws CacheSubnetGroupNotFoundFault. */
export function requireSubnetGroup(call: ElastiCacheCall, name: string): KnownSubnetGroup {
  if (name.toLowerCase() === defaultSubnetGroup) return defaultGroup(call);
  throw new Fault("CacheSubnetGroupNotFoundFault", `CacheSubnetGroup ${name} not found.`);
}

export const describeCacheSubnetGroups: Operation<"DescribeCacheSubnetGroups"> = (input, call) => {
  const name = input.CacheSubnetGroupName ?? defaultSubnetGroup;
  const { page: groups, ...next } = page([requireSubnetGroup(call, name)], input, {
    operation: "DescribeCacheSubnetGroups",
    keyOf: (group) => group.name,
  });
  return { ...next, CacheSubnetGroups: groups.map((group) => described(call, group)) };
};

function defaultGroup(call: ElastiCacheCall): KnownSubnetGroup {
  return {
    name: defaultSubnetGroup,
    description: "Default CacheSubnetGroup",
    vpcId: vpcIdOf(call),
    subnets: subnetsOf(call.vpc, call),
  };
}

function described(call: ElastiCacheCall, group: KnownSubnetGroup): CacheSubnetGroup {
  return {
    CacheSubnetGroupName: group.name,
    CacheSubnetGroupDescription: group.description,
    VpcId: group.vpcId,
    Subnets: group.subnets.map((subnet) => ({
      SubnetIdentifier: subnet.id,
      SubnetAvailabilityZone: { Name: subnet.zone },
      SupportedNetworkTypes: [ipv4],
    })),
    ARN: arnOf(call, "subnetgroup", group.name),
    SupportedNetworkTypes: [ipv4],
  };
}
