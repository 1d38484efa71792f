import type { Home } from "./ref.ts";

/** What an ARN of ElastiCache can name and Larder keeps. */
export type ArnType =
  | "cluster"
  | "replicationgroup"
  | "parametergroup"
  | "subnetgroup"
  | "reserved-instance";

/** The parts of an ARN with 7 components: arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE:NAME. */
export interface Arn {
  readonly prefix: string;
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly type: string;
  readonly name: string;
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** The ARN of a resource; its name is written in lower case. */
export function arnOf(home: Home, type: ArnType, name: string): string {
  const place = `${partitionOf(home.region)}:elasticache:${home.region}:${home.account}`;
  return `arn:${place}:${type}:${name.toLowerCase()}`;
}

/** The parts of an ARN, unjudged; null when they are not 7. */
export function parseArn(text: string): Arn | null {
  const parts = text.split(":");
  if (parts.length !== 7) return null;
  const [prefix, partition, service, region, account, type, name] = parts as [
    ...[string, string, string, string, string, string, string],
  ];
  return { prefix, partition, service, region, account, type, name };
}
