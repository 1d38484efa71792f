import type {
  IpPermission,
  RevokedSecurityGroupRule,
  SecurityGroupRule,
  UserIdGroupPair,
} from "@aws-sdk/client-ec2";
import type { SecurityRule } from "../../resources/network-specs.ts";
import { ec2Arn } from "./arn.ts";
import type { Ec2Call } from "./operation.ts";
import { ruleRef } from "./rules.ts";
import { tagsShape } from "./tag-input.ts";

/** Rules as a security group lists them: those for the same protocol and ports are one permission. */
export function permissionShapes(call: Ec2Call, rules: readonly SecurityRule[]): IpPermission[] {
  const alike = Map.groupBy(rules, (rule) => JSON.stringify([rule.protocol, portsOf(rule)]));
  return [...alike.values()].map((same) => {
    const [{ protocol, fromPort, toPort }] = same as [SecurityRule, ...SecurityRule[]];
    const of = (kind: SecurityRule["peer"]["kind"]) =>
      same.filter((rule) => rule.peer.kind === kind);
    return {
      IpProtocol: protocol,
      FromPort: fromPort ?? undefined,
      ToPort: toPort ?? undefined,
      IpRanges: of("ipv4").map((rule) => ({ CidrIp: rule.peer.value, ...described(rule) })),
      Ipv6Ranges: of("ipv6").map((rule) => ({ CidrIpv6: rule.peer.value, ...described(rule) })),
      UserIdGroupPairs: of("group").map((rule): UserIdGroupPair => ({
        ...{ GroupId: rule.peer.value, UserId: call.account, ...described(rule) },
      })),
      PrefixListIds: [],
    };
  });
}

/** A rule as a thing of its own. */
export function ruleShape(call: Ec2Call, groupId: string, rule: SecurityRule): SecurityGroupRule {
  return {
    ...common(groupId, rule),
    SecurityGroupRuleArn: ec2Arn(call, "security-group-rule", rule.id),
    GroupOwnerId: call.account,
    ReferencedGroupInfo:
      rule.peer.kind === "group" ? { GroupId: rule.peer.value, UserId: call.account } : undefined,
    Tags: tagsShape(call.store.tags(ruleRef(call, rule.id))),
  };
}

/** A rule that was taken away. */
export function revokedShape(groupId: string, rule: SecurityRule): RevokedSecurityGroupRule {
  const { kind, value } = rule.peer;
  return {
    ...common(groupId, rule),
    ReferencedGroupId: kind === "group" ? value : undefined,
  };
}

function common(groupId: string, rule: SecurityRule) {
  const { kind, value } = rule.peer;
  const [fromPort, toPort] = portsOf(rule);
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: groupId,
    IsEgress: rule.isEgress,
    IpProtocol: rule.protocol,
    // A rule by itself writes -1 where it has no ports; within its group it leaves them out.
    FromPort: fromPort ?? -1,
    ToPort: toPort ?? -1,
    CidrIpv4: kind === "ipv4" ? value : undefined,
    CidrIpv6: kind === "ipv6" ? value : undefined,
    Description: rule.description ?? undefined,
  };
}

function portsOf({ fromPort, toPort }: SecurityRule): readonly [number | null, number | null] {
  return [fromPort, toPort];
}

function described({ description }: SecurityRule): { readonly Description?: string } {
  return description === null ? {} : { Description: description };
}
