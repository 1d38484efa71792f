import type { CacheParameterGroup } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { page } from "../../aws/pagination.ts";
import { arnOf } from "../../resources/arn.ts";
import {
  type DefaultGroup,
  defaultGroups,
  families,
  findFamily,
} from "../../resources/parameters/families.ts";
import { refIn } from "../../resources/ref.ts";
import type { Resource } from "../../resources/resource.ts";
import { globalOf } from "../../store/global-datastores.ts";
import { newIdentifier, required, storedName } from "./identifiers.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { validateTags } from "./tag-rules.ts";

const nameLengthMax = 255;

/** A parameter group, a default one or a caller's. */
export interface KnownParameterGroup {
  readonly name: string;
  readonly family: string;
  /** The values that the group sets. */
  readonly values: Readonly<Record<string, string>>;
}

/** The parameter group of that name. Throws CacheParameterGroupNotFound. */
export function requireParameterGroup(call: ElastiCacheCall, name: string): KnownParameterGroup {
  const id = name.toLowerCase();
  const group =
    call.store.get(refIn(call, "parameter-group", id))?.spec ??
    defaultGroups().find((one) => one.name === id);
  if (group === undefined) throw parameterGroupNotFound(`CacheParameterGroup ${name} not found.`);
  return { name: id, family: group.family, values: group.values };
}

/**
 * The caller's own group of that name, which can be changed. Throws
 * InvalidCacheParameterGroupState for a default group, and CacheParameterGroupNotFound.
 * @param notFound AWS words that message differently for each operation
 */
export function requireCustomGroup(
  call: ElastiCacheCall,
  name: string | undefined,
  notFound: string,
): Resource<"parameter-group"> {
  const id = storedName("CacheParameterGroupName", name);
  if (isDefaultGroup(id)) {
    throw new Fault(
      "InvalidCacheParameterGroupState",
      `The default cache parameter group ${id} cannot be changed or deleted.`,
    );
  }
  const group = call.store.get(refIn(call, "parameter-group", id));
  if (group === undefined) throw parameterGroupNotFound(`${notFound}: ${name}`);
  return group;
}

/** Whether `name` is that of a group that is always there. */
export function isDefaultGroup(name: string): boolean {
  return defaultGroups().some((group) => group.name === name);
}

/** A cache that runs with a parameter group. */
export interface GroupUser {
  readonly id: string;
  readonly nodeType: string;
}

/** The caches that use a parameter group or are about to, those that are being deleted too. */
export function usersOfGroup(call: ElastiCacheCall, name: string): readonly GroupUser[] {
  const caches = [
    ...call.store.list("replication-group", call),
    ...call.store.list("cache-cluster", call),
  ];
  return caches
    .filter(
      ({ spec }) => spec.parameterGroup === name || spec.pending?.engine?.parameterGroup === name,
    )
    .map(({ id, spec }) => ({ id, nodeType: spec.nodeType }));
}

export const createCacheParameterGroup: Operation<"CreateCacheParameterGroup"> = (input, call) => {
  const name = newIdentifier(
    "CacheParameterGroupName",
    input.CacheParameterGroupName,
    nameLengthMax,
  );
  const family = requireFamily(input.CacheParameterGroupFamily);
  const description = required("Description", input.Description);
  const tags = validateTags(input.Tags);
  const ref = refIn(call, "parameter-group", name);
  return call.store.transaction(() => {
    if (call.store.get(ref) !== undefined) {
      throw new Fault("CacheParameterGroupAlreadyExists", `Parameter group ${name} already exists`);
    }
    requireWithin(quotas.parameterGroups, call.store.list("parameter-group", call).length + 1);
    call.store.create(ref, { family, description, values: {} }, {}, null);
    call.store.setTags(ref, tags);
    addGroupEvent(call, name, "Cache parameter group created");
    return { CacheParameterGroup: described(call, { name, family, description }) };
  });
};

export const deleteCacheParameterGroup: Operation<"DeleteCacheParameterGroup"> = (input, call) =>
  call.store.transaction(() => {
    // The missing space is AWS's.
    const notFound = "CacheParameterGroupnot found";
    const group = requireCustomGroup(call, input.CacheParameterGroupName, notFound);
    const users = usersOfGroup(call, group.id).map(({ id }) => id);
    if (users.length > 0) {
      throw new Fault(
        "InvalidCacheParameterGroupState",
        `Cache parameter group ${group.id} can not be deleted in the current state. ` +
          `It is used by ${users.join(", ")}.`,
      );
    }
    call.store.remove(group);
    addGroupEvent(call, group.id, "Cache parameter group deleted");
    return {};
  });

export const describeCacheParameterGroups: Operation<"DescribeCacheParameterGroups"> = (
  input,
  call,
) => {
  const wanted = input.CacheParameterGroupName?.toLowerCase();
  const all = knownGroups(call);
  const groups = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
  if (wanted !== undefined && groups.length === 0) {
    throw parameterGroupNotFound(`CacheParameterGroup ${input.CacheParameterGroupName} not found.`);
  }
  const { page: rows, ...next } = page(groups, input, {
    operation: "DescribeCacheParameterGroups",
    keyOf: ({ name }) => name,
  });
  return { ...next, CacheParameterGroups: rows.map((group) => described(call, group)) };
};

/** Writes an event of a parameter group. */
export function addGroupEvent(call: ElastiCacheCall, name: string, message: string): void {
  const event = { sourceType: "cache-parameter-group", sourceId: name, message } as const;
  call.store.addEvents(call, [event]);
}

/** Throws InvalidParameterValue unless Larder knows the family. */
export function requireFamily(name: string | undefined): string {
  const family = findFamily(required("CacheParameterGroupFamily", name).toLowerCase());
  if (family !== undefined) return family.name;
  const known = families.map((one) => one.name).join(", ");
  throw new Fault(
    "InvalidParameterValue",
    `CacheParameterGroupFamily ${name} is not one that this server knows; ` +
      `it must be one of ${known}.`,
  );
}

function knownGroups(call: ElastiCacheCall): readonly DefaultGroup[] {
  const custom = call.store
    .list("parameter-group", call)
    .map(({ id, spec }) => ({ name: id, ...spec }));
  return [...defaultGroups(), ...custom];
}

function parameterGroupNotFound(message: string): Fault {
  return new Fault("CacheParameterGroupNotFound", message);
}

/** Whether a member of a global datastore uses the group: all members then have the same values. */
function isOfGlobalDatastore(call: ElastiCacheCall, name: string): boolean {
  return call.store
    .list("replication-group", call)
    .some((one) => one.spec.parameterGroup === name && globalOf(call.store, one) !== undefined);
}

function described(
  call: ElastiCacheCall,
  group: Pick<DefaultGroup, "name" | "family" | "description">,
): CacheParameterGroup {
  return {
    CacheParameterGroupName: group.name,
    CacheParameterGroupFamily: group.family,
    Description: group.description,
    IsGlobal: isOfGlobalDatastore(call, group.name),
    ARN: arnOf(call, "parametergroup", group.name),
  };
}
