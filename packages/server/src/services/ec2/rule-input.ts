import type { IpPermission, UserIdGroupPair } from "@aws-sdk/client-ec2";
import type { Peer, Traffic } from "../../resources/network-specs.ts";
import type { Part } from "../../store/networks.ts";
import { canonicalCidr, canonicalIpv6Cidr } from "./cidr-input.ts";
import { ec2Fault } from "./faults.ts";
import { groupNotFound } from "./known.ts";
import type { Ec2Call } from "./operation.ts";

/** How callers write rules: in a list, or one in the request itself. */
export interface PermissionInput {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}

/** A rule that is asked for. */
export interface AskedRule extends Traffic {
  readonly description: string | null;
}

type Group = Part<"security-group">;
type AskedPeer = readonly [Peer, description: string | undefined];

const portMax = 65_535;
const icmpMax = 255;
const descriptionLengthMax = 255;
const descriptionForm = /^[\w .\-:/()#,@[\]+=&;{}!$*]*$/;
/** Protocols that callers may name by number. */
const protocolNames: Readonly<Record<string, string>> = {
  ...{ "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", all: "-1" },
};
const namedProtocols: readonly string[] = ["tcp", "udp", "icmp", "icmpv6", "-1"];

/** The rules of a request, one for each peer. Throws a Fault for the first that is wrong. */
export function askedRules(
  call: Ec2Call,
  group: Group,
  input: PermissionInput,
): readonly AskedRule[] {
  const listed = input.IpPermissions ?? [];
  const own = ownPermission(call, input);
  if (listed.length > 0 && own !== null) {
    throw ec2Fault(
      "InvalidParameterCombination",
      "The parameter ipPermissions may not be used in combination with ipProtocol",
    );
  }
  const permissions = own === null ? listed : [own];
  if (permissions.length === 0) {
    throw ec2Fault("MissingParameter", "The request must contain the parameter ipPermissions");
  }
  return permissions.flatMap((permission) => rulesOf(call, group, permission));
}

/** The rule that stands in the request itself. */
function ownPermission(call: Ec2Call, input: PermissionInput): IpPermission | null {
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  const { SourceSecurityGroupName: name, SourceSecurityGroupOwnerId: owner } = input;
  if (IpProtocol === undefined && CidrIp === undefined && name === undefined) return null;
  return {
    // A group alone means all traffic from it.
    IpProtocol: IpProtocol ?? (name === undefined ? undefined : "-1"),
    ...{ FromPort, ToPort },
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
    UserIdGroupPairs:
      name === undefined ? [] : [{ GroupName: name, UserId: owner ?? call.account }],
  };
}

function rulesOf(call: Ec2Call, group: Group, permission: IpPermission): readonly AskedRule[] {
  if ((permission.PrefixListIds ?? []).length > 0) {
    throw ec2Fault("UnsupportedOperation", "Larder has no prefix lists: name CIDR blocks.");
  }
  const protocol = protocolOf(permission.IpProtocol);
  const ports = portsOf(protocol, permission);
  const peers: readonly AskedPeer[] = [
    ...(permission.IpRanges ?? []).map(({ CidrIp = "", Description }): AskedPeer => [
      { kind: "ipv4", value: canonicalCidr("cidrIp", CidrIp) },
      Description,
    ]),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 = "", Description }): AskedPeer => [
      { kind: "ipv6", value: canonicalIpv6Cidr("cidrIpv6", CidrIpv6) },
      Description,
    ]),
    ...(permission.UserIdGroupPairs ?? []).map((pair): AskedPeer => [
      { kind: "group", value: peerGroup(call, group, pair).id },
      pair.Description,
    ]),
  ];
  if (peers.length === 0) {
    throw ec2Fault("MissingParameter", "A rule must name a CIDR block or a security group");
  }
  return peers.map(([peer, description]) => ({
    ...{ protocol, ...ports, peer, description: checkDescription(description) },
  }));
}

function protocolOf(text: string | undefined): string {
  if (!text) throw ec2Fault("MissingParameter", "A rule must contain the parameter ipProtocol");
  const lower = text.toLowerCase();
  const protocol = protocolNames[lower] ?? lower;
  if (namedProtocols.includes(protocol)) return protocol;
  if (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255) return String(Number(protocol));
  throw ec2Fault(
    "InvalidParameterValue",
    `Invalid value '${text}' for IP protocol. Unknown protocol.`,
  );
}

/** Ports of TCP and UDP, type and code of ICMP; other protocols have neither. */
function portsOf(
  protocol: string,
  { FromPort: from, ToPort: to }: IpPermission,
): Pick<Traffic, "fromPort" | "toPort"> {
  if (protocol === "icmp" || protocol === "icmpv6") {
    const [fromPort, toPort] = [from ?? -1, to ?? -1];
    if (Math.min(fromPort, toPort) >= -1 && Math.max(fromPort, toPort) <= icmpMax) {
      return { fromPort, toPort };
    }
    throw ec2Fault("InvalidParameterValue", `ICMP type and code must be from -1 to ${icmpMax}`);
  }
  if (protocol !== "tcp" && protocol !== "udp") return { fromPort: null, toPort: null };
  if (from === undefined || to === undefined) {
    throw ec2Fault(
      "InvalidParameterValue",
      `Invalid value for portRange. Must specify both from and to ports with ${protocol}.`,
    );
  }
  const outside = [from, to].find((port) => port < 0 || port > portMax);
  if (outside !== undefined) {
    throw ec2Fault("InvalidParameterValue", `TCP/UDP port (${outside}) out of range`);
  }
  if (from <= to) return { fromPort: from, toPort: to };
  throw ec2Fault("InvalidParameterValue", `Invalid TCP/UDP port range (${from}:${to})`);
}

/** The group at the other end: of the same account and VPC. */
function peerGroup(call: Ec2Call, group: Group, pair: UserIdGroupPair): Group {
  if (pair.VpcPeeringConnectionId) {
    throw ec2Fault("UnsupportedOperation", "Larder has no VPC peering connections.");
  }
  const { GroupId: id, GroupName: name } = pair;
  const named = call.networks
    .list("security-group")
    .find((one) => (id ? one.id === id : one.name === name && one.vpcId === group.vpcId));
  if (named === undefined || (pair.UserId && pair.UserId !== call.account)) {
    throw groupNotFound(id || name || "");
  }
  if (named.vpcId === group.vpcId) return named;
  throw ec2Fault(
    "InvalidGroup.NotFound",
    "You have specified two resources that belong to different networks.",
  );
}

/** A description, or null for none. Throws InvalidParameterValue for what EC2 does not allow. */
export function checkDescription(text: string | undefined): string | null {
  if (!text) return null;
  if (text.length <= descriptionLengthMax && descriptionForm.test(text)) return text;
  throw ec2Fault(
    "InvalidParameterValue",
    `Invalid description: it has at most ${descriptionLengthMax} characters of a-z, A-Z, 0-9, ` +
      "spaces and ._-:/()#,@[]+=&;{}!$*",
  );
}
