import { Fault } from "../../aws/fault.ts";
import { newSuffix } from "../../base/random.ts";
import { homeOf } from "../../resources/global-replication-group.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import { groupOfMember, inRegion } from "./known-globals.ts";
import type { ElastiCacheCall } from "./operation.ts";
import {
  addGroupEvent,
  type KnownParameterGroup,
  requireParameterGroup,
} from "./parameter-groups.ts";
import { quotas, requireWithin } from "./quotas.ts";

type Global = Resource<"global-replication-group">;

/**
 * Makes a parameter group in the call's region for one member of a global datastore, a copy of
 * another, and says its name. Every member has one, be it a copy of a default group, so that values
 * can be changed for all of them. It outlives its member, until somebody deletes it.
 */
export function copyForMember(
  call: ElastiCacheCall,
  globalId: string,
  memberId: string,
  { family, values }: KnownParameterGroup,
): string {
  requireWithin(quotas.parameterGroups, call.store.list("parameter-group", call).length + 1);
  const copy = refIn(call, "parameter-group", freeName(call, memberId));
  // Tools know such groups by AWS's name and description.
  const description = `Created by ElastiCache to be used by global cluster ${globalId}`;
  call.store.create(copy, { family, description, values }, {}, null);
  addGroupEvent(call, copy.id, "Cache parameter group created");
  return copy.id;
}

function freeName(call: ElastiCacheCall, memberId: string): string {
  const name = `global-datastore-${memberId}${newSuffix(4)}`;
  const isFree = call.store.get(refIn(call, "parameter-group", name)) === undefined;
  return isFree ? name : freeName(call, memberId);
}

/**
 * The parameter group that all members of a global datastore are to change to. Throws
 * InvalidParameterValue for one of the family that they have: its values are changed instead.
 */
export function requireNextGroup(
  call: ElastiCacheCall,
  global: Global,
  name: string,
): KnownParameterGroup {
  const { primary } = global.spec;
  const there = inRegion(call, primary.region);
  const { spec } = groupOfMember(call, global, primary);
  const current = requireParameterGroup(there, spec.parameterGroup);
  const next = requireParameterGroup(there, name);
  if (next.family !== current.family) return next;
  throw new Fault(
    "InvalidParameterValue",
    "ModifyGlobalReplicationGroup API does not support cache parameter group modification without " +
      `a change in major engine version. Change the values of ${current.name} instead: all members ` +
      "take them over.",
  );
}

/**
 * Gives the parameter groups of all other members of a global datastore the values that one
 * member's has now.
 */
export function spreadValues(
  call: ElastiCacheCall,
  name: string,
  values: Readonly<Record<string, string>>,
): void {
  for (const user of call.store.list("replication-group", call)) {
    const global = user.spec.parameterGroup === name ? globalOf(call.store, user) : undefined;
    for (const member of global?.spec.members ?? []) {
      if (global === undefined || member.leaving) continue;
      const { spec } = groupOfMember(call, global, member);
      const ref = refIn(homeOf(global, member), "parameter-group", spec.parameterGroup);
      const copy = call.store.get(ref);
      if (copy !== undefined) call.store.setSpec(ref, { ...copy.spec, values });
    }
  }
}
