import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { type Block, formatIpv4, parseCidr, parseIpv4 } from "../../resources/vpc.ts";
import { ec2Fault } from "./faults.ts";

/** AWS allows VPCs and subnets of these sizes. */
const prefixMin = 16;
const prefixMax = 28;

/**
 * An IPv4 block as the caller wrote it, in its canonical form: what stands behind the prefix is
 * taken off, as EC2 does. Throws InvalidParameterValue for what is no block.
 */
export function canonicalCidr(parameter: string, text: string): string {
  const [host = "", bits = "", ...rest] = text.split("/");
  const prefix = prefixOf(bits, 32);
  if (rest.length > 0 || !isIPv4(host) || prefix === null) throw noBlock(parameter, text);
  const address = parseIpv4(host);
  return `${formatIpv4(address - (address % 2 ** (32 - prefix)))}/${prefix}`;
}

/** As `canonicalCidr`, for IPv6; only its spelling is made the same for the same block. */
export function canonicalIpv6Cidr(parameter: string, text: string): string {
  const [host = "", bits = "", ...rest] = text.split("/");
  const prefix = prefixOf(bits, 128);
  if (rest.length > 0 || !isIPv6(host) || host.includes("%") || prefix === null) {
    throw noBlock(parameter, text);
  }
  return `${new SocketAddress({ address: host, family: "ipv6" }).address}/${prefix}`;
}

/** Whether a block has a size that VPCs and subnets may have. */
export function isAllowedSize({ prefix }: Block): boolean {
  return prefix >= prefixMin && prefix <= prefixMax;
}

/** The quarter of a block that is furthest from the default subnets, as an example. */
export function exampleWithin(cidr: string): string {
  const { first, last, prefix } = parseCidr(cidr);
  return `${formatIpv4(last + 1 - (last + 1 - first) / 4)}/${prefix + 2}`;
}

function prefixOf(bits: string, max: number): number | null {
  return /^\d{1,3}$/.test(bits) && Number(bits) <= max ? Number(bits) : null;
}

function noBlock(parameter: string, text: string) {
  return ec2Fault(
    "InvalidParameterValue",
    `Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`,
  );
}
