import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  SecurityGroupRuleRequest,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { newHex } from "../../base/random.ts";
import { type SecurityRule, sameTraffic, type Traffic } from "../../resources/network-specs.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Fault, required } from "./faults.ts";
import { type GroupNaming, requireGroup } from "./known.ts";
import { selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { askedRules, type PermissionInput } from "./rule-input.ts";
import { revokedShape, ruleShape } from "./rule-shape.ts";
import { knownRules, ruleNotFound, ruleRef } from "./rules.ts";
import { newTags } from "./tag-input.ts";

type Group = Part<"security-group">;

/** Of a group, in each direction (AWS's default quota). */
const rulesMax = 60;

const inItself = [
  ...(["GroupId", "GroupName", "IpPermissions", "IpProtocol", "FromPort", "ToPort"] as const),
  ...(["CidrIp", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId"] as const),
] as const;

export const describeSecurityGroupRules = operation<
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult
>(["Filters", "SecurityGroupRuleIds", "NextToken", "MaxResults"], (input, call) => {
  const asked = { ...input, ids: input.SecurityGroupRuleIds };
  const { page, ...next } = selected(knownRules(call), asked, {
    operation: "DescribeSecurityGroupRules",
    idOf: ({ id }) => id,
    notFound: ruleNotFound,
    tagsOf: ({ id }) => call.store.tags(ruleRef(call, id)),
    filters: {
      "group-id": ({ group }) => group.id,
      "security-group-rule-id": ({ id }) => id,
    },
  });
  return { ...next, SecurityGroupRules: page.map((rule) => ruleShape(call, rule.group.id, rule)) };
});

export const authorizeSecurityGroupIngress = operation<
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult
>([...inItself, "TagSpecifications"], (input, call) => authorize(call, false, input));

export const authorizeSecurityGroupEgress = operation<
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult
>(["GroupId", "IpPermissions", "TagSpecifications"], (input, call) => authorize(call, true, input));

export const revokeSecurityGroupIngress = operation<
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult
>([...inItself, "SecurityGroupRuleIds"], (input, call) => revoke(call, false, input));

export const revokeSecurityGroupEgress = operation<
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult
>(["GroupId", "IpPermissions", "SecurityGroupRuleIds"], (input, call) => revoke(call, true, input));

export const modifySecurityGroupRules = operation<
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult
>(["GroupId", "SecurityGroupRules"], (input, call) => {
  const { id: groupId, ...group } = requireGroup(call, input);
  const changes = required("SecurityGroupRule", input.SecurityGroupRules);
  const rules = changes.reduce<readonly SecurityRule[]>((before, change) => {
    const id = required("SecurityGroupRuleId", change.SecurityGroupRuleId);
    const old = before.find((rule) => rule.id === id);
    if (old === undefined) throw ruleNotFound(id);
    const wanted = permissionOf(required("SecurityGroupRule", change.SecurityGroupRule));
    const [asked, another] = askedRules(
      call,
      { id: groupId, ...group },
      {
        IpPermissions: [wanted],
      },
    );
    if (asked === undefined || another !== undefined) {
      throw ec2Fault("InvalidParameterCombination", "A rule has exactly one CIDR block or group");
    }
    const others = before.filter((rule) => rule !== old && rule.isEgress === old.isEgress);
    requireNew(others, asked);
    return before.map((rule) => (rule === old ? { ...old, ...asked } : rule));
  }, group.rules);
  call.networks.save("security-group", groupId, { ...group, rules });
  return { Return: true };
});

function permissionOf(rule: SecurityGroupRuleRequest): IpPermission {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = rule;
  return {
    ...{ IpProtocol: rule.IpProtocol, FromPort: rule.FromPort, ToPort: rule.ToPort },
    IpRanges: CidrIpv4 ? [{ CidrIp: CidrIpv4, Description }] : [],
    Ipv6Ranges: CidrIpv6 ? [{ CidrIpv6, Description }] : [],
    PrefixListIds: PrefixListId ? [{ PrefixListId }] : [],
    UserIdGroupPairs: ReferencedGroupId ? [{ GroupId: ReferencedGroupId, Description }] : [],
  };
}

function authorize(
  call: Ec2Call,
  isEgress: boolean,
  input: GroupNaming &
    PermissionInput & { readonly TagSpecifications?: TagSpecification[] | undefined },
): AuthorizeSecurityGroupIngressResult {
  const { id: groupId, ...group } = requireGroup(call, input);
  const tags = newTags("security-group-rule", input.TagSpecifications);
  const rules = [...group.rules];
  const added = askedRules(call, { id: groupId, ...group }, input).map((asked): SecurityRule => {
    requireNew(
      rules.filter((rule) => rule.isEgress === isEgress),
      asked,
    );
    const rule = { ...asked, id: `sgr-${newHex(17)}`, isEgress };
    rules.push(rule);
    return rule;
  });
  if (rules.filter((rule) => rule.isEgress === isEgress).length > rulesMax) {
    throw ec2Fault(
      "RulesPerSecurityGroupLimitExceeded",
      `The maximum number of rules per security group has been reached: ${rulesMax}.`,
    );
  }
  call.networks.save("security-group", groupId, { ...group, rules });
  for (const { id } of added) call.store.setTags(ruleRef(call, id), tags);
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleShape(call, groupId, rule)) };
}

function revoke(
  call: Ec2Call,
  isEgress: boolean,
  input: GroupNaming &
    PermissionInput & { readonly SecurityGroupRuleIds?: readonly string[] | undefined },
): RevokeSecurityGroupIngressResult {
  const { id: groupId, ...group } = requireGroup(call, input);
  const mine = group.rules.filter((rule) => rule.isEgress === isEgress);
  const ids = input.SecurityGroupRuleIds ?? [];
  const going =
    ids.length > 0
      ? ids.map((id) => mine.find((rule) => rule.id === id) ?? refuse(ruleNotFound(id)))
      : namedRules(call, { id: groupId, ...group }, mine, input);
  removeRules(call, { id: groupId, ...group }, going);
  return {
    Return: true,
    RevokedSecurityGroupRules: going.map((rule) => revokedShape(groupId, rule)),
  };
}

function namedRules(
  call: Ec2Call,
  group: Group,
  mine: readonly SecurityRule[],
  input: PermissionInput,
): readonly SecurityRule[] {
  return askedRules(call, group, input).map(
    (asked) =>
      mine.find((rule) => sameTraffic(rule, asked)) ??
      refuse(
        ec2Fault(
          "InvalidPermission.NotFound",
          "The specified rule does not exist in this security group.",
        ),
      ),
  );
}

/** Throws InvalidPermission.Duplicate when one of `others` allows the same. */
function requireNew(others: readonly SecurityRule[], asked: Traffic): void {
  if (!others.some((rule) => sameTraffic(rule, asked))) return;
  throw ec2Fault(
    "InvalidPermission.Duplicate",
    `the specified rule "${inWords(asked)}" already exists`,
  );
}

function removeRules(call: Ec2Call, { id, ...group }: Group, going: readonly SecurityRule[]): void {
  const rules = group.rules.filter((rule) => !going.includes(rule));
  call.networks.save("security-group", id, { ...group, rules });
  for (const rule of going) call.store.setTags(ruleRef(call, rule.id), new Map());
}

function inWords({ protocol, fromPort, toPort, peer }: Traffic): string {
  const ports = fromPort === null ? "" : `, from port: ${fromPort}, to port: ${toPort}`;
  const name = protocol === "-1" ? "ALL" : protocol.toUpperCase();
  return `peer: ${peer.value}, ${name}${ports}, ALLOW`;
}

function refuse(fault: Error): never {
  throw fault;
}
