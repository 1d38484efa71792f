import {
  defaultGroupName,
  defaultRules,
  type SecurityGroupSpec,
  type SubnetSpec,
  type VpcSpec,
} from "./network-specs.ts";
import type { Home } from "./ref.ts";
import { defaultSecurityGroupId, idOf, subnetsOf, type Vpc, vpcIdOf } from "./vpc.ts";

/**
 * What every account has in every region without asking: a VPC, a subnet in each zone, a security
 * group. All of it follows from the names and the server's address range; by id.
 */
export function defaultVpcs(vpc: Vpc, home: Home): ReadonlyMap<string, VpcSpec> {
  const spec = {
    ...{ cidr: vpc.cidr, isDefault: true, enableNetworkAddressUsageMetrics: false },
    ...{ enableDnsSupport: true, enableDnsHostnames: true },
  };
  return new Map([[vpcIdOf(home), spec]]);
}

/** See `defaultVpcs`; in order of zone. */
export function defaultSubnets(vpc: Vpc, home: Home): ReadonlyMap<string, SubnetSpec> {
  const vpcId = vpcIdOf(home);
  return new Map(
    subnetsOf(vpc, home).map(({ id, zone, cidr }) => [
      id,
      { vpcId, zone, cidr, isDefault: true, mapPublicIpOnLaunch: true },
    ]),
  );
}

/** See `defaultVpcs`. */
export function defaultSecurityGroups(home: Home): ReadonlyMap<string, SecurityGroupSpec> {
  const id = defaultSecurityGroupId(home);
  let count = 0;
  const rules = defaultRules(id, () => {
    count += 1;
    return idOf("sgr", home, `default-rule-${count}`);
  });
  const spec = {
    ...{ vpcId: vpcIdOf(home), name: defaultGroupName },
    ...{ description: "default VPC security group", rules },
  };
  return new Map([[id, spec]]);
}
