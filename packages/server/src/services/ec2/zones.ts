import type {
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
} from "@aws-sdk/client-ec2";
import { zonesOf } from "../../resources/vpc.ts";
import { ec2Fault } from "./faults.ts";
import { selected } from "./listing.ts";
import { operation } from "./operation.ts";

const directions: readonly (readonly [string, string])[] = [
  ...([
    ["northeast", "ne"],
    ["northwest", "nw"],
    ["southeast", "se"],
    ["southwest", "sw"],
  ] as const),
  ...([
    ["north", "n"],
    ["south", "s"],
    ["east", "e"],
    ["west", "w"],
    ["central", "c"],
  ] as const),
];

/** The id of a zone, e.g. "use1-az1" for us-east-1a. */
export function zoneIdOf(zone: string): string {
  const [area = "", ...words] = zone.slice(0, -1).split("-");
  const number = words.pop() ?? "";
  const short = words.map(
    (word) => directions.find(([direction]) => direction === word)?.[1] ?? word.slice(0, 1),
  );
  return `${area}${short.join("")}${number}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

export const describeAvailabilityZones = operation<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
>(["ZoneNames", "ZoneIds", "AllAvailabilityZones", "Filters"], (input, { region }) => {
  const zones = zonesOf(region).map((name) => ({ name, id: zoneIdOf(name) }));
  const ids = input.ZoneIds ?? [];
  const unknown = ids.find((id) => !zones.some((zone) => zone.id === id));
  if (unknown !== undefined) throw invalidZone(unknown);
  const wanted = zones.filter((zone) => ids.length === 0 || ids.includes(zone.id));
  const { page } = selected(
    wanted,
    { ids: input.ZoneNames, Filters: input.Filters },
    {
      operation: "DescribeAvailabilityZones",
      idOf: ({ name }) => name,
      notFound: invalidZone,
      filters: {
        "group-name": () => region,
        message: () => null,
        "opt-in-status": () => "opt-in-not-required",
        "parent-zone-id": () => null,
        "parent-zone-name": () => null,
        "region-name": () => region,
        state: () => "available",
        "zone-id": ({ id }) => id,
        "zone-name": ({ name }) => name,
        "zone-type": () => "availability-zone",
      },
    },
  );
  return {
    AvailabilityZones: page.map(({ name, id }) => ({
      OptInStatus: "opt-in-not-required",
      Messages: [],
      RegionName: region,
      ZoneName: name,
      ZoneId: id,
      GroupName: region,
      NetworkBorderGroup: region,
      ZoneType: "availability-zone",
      State: "available",
    })),
  };
});

function invalidZone(zone: string) {
  return ec2Fault("InvalidParameterValue", `Invalid availability zone: [${zone}]`);
}
