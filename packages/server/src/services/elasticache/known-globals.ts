import { Fault } from "../../aws/fault.ts";
import { assert } from "../../base/assert.ts";
import {
  type GlobalMember,
  globalRef,
  homeOf,
  type MemberName,
  sameMember,
} from "../../resources/global-replication-group.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import { type GlobalState, globalAllows } from "./allowed-in.ts";
import { storedName } from "./identifiers.ts";
import type { ElastiCacheCall, Input } from "./operation.ts";
import { groupStateOf } from "./states.ts";

type Global = Resource<"global-replication-group">;
type Group = Resource<"replication-group">;

/** The global datastore of that name. Throws GlobalReplicationGroupNotFoundFault. */
export function requireGlobal(call: ElastiCacheCall, name: string | undefined): Global {
  const id = storedName("GlobalReplicationGroupId", name);
  const global = call.store.get(globalRef(call.account, id));
  if (global !== undefined) return global;
  throw new Fault("GlobalReplicationGroupNotFoundFault", `Global datastore ${name} not found.`);
}

/** What callers are told of a global datastore: a change that was accepted shows at once. */
export function globalStateOf({ generation, deletingSince, status }: Global): GlobalState {
  if (deletingSince !== null) return "deleting";
  const isSettled = generation <= status.settledGeneration;
  if (isSettled || status.settledGeneration === 0) return status.state;
  return "modifying";
}

/** Throws InvalidGlobalReplicationGroupState unless the datastore's state allows the action. */
export function requireGlobalAllows(action: keyof typeof globalAllows, global: Global): void {
  const states: readonly GlobalState[] = globalAllows[action];
  const state = globalStateOf(global);
  if (states.includes(state)) return;
  throw globalState(
    `Cannot ${action} global datastore ${global.id} while its status is ${state}; it must be ` +
      `${states.join(" or ")}.`,
  );
}

/** The error for what the state of a global datastore, or of its members, does not allow. */
export function globalState(message: string): Fault {
  return new Fault("InvalidGlobalReplicationGroupState", message);
}

/** A call as if it had come to another region. */
export function inRegion(call: ElastiCacheCall, region: string): ElastiCacheCall {
  return { ...call, region };
}

/** The group of a member. */
export function groupOfMember(call: ElastiCacheCall, global: Global, member: MemberName): Group {
  const group = call.store.get(refIn(homeOf(global, member), "replication-group", member.id));
  assert(group !== undefined, `${member.id}, a member of ${global.id}, is there`);
  return group;
}

/**
 * All members with their groups, each of which is available. Throws InvalidGlobalReplicationGroupState
 * if one is not.
 */
export function requireMembersAvailable(
  call: ElastiCacheCall,
  global: Global,
): readonly { readonly member: GlobalMember; readonly group: Group }[] {
  return global.spec.members.map((member) => {
    const group = groupOfMember(call, global, member);
    const state = groupStateOf(group);
    if (state === "available") return { member, group };
    throw globalState(
      `Cannot modify global datastore ${global.id} while the status of its member ${member.id} in ` +
        `${member.region} is ${state}; it must be available.`,
    );
  });
}

/** The secondary that a request names. Throws InvalidParameterValue if there is none. */
export function requireSecondary(
  { spec, id }: Global,
  region: string | undefined,
  groupId: string | undefined,
  parameters: string,
): MemberName {
  const name = { region: region ?? "", id: (groupId ?? "").toLowerCase() };
  const found = spec.members.find((member) => sameMember(member, name) && !member.leaving);
  if (found !== undefined && !sameMember(found, spec.primary)) return name;
  throw new Fault(
    "InvalidParameterValue",
    `The parameters ${parameters} must name a secondary of global datastore ${id}; ` +
      `${groupId} in ${region} is ${found === undefined ? "no member" : "its primary"}.`,
  );
}

/** Throws InvalidReplicationGroupState for a member of a global datastore. */
export function refuseMember(call: ElastiCacheCall, group: Ref, what: string): void {
  const global = globalOf(call.store, group);
  if (global === undefined) return;
  throw new Fault(
    "InvalidReplicationGroupState",
    `Cannot ${what} replication group ${group.id}: it is a member of global datastore ${global.id}.`,
  );
}

/** What all members of a global datastore have in common, so that it is changed for all at once. */
const common = [
  ...(["CacheNodeType", "Engine", "EngineVersion", "CacheParameterGroupName"] as const),
  ...(["AutomaticFailoverEnabled", "ClusterMode"] as const),
];

/** Throws InvalidReplicationGroupState when a member is to be changed in what all have in common. */
export function refuseCommonChange(
  call: ElastiCacheCall,
  group: Ref,
  input: Input<"ModifyReplicationGroup">,
): void {
  const asked = common.find((name) => input[name] !== undefined);
  if (asked === undefined) return;
  refuseMember(call, group, `change ${asked} (use ModifyGlobalReplicationGroup) of`);
}
