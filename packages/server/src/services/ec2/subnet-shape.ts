import type { Subnet } from "@aws-sdk/client-ec2";
import { refIn } from "../../resources/ref.ts";
import { holds, parseCidr } from "../../resources/vpc.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Arn } from "./arn.ts";
import type { Ec2Call } from "./operation.ts";
import { tagsShape } from "./tag-input.ts";
import { zoneIdOf } from "./zones.ts";

/** AWS keeps the first four addresses of a subnet and its last one; so does the loopback network. */
const reservedAddresses = 5;

/** A subnet as the API writes it. */
export function subnetShape(call: Ec2Call, subnet: Part<"subnet">): Subnet {
  const { id, zone } = subnet;
  return {
    SubnetId: id,
    SubnetArn: subnetArn(call, id),
    VpcId: subnet.vpcId,
    OwnerId: call.account,
    State: "available",
    CidrBlock: subnet.cidr,
    AvailabilityZone: zone,
    AvailabilityZoneId: zoneIdOf(zone),
    AvailableIpAddressCount: freeAddresses(call, subnet),
    DefaultForAz: subnet.isDefault,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: tagsShape(call.store.tags(refIn(call, "subnet", id))),
  };
}

/** See `ec2Arn`. */
export function subnetArn(call: Ec2Call, id: string): string {
  return ec2Arn(call, "subnet", id);
}

/** How many addresses of a subnet no node and no endpoint has, of any account and region. */
export function freeAddresses({ store }: Ec2Call, { cidr }: Part<"subnet">): number {
  const block = parseCidr(cidr);
  const hosts = [
    ...store.listAll("node").flatMap(({ status }) => status.address?.host ?? []),
    ...store
      .listAll("shard")
      .flatMap(({ status }) => Object.values(status.endpoints).map(({ host }) => host)),
  ];
  const held = hosts.filter((host) => holds(block, host)).length;
  return block.last - block.first + 1 - reservedAddresses - held;
}
