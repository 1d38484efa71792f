import type {
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
} from "@aws-sdk/client-ec2";
import { vpcIdOf } from "../../resources/vpc.ts";
import { ec2Fault } from "./faults.ts";
import { operation } from "./operation.ts";

export const describeAccountAttributes = operation<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
>(["AttributeNames"], (input, call) => {
  const known: Readonly<Record<string, string>> = {
    "supported-platforms": "VPC",
    "default-vpc": vpcIdOf(call),
  };
  const asked: readonly string[] = input.AttributeNames ?? [];
  const unknown = asked.find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw ec2Fault(
      "InvalidParameterValue",
      `Larder has no account attribute ${unknown}: it has ${Object.keys(known).join(", ")}`,
    );
  }
  return {
    AccountAttributes: Object.entries(known)
      .filter(([name]) => asked.length === 0 || asked.includes(name))
      .map(([AttributeName, AttributeValue]) => ({
        AttributeName,
        AttributeValues: [{ AttributeValue }],
      })),
  };
});
