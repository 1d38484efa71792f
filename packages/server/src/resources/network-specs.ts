/** What a VPC is asked to be. */
export interface VpcSpec {
  /** E.g. "127.31.64.0/18". */
  readonly cidr: string;
  readonly isDefault: boolean;
  /** Kept and told; there is no DNS that they could change. */
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
}

/** What a subnet is asked to be: the addresses that one zone of a VPC has. */
export interface SubnetSpec {
  readonly vpcId: string;
  readonly zone: string;
  /** Lies in the VPC's, and shares no address with another subnet of the VPC. */
  readonly cidr: string;
  /** Whether it is the default VPC's own subnet of its zone. */
  readonly isDefault: boolean;
  readonly mapPublicIpOnLaunch: boolean;
}

/** What a security group is asked to be. */
export interface SecurityGroupSpec {
  readonly vpcId: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly SecurityRule[];
}

/** One allowance of a security group. */
export interface SecurityRule extends Traffic {
  /** "sgr-" and 17 hexadecimal digits. */
  readonly id: string;
  readonly isEgress: boolean;
  readonly description: string | null;
}

/** What a rule allows. Two rules that allow the same are one. */
export interface Traffic {
  /** "tcp", "udp", "icmp", "icmpv6", the number of another protocol, or "-1" for all. */
  readonly protocol: string;
  /** Ports, or type and code of ICMP; null where the protocol has none. */
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly peer: Peer;
}

/** The other end of what a rule allows: a block of addresses, or the nodes of a security group. */
export interface Peer {
  readonly kind: "ipv4" | "ipv6" | "group";
  /** A CIDR block, or the id of a security group. */
  readonly value: string;
}

/** The name of the security group that every VPC has from the start. */
export const defaultGroupName = "default";

/** What a VPC's default security group allows: its members one another, and everything outwards. */
export function defaultRules(groupId: string, newId: () => string): readonly SecurityRule[] {
  const all = { protocol: "-1", fromPort: null, toPort: null, description: null };
  return [
    { ...all, id: newId(), isEgress: false, peer: { kind: "group", value: groupId } },
    ...outwardRules(newId),
  ];
}

/** What every new security group allows: everything outwards. */
export function outwardRules(newId: () => string): readonly SecurityRule[] {
  const peer = { kind: "ipv4", value: "0.0.0.0/0" } as const;
  const all = { protocol: "-1", fromPort: null, toPort: null, description: null };
  return [{ ...all, id: newId(), isEgress: true, peer }];
}

/** Whether both allow the same. */
export function sameTraffic(a: Traffic, b: Traffic): boolean {
  return (
    a.protocol === b.protocol &&
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    a.peer.kind === b.peer.kind &&
    a.peer.value === b.peer.value
  );
}
