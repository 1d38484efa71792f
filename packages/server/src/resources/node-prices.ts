import type { EngineName } from "./engine-name.ts";
import type { NodeType } from "./node-type.ts";

/**
 * US dollars for one hour of one redis or memcached node, by the type's name without its prefix:
 * AWS's public on-demand prices of us-east-1 (AWS Price List, as of October 2026). Larder uses them
 * in every region, since it has no list of the others.
 */
const usdPerHourRows: readonly (readonly [name: string, usdPerHour: number])[] = [
  ["t2.micro", 0.017],
  ["t2.small", 0.034],
  ["t2.medium", 0.068],
  ["t3.micro", 0.017],
  ["t3.small", 0.034],
  ["t3.medium", 0.068],
  ["t4g.micro", 0.016],
  ["t4g.small", 0.032],
  ["t4g.medium", 0.065],
  ["m4.large", 0.156],
  ["m4.xlarge", 0.311],
  ["m4.2xlarge", 0.623],
  ["m4.4xlarge", 1.245],
  ["m4.10xlarge", 3.112],
  ["m5.large", 0.156],
  ["m5.xlarge", 0.311],
  ["m5.2xlarge", 0.623],
  ["m5.4xlarge", 1.245],
  ["m5.12xlarge", 3.744],
  ["m5.24xlarge", 7.488],
  ["m6g.large", 0.149],
  ["m6g.xlarge", 0.297],
  ["m6g.2xlarge", 0.593],
  ["m6g.4xlarge", 1.186],
  ["m6g.8xlarge", 2.372],
  ["m6g.12xlarge", 3.557],
  ["m6g.16xlarge", 4.743],
  ["m7g.large", 0.158],
  ["m7g.xlarge", 0.315],
  ["m7g.2xlarge", 0.629],
  ["m7g.4xlarge", 1.257],
  ["m7g.8xlarge", 2.514],
  ["m7g.12xlarge", 3.77],
  ["m7g.16xlarge", 5.028],
  ["r4.large", 0.228],
  ["r4.xlarge", 0.455],
  ["r4.2xlarge", 0.91],
  ["r4.4xlarge", 1.82],
  ["r4.8xlarge", 3.64],
  ["r4.16xlarge", 7.28],
  ["r5.large", 0.216],
  ["r5.xlarge", 0.431],
  ["r5.2xlarge", 0.862],
  ["r5.4xlarge", 1.724],
  ["r5.12xlarge", 5.184],
  ["r5.24xlarge", 10.368],
  ["r6g.large", 0.206],
  ["r6g.xlarge", 0.411],
  ["r6g.2xlarge", 0.821],
  ["r6g.4xlarge", 1.642],
  ["r6g.8xlarge", 3.284],
  ["r6g.12xlarge", 4.925],
  ["r6g.16xlarge", 6.567],
  ["r7g.large", 0.219],
  ["r7g.xlarge", 0.437],
  ["r7g.2xlarge", 0.873],
  ["r7g.4xlarge", 1.745],
  ["r7g.8xlarge", 3.491],
  ["r7g.12xlarge", 5.235],
  ["r7g.16xlarge", 6.981],
  ["r6gd.xlarge", 0.781],
  ["r6gd.2xlarge", 1.56],
  ["r6gd.4xlarge", 3.12],
  ["r6gd.8xlarge", 6.24],
  ["r6gd.12xlarge", 9.358],
  ["r6gd.16xlarge", 12.477],
  ["c7gn.large", 0.255],
  ["c7gn.xlarge", 0.509],
  ["c7gn.2xlarge", 1.018],
  ["c7gn.4xlarge", 2.037],
  ["c7gn.8xlarge", 4.073],
  ["c7gn.12xlarge", 6.11],
  ["c7gn.16xlarge", 8.147],
];

const usdPerHourByName = new Map(usdPerHourRows.map(([name, usd]) => [`cache.${name}`, usd]));

/** Valkey costs 80 % of the others (AWS's pricing statement for node-based clusters). */
const valkeyPercent = 80;

/**
 * What an hour of one node costs on demand, in US dollars with at most four decimals; undefined for
 * a type without a price. Nothing is charged: reservations and cost reports compute with it.
 */
export function onDemandUsdPerHour(nodeType: NodeType, engine: EngineName): number | undefined {
  const usd = usdPerHourByName.get(nodeType.name);
  if (usd === undefined || engine !== "valkey") return usd;
  return Math.round(usd * 100 * valkeyPercent) / 10_000;
}
