import type { DescribeRegionsRequest, DescribeRegionsResult } from "@aws-sdk/client-ec2";
import { kinds } from "../../resources/ref.ts";
import { ec2Fault } from "./faults.ts";
import { selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";

const regionForm = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * A server serves every region that a request is signed for. Listed are those that mean something:
 * the configured one, the caller's, and those that hold something of the account's; any other is
 * answered for when it is asked for by name.
 */
export const describeRegions = operation<DescribeRegionsRequest, DescribeRegionsResult>(
  ["RegionNames", "AllRegions", "Filters"],
  (input, call) => {
    const named = input.RegionNames ?? [];
    const wrong = named.find((name) => !regionForm.test(name));
    if (wrong !== undefined) throw invalidRegion(wrong);
    const known = named.length > 0 ? named : regionsInUse(call);
    const { page } = selected(
      [...new Set(known)],
      { Filters: input.Filters },
      {
        operation: "DescribeRegions",
        idOf: (name) => name,
        notFound: invalidRegion,
        filters: {
          endpoint: endpointOf,
          "opt-in-status": () => "opt-in-not-required",
          "region-name": (name) => name,
        },
      },
    );
    return {
      Regions: page.map((name) => ({
        OptInStatus: "opt-in-not-required",
        RegionName: name,
        Endpoint: endpointOf(name),
      })),
    };
  },
);

function regionsInUse({ store, account, region, backend }: Ec2Call): readonly string[] {
  const held = kinds.flatMap((kind) =>
    store.listAll(kind).flatMap((one) => (one.account === account ? [one.region] : [])),
  );
  return [backend.region, region, ...held];
}

function endpointOf(region: string): string {
  return `ec2.${region}.amazonaws.com`;
}

function invalidRegion(region: string) {
  return ec2Fault("InvalidParameterValue", `Invalid region: [${region}]`);
}
