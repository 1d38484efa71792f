import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  ModifyVpcAttributeRequest,
} from "@aws-sdk/client-ec2";
import { ec2Fault, required } from "./faults.ts";
import { requireVpc } from "./known.ts";
import { operation } from "./operation.ts";

/** The attributes, by their name in DescribeVpcAttribute, and where answers have them. */
const attributes = {
  enableDnsSupport: "EnableDnsSupport",
  enableDnsHostnames: "EnableDnsHostnames",
  enableNetworkAddressUsageMetrics: "EnableNetworkAddressUsageMetrics",
} as const;

export const describeVpcAttribute = operation<
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult
>(["VpcId", "Attribute"], (input, call) => {
  const vpc = requireVpc(call, input.VpcId);
  const name = required("Attribute", input.Attribute);
  if (!Object.hasOwn(attributes, name)) {
    throw ec2Fault("InvalidParameterValue", `Value (${name}) for parameter attribute is invalid.`);
  }
  return { VpcId: vpc.id, [attributes[name]]: { Value: vpc[name] } };
});

export const modifyVpcAttribute = operation<ModifyVpcAttributeRequest, void>(
  ["VpcId", ...Object.values(attributes)],
  (input, call) => {
    const { id, ...spec } = requireVpc(call, input.VpcId);
    const given = Object.values(attributes).filter((member) => input[member] !== undefined);
    if (given.length !== 1) {
      throw ec2Fault(
        "InvalidParameterCombination",
        "Exactly one attribute can be modified at a time.",
      );
    }
    call.networks.save("vpc", id, {
      ...spec,
      enableDnsSupport: input.EnableDnsSupport?.Value ?? spec.enableDnsSupport,
      enableDnsHostnames: input.EnableDnsHostnames?.Value ?? spec.enableDnsHostnames,
      enableNetworkAddressUsageMetrics:
        input.EnableNetworkAddressUsageMetrics?.Value ?? spec.enableNetworkAddressUsageMetrics,
    });
  },
);
