import type { Fault } from "../../aws/fault.ts";
import type { SecurityRule } from "../../resources/network-specs.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Part } from "../../store/networks.ts";
import { ec2Fault } from "./faults.ts";
import type { Ec2Call } from "./operation.ts";

/** A rule, and the security group that it belongs to. */
export interface KnownRule extends SecurityRule {
  readonly group: Part<"security-group">;
}

/** Every rule of the caller's account and region. */
export function knownRules(call: Ec2Call): readonly KnownRule[] {
  return call.networks
    .list("security-group")
    .flatMap((group) => group.rules.map((rule) => ({ ...rule, group })));
}

/** What a rule's tags are kept under: it is a part of its group, with an id of its own. */
export function ruleRef(call: Ec2Call, id: string): Ref {
  return refIn(call, "security-group", id);
}

/** What is said of the id of a rule that does not exist. */
export function ruleNotFound(id: string): Fault {
  return ec2Fault(
    "InvalidSecurityGroupRuleId.NotFound",
    `The security group rule ID '${id}' does not exist`,
  );
}
