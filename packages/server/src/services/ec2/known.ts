import type { Fault } from "../../aws/fault.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Fault, required } from "./faults.ts";
import type { Ec2Call } from "./operation.ts";

/** What is said of the id of a VPC that does not exist. */
export function vpcNotFound(id: string): Fault {
  return ec2Fault("InvalidVpcID.NotFound", `The vpc ID '${id}' does not exist`);
}

/** See `vpcNotFound`. */
export function subnetNotFound(id: string): Fault {
  return ec2Fault("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
}

/** See `vpcNotFound`. */
export function groupNotFound(id: string): Fault {
  return ec2Fault("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
}

/** The VPC of that id. Throws InvalidVpcID.NotFound. */
export function requireVpc(call: Ec2Call, id: string | undefined): Part<"vpc"> {
  const vpc = call.networks.get("vpc", required("VpcId", id));
  if (vpc === undefined) throw vpcNotFound(id ?? "");
  return vpc;
}

/** The VPC of that id, or the default one. Throws InvalidVpcID.NotFound. */
export function vpcOrDefault(call: Ec2Call, id: string | undefined): Part<"vpc"> {
  const fallback = call.networks.list("vpc").find(({ isDefault }) => isDefault);
  return requireVpc(call, id || fallback?.id);
}

/** The subnet of that id. Throws InvalidSubnetID.NotFound. */
export function requireSubnet(call: Ec2Call, id: string | undefined): Part<"subnet"> {
  const subnet = call.networks.get("subnet", required("SubnetId", id));
  if (subnet === undefined) throw subnetNotFound(id ?? "");
  return subnet;
}

/** How callers name a security group. */
export interface GroupNaming {
  readonly GroupId?: string | undefined;
  /** Only for groups of the default VPC. */
  readonly GroupName?: string | undefined;
}

/** The security group of that id, or of that name in the default VPC. Throws InvalidGroup.NotFound. */
export function requireGroup(
  call: Ec2Call,
  { GroupId: id, GroupName: name }: GroupNaming,
): Part<"security-group"> {
  if (!id && !name) throw ec2Fault("MissingParameter", "The request must name a security group");
  const inDefaultVpc = (): Part<"security-group"> | undefined => {
    const vpcId = vpcOrDefault(call, undefined).id;
    const groups = call.networks.list("security-group");
    return groups.find((group) => group.vpcId === vpcId && group.name === name);
  };
  const group = id ? call.networks.get("security-group", id) : inDefaultVpc();
  if (group === undefined) throw groupNotFound(id || name || "");
  return group;
}
