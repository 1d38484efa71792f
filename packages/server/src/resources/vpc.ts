import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import { assert } from "../base/assert.ts";
import type { Home } from "./ref.ts";

/** The addresses that a server gives out: those of the default VPC of every account and region. */
export interface Vpc {
  /** E.g. "127.31.0.0/16". */
  readonly cidr: string;
}

/** The part of a VPC that one zone's nodes take their addresses from. */
export interface Subnet {
  /** "subnet-" and 17 hexadecimal digits. */
  readonly id: string;
  readonly zone: string;
  /** E.g. "127.31.16.0/20". */
  readonly cidr: string;
}

/** A block of IPv4 addresses; addresses are numbers, so that they can be counted. */
export interface Block {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** AWS's default subnets are /20, whatever the VPC's size. */
const subnetPrefix = 20;
const zoneLetters = ["a", "b", "c"] as const;
const vpcPrefixMax = 18;
const vpcPrefixMin = 8;

/** The zones of a region: its name and a, b, c. */
export function zonesOf(region: string): readonly string[] {
  return zoneLetters.map((letter) => `${region}${letter}`);
}

/** The id of an account's default VPC in a region; the same for ever. */
export function vpcIdOf(home: Home): string {
  return idOf("vpc", home, "vpc");
}

/** The id of the default security group of an account's VPC in a region; the same for ever. */
export function defaultSecurityGroupId(home: Home): string {
  return idOf("sg", home, "default-security-group");
}

/** The default subnets, one per zone in order. Regions share the VPC's addresses, not its ids. */
export function subnetsOf(vpc: Vpc, home: Home): readonly Subnet[] {
  const problem = vpcProblem(vpc.cidr);
  assert(problem === null, `a VPC is checked when it is configured: ${problem}`);
  const { first } = parseCidr(vpc.cidr);
  return zonesOf(home.region).map((zone, index) => ({
    id: idOf("subnet", home, `subnet-${index}`),
    zone,
    cidr: `${formatIpv4(first + index * 2 ** (32 - subnetPrefix))}/${subnetPrefix}`,
  }));
}

/** Whether `inner` lies in `outer` as a whole. */
export function contains(outer: Block, inner: Pick<Block, "first" | "last">): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether the blocks share an address. */
export function overlap(a: Block, b: Block): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether `host`, an IPv4 address, is one of the block's. */
export function holds(block: Block, host: string): boolean {
  if (!isIPv4(host)) return false;
  const address = parseIpv4(host);
  return contains(block, { first: address, last: address });
}

/** Why `cidr` cannot be the VPC, as a sentence for whoever configured it; null if it can. */
export function vpcProblem(cidr: string): string | null {
  let block: Block;
  try {
    block = parseCidr(cidr);
  } catch (error) {
    // parseCidr throws nothing but its own sentences.
    return (error as Error).message;
  }
  if (block.prefix >= vpcPrefixMin && block.prefix <= vpcPrefixMax) return null;
  return (
    `${cidr} must have a prefix from /${vpcPrefixMin} to /${vpcPrefixMax}: ` +
    `it holds ${zoneLetters.length} subnets of /${subnetPrefix}.`
  );
}

/** Reads an IPv4 block such as "127.31.0.0/16". Throws an Error with a sentence. */
export function parseCidr(cidr: string): Block {
  const [host = "", bits = "", ...rest] = cidr.split("/");
  const prefix = Number(bits);
  if (rest.length > 0 || !isIPv4(host) || !/^\d{1,2}$/.test(bits) || prefix > 32) {
    throw new Error(`${cidr} is not an IPv4 CIDR block such as 127.31.0.0/16.`);
  }
  const first = parseIpv4(host);
  const size = 2 ** (32 - prefix);
  if (first % size !== 0) {
    const meant = `${formatIpv4(first - (first % size))}/${prefix}`;
    throw new Error(`${cidr} has bits set behind its prefix; ${meant} is the block it lies in.`);
  }
  return { first, last: first + size - 1, prefix };
}

/** An IPv4 address as a number from 0 to 2^32 - 1. Asserts that it is one. */
export function parseIpv4(host: string): number {
  assert(isIPv4(host), `${host} is an IPv4 address`);
  // Multiplied, not shifted: JavaScript's shifts give negative numbers from 128.0.0.0 on.
  return host.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** The dotted form of an address. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** An id such as "vpc-" and 17 hexadecimal digits; for this home and `what` always the same. */
export function idOf(prefix: string, home: Home, what: string): string {
  const key = `${home.account}/${home.region}/${what}`;
  return `${prefix}-${createHash("sha256").update(key).digest("hex").slice(0, 17)}`;
}
