import type {
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Vpc,
} from "@aws-sdk/client-ec2";
import { newHex } from "../../base/random.ts";
import { defaultGroupName, defaultRules } from "../../resources/network-specs.ts";
import { refIn } from "../../resources/ref.ts";
import { contains, idOf, parseCidr } from "../../resources/vpc.ts";
import type { Part } from "../../store/networks.ts";
import { canonicalCidr, exampleWithin, isAllowedSize } from "./cidr-input.ts";
import { ec2Fault, required } from "./faults.ts";
import { requireVpc, vpcNotFound } from "./known.ts";
import { alsoAs, selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { newTags, tagsShape } from "./tag-input.ts";

/** In an account and region; AWS starts with 5 and raises it when asked. */
const vpcsMax = 100;
/** What AWS says where no DHCP options are associated with a VPC. */
const noDhcpOptions = "default";

export const describeVpcs = operation<DescribeVpcsRequest, DescribeVpcsResult>(
  ["Filters", "VpcIds", "NextToken", "MaxResults"],
  (input, call) => {
    const { page, ...next } = selected(
      call.networks.list("vpc"),
      { ...input, ids: input.VpcIds },
      {
        operation: "DescribeVpcs",
        idOf: ({ id }) => id,
        notFound: vpcNotFound,
        tagsOf: ({ id }) => call.store.tags(refIn(call, "vpc", id)),
        filters: {
          ...alsoAs(["cidr", "cidr-block", "cidrBlock"], ({ cidr }) => cidr),
          "cidr-block-association.association-id": ({ id }) => associationId(call, id),
          "cidr-block-association.cidr-block": ({ cidr }) => cidr,
          "cidr-block-association.state": () => "associated",
          ...alsoAs(["dhcp-options-id", "dhcpOptionsId"], () => noDhcpOptions),
          ...alsoAs(["is-default", "isDefault"], ({ isDefault }) => isDefault),
          "owner-id": () => call.account,
          state: () => "available",
          ...alsoAs(["vpc-id", "vpcId"], ({ id }) => id),
        },
      },
    );
    return { ...next, Vpcs: page.map((vpc) => vpcShape(call, vpc)) };
  },
);

export const createVpc = operation<CreateVpcRequest, CreateVpcResult>(
  ["CidrBlock", "InstanceTenancy", "TagSpecifications"],
  (input, call) => {
    const cidr = newVpcCidr(call, required("CidrBlock", input.CidrBlock));
    if (input.InstanceTenancy !== undefined && input.InstanceTenancy !== "default") {
      throw ec2Fault(
        "InvalidParameterValue",
        `Invalid value '${input.InstanceTenancy}' for InstanceTenancy. It must be default.`,
      );
    }
    const tags = newTags("vpc", input.TagSpecifications);
    if (call.networks.list("vpc").length >= vpcsMax) {
      throw ec2Fault("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
    }
    const id = `vpc-${newHex(17)}`;
    call.networks.save("vpc", id, {
      ...{ cidr, isDefault: false, enableNetworkAddressUsageMetrics: false },
      ...{ enableDnsSupport: true, enableDnsHostnames: false },
    });
    call.store.setTags(refIn(call, "vpc", id), tags);
    addDefaultGroup(call, id);
    return { Vpc: vpcShape(call, requireVpc(call, id)) };
  },
);

export const deleteVpc = operation<DeleteVpcRequest, void>(["VpcId"], (input, call) => {
  const vpc = requireVpc(call, input.VpcId);
  if (vpc.isDefault) {
    throw ec2Fault(
      "OperationNotPermitted",
      `The default VPC ${vpc.id} cannot be deleted: every account has it in every region.`,
    );
  }
  const { networks, store } = call;
  const groups = networks.list("security-group").filter(({ vpcId }) => vpcId === vpc.id);
  const others = groups.filter(({ name }) => name !== defaultGroupName);
  const subnets = networks.list("subnet").filter(({ vpcId }) => vpcId === vpc.id);
  if (others.length > 0 || subnets.length > 0) {
    throw ec2Fault(
      "DependencyViolation",
      `The vpc '${vpc.id}' has dependencies and cannot be deleted: ` +
        `${[...subnets, ...others].map(({ id }) => id).join(", ")}.`,
    );
  }
  for (const { id } of groups) store.remove(refIn(call, "security-group", id));
  store.remove(refIn(call, "vpc", vpc.id));
});

/** The block of a new VPC. Throws InvalidVpc.Range when nodes could not have its addresses. */
function newVpcCidr({ backend: { addresses } }: Ec2Call, text: string): string {
  const cidr = canonicalCidr("cidrBlock", text);
  const block = parseCidr(cidr);
  if (!isAllowedSize(block)) {
    throw ec2Fault(
      "InvalidVpc.Range",
      `The CIDR '${cidr}' is invalid: a VPC's block has a prefix from /16 to /28.`,
    );
  }
  if (addresses === null || contains(parseCidr(addresses), block)) return cidr;
  throw ec2Fault(
    "InvalidVpc.Range",
    `The CIDR '${cidr}' is invalid: nodes of this server have addresses of the loopback network, ` +
      `so a VPC must lie in ${addresses} (LARDER_VPC_CIDR); for example ` +
      `${exampleWithin(addresses)}. With LARDER_NETWORK=ports any block can be used.`,
  );
}

function addDefaultGroup(call: Ec2Call, vpcId: string): void {
  const id = `sg-${newHex(17)}`;
  call.networks.save("security-group", id, {
    ...{ vpcId, name: defaultGroupName, description: "default VPC security group" },
    rules: defaultRules(id, () => `sgr-${newHex(17)}`),
  });
}

function vpcShape(call: Ec2Call, { id, cidr, isDefault }: Part<"vpc">): Vpc {
  return {
    VpcId: id,
    OwnerId: call.account,
    State: "available",
    CidrBlock: cidr,
    DhcpOptionsId: noDhcpOptions,
    InstanceTenancy: "default",
    IsDefault: isDefault,
    CidrBlockAssociationSet: [
      {
        AssociationId: associationId(call, id),
        CidrBlock: cidr,
        CidrBlockState: { State: "associated" },
      },
    ],
    Ipv6CidrBlockAssociationSet: [],
    Tags: tagsShape(call.store.tags(refIn(call, "vpc", id))),
  };
}

function associationId(call: Ec2Call, vpcId: string): string {
  return idOf("vpc-cidr-assoc", call, vpcId);
}
