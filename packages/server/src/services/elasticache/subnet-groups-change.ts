import { Fault } from "../../aws/fault.ts";
import { refIn } from "../../resources/ref.ts";
import { defaultSubnetGroup, type Part } from "../../store/networks.ts";
import { required, storedName } from "./identifiers.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { quotas, requireWithin } from "./quotas.ts";
import { networksOf, requireSubnetGroup, subnetGroupShape } from "./subnet-groups.ts";
import { cachesIn, subnetsInUse } from "./subnet-use.ts";
import { validateTags } from "./tag-rules.ts";

type Subnet = Part<"subnet">;

const nameForm = /^[a-z0-9-]{1,255}$/;

export const createCacheSubnetGroup: Operation<"CreateCacheSubnetGroup"> = (input, call) => {
  const name = newName(input.CacheSubnetGroupName);
  const description = required("CacheSubnetGroupDescription", input.CacheSubnetGroupDescription);
  const tags = validateTags(input.Tags);
  return call.store.transaction(() => {
    if (networksOf(call).subnetGroup(name) !== undefined) {
      throw new Fault("CacheSubnetGroupAlreadyExists", `CacheSubnetGroup ${name} already exists.`);
    }
    requireWithin(quotas.subnetGroups, call.store.list("subnet-group", call).length + 1);
    const { vpcId, subnetIds } = checkSubnets(call, required("SubnetIds", input.SubnetIds));
    const ref = refIn(call, "subnet-group", name);
    call.store.create(ref, { description, vpcId, subnetIds }, {}, null);
    call.store.setTags(ref, tags);
    addEvent(call, name, "Cache subnet group created");
    return { CacheSubnetGroup: subnetGroupShape(call, requireSubnetGroup(call, name)) };
  });
};

export const modifyCacheSubnetGroup: Operation<"ModifyCacheSubnetGroup"> = (input, call) =>
  call.store.transaction(() => {
    const group = requireSubnetGroup(
      call,
      required("CacheSubnetGroupName", input.CacheSubnetGroupName),
    );
    if (group.name === defaultSubnetGroup) {
      throw new Fault(
        "InvalidParameterValue",
        "The default subnet group cannot be modified: it is the default VPC's subnets.",
      );
    }
    const ref = refIn(call, "subnet-group", group.name);
    const description = input.CacheSubnetGroupDescription ?? group.description;
    const { vpcId, subnetIds } =
      input.SubnetIds === undefined
        ? { vpcId: group.vpcId, subnetIds: group.subnets.map(({ id }) => id) }
        : checkSubnets(call, input.SubnetIds);
    requireKept(call, group.name, group.subnets, subnetIds);
    call.store.setSpec(ref, { description, vpcId, subnetIds });
    addEvent(call, group.name, "Cache subnet group modified");
    return { CacheSubnetGroup: subnetGroupShape(call, requireSubnetGroup(call, group.name)) };
  });

export const deleteCacheSubnetGroup: Operation<"DeleteCacheSubnetGroup"> = (input, call) =>
  call.store.transaction(() => {
    const name = storedName("CacheSubnetGroupName", input.CacheSubnetGroupName);
    const group = requireSubnetGroup(call, name);
    const users = cachesIn(call, group.name);
    if (group.name === defaultSubnetGroup || users.length > 0) {
      const why =
        group.name === defaultSubnetGroup
          ? "The default subnet group cannot be deleted."
          : `Cache subnet group ${name} is currently in use by a cache cluster: ${users.join(", ")}.`;
      throw new Fault("CacheSubnetGroupInUse", why);
    }
    call.store.remove(refIn(call, "subnet-group", name));
    addEvent(call, name, "Cache subnet group deleted");
    return {};
  });

function newName(value: string | undefined): string {
  const name = storedName("CacheSubnetGroupName", value);
  if (nameForm.test(name)) return name;
  throw new Fault(
    "InvalidParameterValue",
    "The parameter CacheSubnetGroupName must contain only ASCII letters, digits, and hyphens, and " +
      "must have 1 to 255 characters.",
  );
}

/** Subnets that exist, and lie in one VPC. Throws a Fault for others, too many, or none. */
function checkSubnets(
  call: ElastiCacheCall,
  asked: readonly string[],
): { readonly vpcId: string; readonly subnetIds: readonly string[] } {
  const ids = [...new Set(asked)];
  requireWithin(quotas.subnetsPerGroup, ids.length);
  const networks = networksOf(call);
  const found = ids.map((id) => networks.get("subnet", id));
  const unknown = ids.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) {
    throw invalidSubnet(`Some input subnets in :[${unknown.join(", ")}] are invalid.`);
  }
  const [vpcId, ...others] = new Set(found.flatMap((subnet) => subnet?.vpcId ?? []));
  if (vpcId === undefined) {
    throw new Fault("InvalidParameterValue", "The parameter SubnetIds must name a subnet.");
  }
  if (others.length === 0) return { vpcId, subnetIds: ids };
  throw invalidSubnet(
    `All subnets of a group must lie in one VPC; these lie in ${[vpcId, ...others].join(", ")}.`,
  );
}

/** Throws SubnetInUse when nodes or endpoints live in a subnet that is to leave the group. */
function requireKept(
  call: ElastiCacheCall,
  name: string,
  subnets: readonly Subnet[],
  keptIds: readonly string[],
): void {
  const removed = subnets.filter(({ id }) => !keptIds.includes(id));
  if (removed.length === 0) return;
  const networks = networksOf(call);
  const kept = keptIds.flatMap((id) => networks.get("subnet", id) ?? []);
  const used = subnetsInUse(call, name, removed, kept);
  if (used.length === 0) return;
  throw new Fault(
    "SubnetInUse",
    `The subnet ${used.map(({ id }) => id).join(", ")} is used by nodes of cache subnet group ` +
      `${name} and cannot be removed from it.`,
  );
}

function addEvent(call: ElastiCacheCall, name: string, message: string): void {
  const event = { sourceType: "cache-subnet-group", sourceId: name, message } as const;
  call.store.addEvents(call, [event]);
}

function invalidSubnet(message: string): Fault {
  return new Fault("InvalidSubnet", message);
}
