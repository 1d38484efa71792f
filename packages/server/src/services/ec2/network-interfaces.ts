import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface,
} from "@aws-sdk/client-ec2";
import type { Resource } from "../../resources/resource.ts";
import { holds, idOf, parseCidr } from "../../resources/vpc.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Fault } from "./faults.ts";
import { selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { zoneIdOf } from "./zones.ts";

/** The place of a node in a network, as ElastiCache shows it to EC2's callers. */
interface Interface {
  readonly id: string;
  readonly description: string;
  readonly subnet: Part<"subnet">;
  readonly host: string;
  readonly groups: readonly Part<"security-group">[];
}

/** Every node that has an address is an interface in a subnet of its cache's subnet group. */
export const describeNetworkInterfaces = operation<
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult
>(
  ["NetworkInterfaceIds", "Filters", "NextToken", "MaxResults", "IncludeManagedResources"],
  (input, call) => {
    const asked = { ...input, ids: input.NetworkInterfaceIds };
    const { page, ...next } = selected(interfaces(call), asked, {
      operation: "DescribeNetworkInterfaces",
      idOf: ({ id }) => id,
      notFound: (id) =>
        ec2Fault(
          "InvalidNetworkInterfaceID.NotFound",
          `The networkInterface ID '${id}' does not exist`,
        ),
      tagsOf: () => new Map(),
      filters: {
        "addresses.private-ip-address": ({ host }) => host,
        "attachment.status": () => "attached",
        "availability-zone": ({ subnet }) => subnet.zone,
        description: ({ description }) => description,
        "group-id": ({ groups }) => groups.map((group) => group.id),
        "group-name": ({ groups }) => groups.map((group) => group.name),
        "interface-type": () => "interface",
        "network-interface-id": ({ id }) => id,
        "owner-id": () => call.account,
        "private-ip-address": ({ host }) => host,
        "requester-managed": () => true,
        status: () => "in-use",
        "subnet-id": ({ subnet }) => subnet.id,
        "vpc-id": ({ subnet }) => subnet.vpcId,
      },
    });
    return { ...next, NetworkInterfaces: page.map((one) => shape(call, one)) };
  },
);

function interfaces(call: Ec2Call): readonly Interface[] {
  const { networks, store } = call;
  return store.list("node", call).flatMap((node) => {
    const host = node.status.address?.host;
    const subnets = networks.subnetGroup(node.spec.subnetGroup)?.subnets ?? [];
    const inZone = subnets.filter(({ zone }) => zone === node.spec.zone);
    if (host === undefined) return [];
    // On a network of ports all nodes have one address, which need not be one of a subnet's.
    const subnet = inZone.find(({ cidr }) => holds(parseCidr(cidr), host)) ?? inZone[0];
    if (subnet === undefined) return [];
    const groups = groupIdsOf(call, node).flatMap((id) => networks.get("security-group", id) ?? []);
    const id = idOf("eni", call, node.spec.uid);
    return [{ id, description: `ElastiCache ${node.spec.clusterId}`, subnet, host, groups }];
  });
}

function groupIdsOf({ store }: Ec2Call, node: Resource<"node">): readonly string[] {
  const shard = node.owner === null ? undefined : store.get(node.owner);
  const cache = shard === undefined || shard.owner === null ? undefined : store.get(shard.owner);
  return cache !== undefined && "securityGroupIds" in cache.spec ? cache.spec.securityGroupIds : [];
}

function shape(
  call: Ec2Call,
  { id, description, subnet, host, groups }: Interface,
): NetworkInterface {
  return {
    NetworkInterfaceId: id,
    Description: description,
    InterfaceType: "interface",
    OwnerId: call.account,
    RequesterId: "amazon-elasticache",
    RequesterManaged: true,
    Status: "in-use",
    Attachment: { Status: "attached", InstanceOwnerId: "amazon-elasticache" },
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneIdOf(subnet.zone),
    SubnetId: subnet.id,
    VpcId: subnet.vpcId,
    PrivateIpAddress: host,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: host }],
    Groups: groups.map((group) => ({ GroupId: group.id, GroupName: group.name })),
    TagSet: [],
  };
}
