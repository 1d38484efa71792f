import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  SecurityGroup,
} from "@aws-sdk/client-ec2";
import { newHex } from "../../base/random.ts";
import {
  defaultGroupName,
  outwardRules,
  type Peer,
  type SecurityRule,
} from "../../resources/network-specs.ts";
import { refIn } from "../../resources/ref.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Arn } from "./arn.ts";
import { ec2Fault, required } from "./faults.ts";
import { groupNotFound, requireGroup, vpcOrDefault } from "./known.ts";
import { selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { checkDescription } from "./rule-input.ts";
import { permissionShapes } from "./rule-shape.ts";
import { ruleRef } from "./rules.ts";
import { newTags, tagsShape } from "./tag-input.ts";

type Group = Part<"security-group">;

/** In an account and region (AWS's default quota). */
const groupsMax = 2_500;
const nameLengthMax = 255;

export const describeSecurityGroups = operation<
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult
>(["GroupIds", "GroupNames", "Filters", "NextToken", "MaxResults"], (input, call) => {
  const named = (input.GroupNames ?? []).map((GroupName) => requireGroup(call, { GroupName }).id);
  const ids = [...(input.GroupIds ?? []), ...named];
  const { page, ...next } = selected(
    call.networks.list("security-group"),
    { ...input, ids },
    {
      operation: "DescribeSecurityGroups",
      idOf: ({ id }) => id,
      notFound: groupNotFound,
      tagsOf: ({ id }) => call.store.tags(refIn(call, "security-group", id)),
      filters: {
        description: ({ description }) => description,
        ...ruleFilters("ip-permission", false),
        ...ruleFilters("egress.ip-permission", true),
        "group-id": ({ id }) => id,
        "group-name": ({ name }) => name,
        "owner-id": () => call.account,
        "vpc-id": ({ vpcId }) => vpcId,
      },
    },
  );
  return { ...next, SecurityGroups: page.map((group) => groupShape(call, group)) };
});

export const createSecurityGroup = operation<CreateSecurityGroupRequest, CreateSecurityGroupResult>(
  ["GroupName", "Description", "VpcId", "TagSpecifications"],
  (input, call) => {
    const vpc = vpcOrDefault(call, input.VpcId);
    const name = newName(required("GroupName", input.GroupName));
    const description = required("GroupDescription", input.Description);
    checkDescription(description);
    const tags = newTags("security-group", input.TagSpecifications);
    const groups = call.networks.list("security-group");
    if (groups.some((group) => group.vpcId === vpc.id && group.name === name)) {
      throw ec2Fault(
        "InvalidGroup.Duplicate",
        `The security group '${name}' already exists for VPC '${vpc.id}'`,
      );
    }
    if (groups.length >= groupsMax) {
      throw ec2Fault(
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups has been reached.",
      );
    }
    const id = `sg-${newHex(17)}`;
    const rules = outwardRules(() => `sgr-${newHex(17)}`);
    call.networks.save("security-group", id, { vpcId: vpc.id, name, description, rules });
    call.store.setTags(refIn(call, "security-group", id), tags);
    return { GroupId: id, SecurityGroupArn: groupArn(call, id), Tags: tagsShape(tags) };
  },
);

export const deleteSecurityGroup = operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>(
  ["GroupId", "GroupName"],
  (input, call) => {
    const group = requireGroup(call, input);
    if (group.name === defaultGroupName) {
      throw ec2Fault(
        "CannotDelete",
        `the specified group: "${group.id}" name: "${group.name}" cannot be deleted by a user`,
      );
    }
    const users = usersOf(call, group.id);
    if (users.length > 0) {
      throw ec2Fault(
        "DependencyViolation",
        `resource ${group.id} has a dependent object: ${users.join(", ")}`,
      );
    }
    for (const rule of group.rules) call.store.setTags(ruleRef(call, rule.id), new Map());
    call.store.remove(refIn(call, "security-group", group.id));
    return { Return: true, GroupId: group.id };
  },
);

function newName(name: string): string {
  if (name === defaultGroupName) {
    throw ec2Fault("InvalidParameterValue", "Cannot use reserved security group name: default");
  }
  if (name.startsWith("sg-")) {
    throw ec2Fault(
      "InvalidParameterValue",
      `Value (${name}) for parameter GroupName is invalid. Names must not start with sg-.`,
    );
  }
  if (name.length <= nameLengthMax) {
    checkDescription(name);
    return name;
  }
  throw ec2Fault(
    "InvalidParameterValue",
    `Value (${name.slice(0, 32)}…) for parameter GroupName is invalid. It is too long.`,
  );
}

/** The caches that are in a security group, and the other groups whose rules name it. */
function usersOf(call: Ec2Call, id: string): readonly string[] {
  const caches = [
    ...call.store.list("replication-group", call),
    ...call.store.list("cache-cluster", call),
  ].filter(({ spec }) => spec.securityGroupIds.includes(id));
  const groups = call.networks
    .list("security-group")
    .filter((other) => other.id !== id && peersOf(other.rules, "group").includes(id));
  return [...caches, ...groups].map((one) => one.id);
}

function groupShape(call: Ec2Call, group: Group): SecurityGroup {
  const { id, rules } = group;
  return {
    GroupId: id,
    SecurityGroupArn: groupArn(call, id),
    GroupName: group.name,
    Description: group.description,
    OwnerId: call.account,
    VpcId: group.vpcId,
    IpPermissions: permissionShapes(
      call,
      rules.filter((rule) => !rule.isEgress),
    ),
    IpPermissionsEgress: permissionShapes(
      call,
      rules.filter((rule) => rule.isEgress),
    ),
    Tags: tagsShape(call.store.tags(refIn(call, "security-group", id))),
  };
}

/** The filters that look at a group's rules of one direction. */
function ruleFilters(prefix: string, isEgress: boolean) {
  const rules = (group: Group) => group.rules.filter((rule) => rule.isEgress === isEgress);
  return {
    [`${prefix}.cidr`]: (group: Group) => peersOf(rules(group), "ipv4"),
    [`${prefix}.from-port`]: (group: Group) => rules(group).map(({ fromPort }) => fromPort),
    [`${prefix}.group-id`]: (group: Group) => peersOf(rules(group), "group"),
    [`${prefix}.ipv6-cidr`]: (group: Group) => peersOf(rules(group), "ipv6"),
    [`${prefix}.protocol`]: (group: Group) => rules(group).map(({ protocol }) => protocol),
    [`${prefix}.to-port`]: (group: Group) => rules(group).map(({ toPort }) => toPort),
  };
}

function peersOf(rules: readonly SecurityRule[], kind: Peer["kind"]): readonly string[] {
  return rules.filter((rule) => rule.peer.kind === kind).map((rule) => rule.peer.value);
}

function groupArn(call: Ec2Call, id: string): string {
  return ec2Arn(call, "security-group", id);
}
