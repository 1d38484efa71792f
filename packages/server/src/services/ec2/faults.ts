import { Fault } from "../../aws/fault.ts";

/** EC2's error codes, with their HTTP status: the SDK has no schemas of them. */
const statuses = {
  CannotDelete: 400,
  DependencyViolation: 400,
  DryRunOperation: 412,
  "InvalidGroup.Duplicate": 400,
  "InvalidGroup.NotFound": 400,
  InvalidID: 400,
  "InvalidNetworkInterfaceID.NotFound": 400,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  "InvalidPermission.Duplicate": 400,
  "InvalidPermission.NotFound": 400,
  "InvalidSecurityGroupRuleId.NotFound": 400,
  "InvalidSubnet.Conflict": 400,
  "InvalidSubnet.Range": 400,
  "InvalidSubnetID.NotFound": 400,
  "InvalidVpc.Range": 400,
  "InvalidVpcID.NotFound": 400,
  MissingParameter: 400,
  OperationNotPermitted: 400,
  RulesPerSecurityGroupLimitExceeded: 400,
  SecurityGroupLimitExceeded: 400,
  SubnetLimitExceeded: 400,
  TagLimitExceeded: 400,
  UnsupportedOperation: 400,
  VpcLimitExceeded: 400,
} as const;

export type Ec2Code = keyof typeof statuses;

/** See `statuses`. */
export const errorStatus: ReadonlyMap<string, number> = new Map(Object.entries(statuses));

/** A caller's mistake, under one of EC2's codes. */
export function ec2Fault(code: Ec2Code, message: string): Fault {
  return new Fault(code, message);
}

/** The value of a parameter that the request must have. Throws MissingParameter. */
export function required<T>(parameter: string, value: T | undefined): T {
  if (value !== undefined && value !== "") return value;
  throw ec2Fault("MissingParameter", `The request must contain the parameter ${parameter}`);
}
