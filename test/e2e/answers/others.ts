import type {
  CacheNodeTypeSpecificParameter,
  CacheParameterGroup,
  CacheSubnetGroup,
  Parameter,
  ReservedCacheNode,
  ReservedCacheNodesOffering,
  Subnet,
} from "@aws-sdk/client-elasticache";
import { absent, atLeast, each, either, type Members, moment } from "./expected.ts";

const account = "arn:aws:elasticache:us-east-1:\\d{12}";

export const parameterGroup: Members<CacheParameterGroup> = {
  CacheParameterGroupName: "mine",
  CacheParameterGroupFamily: "redis7",
  Description: "mine",
  IsGlobal: false,
  ARN: new RegExp(`^${account}:parametergroup:mine$`),
};

const ofEveryParameter: Omit<Members<Parameter>, "ParameterValue"> = {
  ParameterName: /^[a-z][a-z0-9_-]+$/,
  Description: /./,
  Source: /^(user|system)$/,
  DataType: /^(string|integer|float)$/,
  // Some take any text.
  AllowedValues: /^/,
  IsModifiable: either,
  MinimumEngineVersion: /^\d+\.\d+\.\d+$/,
  ChangeType: /^(immediate|requires-reboot)$/,
};

export const parameter: Members<Parameter> = {
  ...ofEveryParameter,
  // Some are empty by default, such as notify-keyspace-events.
  ParameterValue: /^/,
};

export const nodeTypeParameter: Members<CacheNodeTypeSpecificParameter> = {
  ...ofEveryParameter,
  CacheNodeTypeSpecificValues: each({ CacheNodeType: /^cache\./, Value: /^\d+$/ }),
};

const subnet: Members<Subnet> = {
  SubnetIdentifier: /^subnet-[0-9a-f]+$/,
  SubnetAvailabilityZone: { Name: /^us-east-1[abc]$/ },
  SubnetOutpost: absent("AWS fills it in on Outposts alone"),
  SupportedNetworkTypes: each("ipv4"),
};

export const subnetGroup: Members<CacheSubnetGroup> = {
  CacheSubnetGroupName: /^(default|mine)$/,
  CacheSubnetGroupDescription: /./,
  VpcId: /^vpc-[0-9a-f]+$/,
  Subnets: each(subnet),
  ARN: new RegExp(`^${account}:subnetgroup:(default|mine)$`),
  SupportedNetworkTypes: each("ipv4"),
};

export const offering: Members<ReservedCacheNodesOffering> = {
  ReservedCacheNodesOfferingId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  CacheNodeType: "cache.t4g.micro",
  Duration: 31_536_000,
  FixedPrice: 0,
  UsagePrice: 0,
  ProductDescription: "redis",
  OfferingType: "No Upfront",
  RecurringCharges: each({ RecurringChargeAmount: 0.0112, RecurringChargeFrequency: "Hourly" }),
};

export const reservation: Members<ReservedCacheNode> = {
  ...offering,
  ReservedCacheNodeId: "spring",
  StartTime: moment,
  CacheNodeCount: atLeast(1),
  State: /^(payment-pending|active)$/,
  ReservationARN: new RegExp(`^${account}:reserved-instance:spring$`),
};
