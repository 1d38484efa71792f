import type {
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  ModifySubnetAttributeRequest,
} from "@aws-sdk/client-ec2";
import { newHex } from "../../base/random.ts";
import { spreadOver } from "../../resources/new-members.ts";
import { refIn } from "../../resources/ref.ts";
import { contains, overlap, parseCidr, zonesOf } from "../../resources/vpc.ts";
import type { Part } from "../../store/networks.ts";
import { canonicalCidr, isAllowedSize } from "./cidr-input.ts";
import { ec2Fault, required } from "./faults.ts";
import { requireSubnet, requireVpc, subnetNotFound } from "./known.ts";
import { alsoAs, selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { freeAddresses, subnetArn, subnetShape } from "./subnet-shape.ts";
import { newTags } from "./tag-input.ts";
import { zoneIdOf } from "./zones.ts";

/** AWS's default quota. */
const subnetsPerVpcMax = 200;

export const describeSubnets = operation<DescribeSubnetsRequest, DescribeSubnetsResult>(
  ["Filters", "SubnetIds", "NextToken", "MaxResults"],
  (input, call) => {
    const subnets = call.networks.list("subnet");
    const { page, ...next } = selected(
      subnets,
      { ...input, ids: input.SubnetIds },
      {
        operation: "DescribeSubnets",
        idOf: ({ id }) => id,
        notFound: subnetNotFound,
        tagsOf: ({ id }) => call.store.tags(refIn(call, "subnet", id)),
        filters: {
          ...alsoAs(["availability-zone", "availabilityZone"], ({ zone }) => zone),
          ...alsoAs(["availability-zone-id", "availabilityZoneId"], ({ zone }) => zoneIdOf(zone)),
          "available-ip-address-count": (subnet) => freeAddresses(call, subnet),
          ...alsoAs(["cidr", "cidr-block", "cidrBlock"], ({ cidr }) => cidr),
          ...alsoAs(["default-for-az", "defaultForAz"], ({ isDefault }) => isDefault),
          "map-public-ip-on-launch": ({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch,
          "owner-id": () => call.account,
          state: () => "available",
          "subnet-arn": ({ id }) => subnetArn(call, id),
          ...alsoAs(["subnet-id", "subnetId"], ({ id }) => id),
          ...alsoAs(["vpc-id", "vpcId"], ({ vpcId }) => vpcId),
        },
      },
    );
    return { ...next, Subnets: page.map((subnet) => subnetShape(call, subnet)) };
  },
);

export const createSubnet = operation<CreateSubnetRequest, CreateSubnetResult>(
  ["VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "TagSpecifications"],
  (input, call) => {
    const vpc = requireVpc(call, input.VpcId);
    const beside = call.networks.list("subnet").filter(({ vpcId }) => vpcId === vpc.id);
    const cidr = newSubnetCidr(vpc, beside, required("CidrBlock", input.CidrBlock));
    const zone = newZone(call, input, beside);
    const tags = newTags("subnet", input.TagSpecifications);
    if (beside.length >= subnetsPerVpcMax) {
      throw ec2Fault("SubnetLimitExceeded", "The maximum number of subnets has been reached.");
    }
    const id = `subnet-${newHex(17)}`;
    const spec = { vpcId: vpc.id, zone, cidr, isDefault: false, mapPublicIpOnLaunch: false };
    call.networks.save("subnet", id, spec);
    call.store.setTags(refIn(call, "subnet", id), tags);
    return { Subnet: subnetShape(call, requireSubnet(call, id)) };
  },
);

export const deleteSubnet = operation<DeleteSubnetRequest, void>(["SubnetId"], (input, call) => {
  const { id, isDefault } = requireSubnet(call, input.SubnetId);
  if (isDefault) {
    throw ec2Fault(
      "OperationNotPermitted",
      `The default subnet ${id} cannot be deleted: every account has it in every region.`,
    );
  }
  const users = call.store
    .list("subnet-group", call)
    .filter((one) => one.spec.subnetIds.includes(id));
  if (users.length > 0) {
    throw ec2Fault(
      "DependencyViolation",
      `The subnet '${id}' has dependencies and cannot be deleted: it is in the cache subnet group ` +
        `${users.map((group) => group.id).join(", ")}.`,
    );
  }
  call.store.remove(refIn(call, "subnet", id));
});

export const modifySubnetAttribute = operation<ModifySubnetAttributeRequest, void>(
  ["SubnetId", "MapPublicIpOnLaunch"],
  (input, call) => {
    const { id, ...spec } = requireSubnet(call, input.SubnetId);
    const mapPublicIpOnLaunch = input.MapPublicIpOnLaunch?.Value ?? spec.mapPublicIpOnLaunch;
    call.networks.save("subnet", id, { ...spec, mapPublicIpOnLaunch });
  },
);

/** The block of a new subnet. Throws InvalidSubnet.Range or InvalidSubnet.Conflict. */
function newSubnetCidr(vpc: Part<"vpc">, beside: readonly Part<"subnet">[], text: string): string {
  const cidr = canonicalCidr("cidrBlock", text);
  const block = parseCidr(cidr);
  if (!isAllowedSize(block) || !contains(parseCidr(vpc.cidr), block)) {
    throw ec2Fault(
      "InvalidSubnet.Range",
      `The CIDR '${cidr}' is invalid: a subnet of ${vpc.id} lies in ${vpc.cidr} and has a prefix ` +
        "from /16 to /28.",
    );
  }
  const other = beside.find((subnet) => overlap(parseCidr(subnet.cidr), block));
  if (other === undefined) return cidr;
  throw ec2Fault(
    "InvalidSubnet.Conflict",
    `The CIDR '${cidr}' conflicts with another subnet: ${other.id} has ${other.cidr}`,
  );
}

/** The zone that is asked for; else the one with the fewest subnets of the VPC. */
function newZone(
  { region }: Ec2Call,
  { AvailabilityZone: name, AvailabilityZoneId: id }: CreateSubnetRequest,
  beside: readonly Part<"subnet">[],
): string {
  const zones = zonesOf(region);
  const fits = (zone: string) => (!name || zone === name) && (!id || zoneIdOf(zone) === id);
  const used = beside.map(({ zone }) => zone);
  const [zone] = spreadOver(zones.filter(fits), used, zones.some(fits) ? 1 : 0);
  if (zone !== undefined) return zone;
  throw ec2Fault(
    "InvalidParameterValue",
    `Value (${name || id}) for parameter availabilityZone is invalid. Subnets can currently only ` +
      `be created in the following availability zones: ${zones.join(", ")}.`,
  );
}
