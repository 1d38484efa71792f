import type { CacheSubnetGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { arnOf } from "../../resources/arn.ts";
import { defaultSubnetGroup, type KnownSubnetGroup, Networks } from "../../store/networks.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";

const ipv4 = "ipv4";

/** The networks of the caller's account and region. */
export function networksOf(call: ElastiCacheCall): Networks {
  return new Networks(call.store, call.vpc, call);
}

/** The subnet group of that name, in any case. Throws CacheSubnetGroupNotFoundFault. */
export function requireSubnetGroup(call: ElastiCacheCall, name: string): KnownSubnetGroup {
  const group = networksOf(call).subnetGroup(name.toLowerCase());
  if (group !== undefined) return group;
  throw new Fault("CacheSubnetGroupNotFoundFault", `CacheSubnetGroup ${name} not found.`);
}

/** The subnet group that a new cache asks for; the default one if it names none. */
export function newSubnetGroup(call: ElastiCacheCall, name: string | undefined): KnownSubnetGroup {
  return requireSubnetGroup(call, name || defaultSubnetGroup);
}

export const describeCacheSubnetGroups: Operation<"DescribeCacheSubnetGroups"> = (input, call) => {
  const { CacheSubnetGroupName: name } = input;
  const known = name ? [requireSubnetGroup(call, name)] : networksOf(call).subnetGroups();
  const { page: groups, ...next } = page(known, input, {
    operation: "DescribeCacheSubnetGroups",
    keyOf: (group) => group.name,
  });
  return { ...next, CacheSubnetGroups: groups.map((group) => subnetGroupShape(call, group)) };
};

/** A subnet group as the API writes it. */
export function subnetGroupShape(call: ElastiCacheCall, group: KnownSubnetGroup): CacheSubnetGroup {
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
