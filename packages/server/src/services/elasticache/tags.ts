import type { Tag } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import { nodeIdOf } from "../../resources/cache-settings.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import { defaultSubnetGroup } from "../../store/networks.ts";
import { resourceOfArn } from "./arn-input.ts";
import { required } from "./identifiers.ts";
import { requireCluster } from "./known-clusters.ts";
import { requireGroup } from "./known-groups.ts";
import type { ElastiCacheCall, Operation } from "./operation.ts";
import { isDefaultGroup, requireCustomGroup, requireParameterGroup } from "./parameter-groups.ts";
import { requireReservedNode } from "./reserved-nodes.ts";
import { groupStateOf } from "./states.ts";
import { requireSubnetGroup } from "./subnet-groups.ts";
import { inheritTags, requireTagKey, setTagsWithin, type Tags, validateTags } from "./tag-rules.ts";

/** What an ARN names, for tags. */
interface Taggable {
  /** What the tags are kept under; null for what can have none. */
  readonly ref: Ref | null;
  /** The members of a replication group, which have its tags too. */
  readonly heirs: readonly Ref[];
}

export const addTagsToResource: Operation<"AddTagsToResource"> = (input, call) => {
  const added = validateTags(required("Tags", input.Tags));
  return call.store.transaction(() => {
    const { ref, heirs } = requireTaggable(call, input.ResourceName);
    const tags = new Map([...call.store.tags(ref), ...added]);
    setTagsWithin(call.store, ref, tags);
    inheritTags(call.store, added, heirs);
    return listed(call.store.tags(ref));
  });
};

export const removeTagsFromResource: Operation<"RemoveTagsFromResource"> = (input, call) => {
  const keys = required("TagKeys", input.TagKeys);
  for (const key of keys) requireTagKey(key);
  return call.store.transaction(() => {
    const { ref, heirs } = requireTaggable(call, input.ResourceName);
    const tags = call.store.tags(ref);
    const missing = keys.find((key) => !tags.has(key));
    if (missing !== undefined) {
      throw new Fault("TagNotFound", `The resource has no tag with the key "${missing}".`);
    }
    for (const one of [ref, ...heirs]) {
      const kept = [...call.store.tags(one)].filter(([key]) => !keys.includes(key));
      call.store.setTags(one, new Map(kept));
    }
    return listed(call.store.tags(ref));
  });
};

export const listTagsForResource: Operation<"ListTagsForResource"> = (input, call) => {
  const { ref } = taggable(call, required("ResourceName", input.ResourceName));
  return listed(ref === null ? new Map() : call.store.tags(ref));
};

function requireTaggable(
  call: ElastiCacheCall,
  arn: string | undefined,
): Taggable & { readonly ref: Ref } {
  const { ref, heirs } = taggable(call, required("ResourceName", arn));
  if (ref !== null) return { ref, heirs };
  throw new Fault("InvalidParameterValue", `${arn} is a default group, which cannot be tagged.`);
}

/** Throws InvalidARN, the NotFound of its kind, or InvalidReplicationGroupState. */
function taggable(call: ElastiCacheCall, text: string): Taggable {
  const { type, name } = resourceOfArn(call, text);
  switch (type) {
    case "cluster":
      return taggableCluster(call, name);
    case "replicationgroup":
      return taggableGroup(call, name);
    case "parametergroup":
      if (isDefaultGroup(requireParameterGroup(call, name).name)) return untaggable;
      return { ref: requireCustomGroup(call, name, "CacheParameterGroup not found"), heirs: [] };
    case "subnetgroup":
      if (requireSubnetGroup(call, name).name === defaultSubnetGroup) return untaggable;
      return { ref: refIn(call, "subnet-group", name), heirs: [] };
    case "reserved-instance":
      return { ref: requireReservedNode(call, name), heirs: [] };
  }
}

const untaggable: Taggable = { ref: null, heirs: [] };

function taggableCluster(call: ElastiCacheCall, name: string): Taggable {
  const { state, own, places } = requireCluster(call, name);
  requireAvailable(state);
  const [place] = places;
  if (own !== null || place === undefined) return { ref: own, heirs: [] };
  return { ref: refIn(call, "node", nodeIdOf(place.member)), heirs: [] };
}

function taggableGroup(call: ElastiCacheCall, name: string): Taggable {
  const group = requireGroup(call, name);
  requireAvailable(groupStateOf(group));
  const members = group.spec.shards.flatMap((shard) => shard.members);
  return { ref: group, heirs: members.map((one) => refIn(call, "node", nodeIdOf(one))) };
}

function requireAvailable(state: string): void {
  if (state === "available") return;
  throw new Fault(
    "InvalidReplicationGroupState",
    "Cluster not in available state to perform tagging operations.",
  );
}

function listed(tags: Tags): { TagList: Tag[] } {
  return { TagList: [...tags].map(([Key, Value]) => ({ Key, Value })) };
}
