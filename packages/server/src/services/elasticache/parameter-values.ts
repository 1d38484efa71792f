import type { ParameterNameValue } from "@aws-sdk/client-elasticache";
import { assert } from "../../base/assert.ts";
import { Fault } from "../../aws/fault.ts";
import { findNodeType } from "../../resources/node-types.ts";
import { setBeforeUse } from "../../resources/parameters/changes.ts";
import { parameterConflict } from "../../resources/parameters/conflict.ts";
import {
  type ParameterDefinition,
  validateParameter,
} from "../../resources/parameters/definition.ts";
import { type Family, findFamily, findParameter } from "../../resources/parameters/families.ts";
import type { Resource } from "../../resources/resource.ts";
import { spreadValues } from "./global-parameter-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { isKnownToEngine } from "./known-parameters.ts";
import { addGroupEvent, requireCustomGroup, usersOfGroup } from "./parameter-groups.ts";
import { quotaFault, quotas } from "./quotas.ts";

const notFound = "CacheParameterGroup not found";

type Group = Resource<"parameter-group">;
type Values = Readonly<Record<string, string>>;

export const modifyCacheParameterGroup: Operation<"ModifyCacheParameterGroup"> = (input, call) =>
  call.store.transaction(() => {
    const group = requireCustomGroup(call, input.CacheParameterGroupName, notFound);
    const definitions = namedParameters(group, input.ParameterNameValues);
    const changes = definitions.map((definition, index) => {
      const value = input.ParameterNameValues?.[index]?.ParameterValue;
      return [definition.name, settableValue(call, familyOf(group), definition, value)] as const;
    });
    store(call, group, { ...group.spec.values, ...Object.fromEntries(changes) });
    for (const [name, value] of changes) {
      addGroupEvent(call, group.id, `Parameter ${name} set to "${value}"`);
    }
    return { CacheParameterGroupName: group.id };
  });

export const resetCacheParameterGroup: Operation<"ResetCacheParameterGroup"> = (input, call) => {
  const named = input.ParameterNameValues ?? [];
  const all = input.ResetAllParameters === true;
  if (all && named.length > 0) {
    throw new Fault(
      "InvalidParameterCombination",
      "ResetAllParameters and ParameterNameValues cannot be used together.",
    );
  }
  return call.store.transaction(() => {
    const group = requireCustomGroup(call, input.CacheParameterGroupName, notFound);
    const reset = all
      ? Object.keys(group.spec.values)
      : namedParameters(group, named).map(({ name }) => name);
    const kept = Object.entries(group.spec.values).filter(([name]) => !reset.includes(name));
    store(call, group, Object.fromEntries(kept));
    const what = all ? "All parameters" : `Parameters ${reset.join(", ")}`;
    addGroupEvent(call, group.id, `${what} reset to their defaults`);
    return { CacheParameterGroupName: group.id };
  });
};

/** The definitions of the parameters that a request names, in its order; throws if it may not. */
function namedParameters(
  group: Group,
  named: readonly ParameterNameValue[] | undefined,
): readonly ParameterDefinition[] {
  const family = familyOf(group);
  const count = named?.length ?? 0;
  if (named === undefined || count < 1 || count > quotas.parametersPerCall.max) {
    throw quotaFault(quotas.parametersPerCall);
  }
  const definitions = named.map(({ ParameterName: name = "" }) => {
    const definition = findParameter(family, name);
    if (definition === undefined) throw invalid(`Parameter ${name} doesn't exist`);
    return definition;
  });
  const twice = definitions.find((one, index) => definitions.indexOf(one) !== index);
  if (twice !== undefined) throw invalid(`The parameter ${twice.name} is given more than once.`);
  return definitions;
}

function settableValue(
  call: ElastiCacheCall,
  family: Family,
  definition: ParameterDefinition,
  value: string | undefined,
): string {
  const { name } = definition;
  if (!definition.modifiable) throw invalid(`The parameter ${name} cannot be modified.`);
  if (!isKnownToEngine(call, family, definition)) {
    throw invalid(
      `The parameter ${name} cannot be modified: it needs ${family.engine} ` +
        `${definition.minimumEngineVersion}, which this server does not have.`,
    );
  }
  if (value === undefined) throw invalid(`The parameter ${name} needs a ParameterValue.`);
  const problem = validateParameter(definition, value);
  if (problem !== null) throw invalid(problem);
  return value;
}

/** Writes the group's values, unless they conflict with each other or with the group's users. */
function store(call: ElastiCacheCall, group: Group, values: Values): void {
  const users = usersOfGroup(call, group.id);
  const user = users[0];
  const touched = changedNames(familyOf(group), group.spec.values, values);
  const pinned = setBeforeUse.find((name) => touched.includes(name));
  if (pinned !== undefined && user !== undefined) {
    throw new Fault(
      "InvalidCacheParameterGroupState",
      `The parameter ${pinned} cannot change while ${user.id} uses the parameter group ` +
        `${group.id}.`,
    );
  }
  const nodeTypes = users.map(({ nodeType }) => findNodeType(nodeType) ?? null);
  for (const nodeType of [null, ...nodeTypes]) {
    const conflict = parameterConflict(group.spec.family, values, nodeType);
    if (conflict !== null) throw new Fault("InvalidParameterCombination", conflict);
  }
  call.store.setSpec(group, { ...group.spec, values });
  spreadValues(call, group.id, values);
}

function changedNames(family: Family, before: Values, after: Values): readonly string[] {
  return family.definitions
    .filter(({ name, value }) => (before[name] ?? value) !== (after[name] ?? value))
    .map(({ name }) => name);
}

function familyOf(group: Group): Family {
  const family = findFamily(group.spec.family);
  assert(family !== undefined, `${group.spec.family} was checked when the group was created`);
  return family;
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}
