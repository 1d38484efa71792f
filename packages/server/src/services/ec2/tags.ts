import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  TagDescription,
} from "@aws-sdk/client-ec2";
import type { Fault } from "../../aws/fault.ts";
import { type Ref, refIn } from "../../resources/ref.ts";
import type { NetworkKind } from "../../store/networks.ts";
import { ec2Fault, required } from "./faults.ts";
import { groupNotFound, subnetNotFound, vpcNotFound } from "./known.ts";
import { selected } from "./listing.ts";
import { type Ec2Call, operation } from "./operation.ts";
import { knownRules, ruleNotFound, ruleRef } from "./rules.ts";
import { checkTags, requireTagCount } from "./tag-input.ts";

/** A resource that can have tags. */
interface Taggable {
  readonly id: string;
  readonly type: ResourceType;
  readonly ref: Ref;
}

/** What an id that starts in this way names. */
const families: readonly {
  readonly prefix: string;
  readonly kind: NetworkKind;
  readonly notFound: (id: string) => Fault;
}[] = [
  { prefix: "vpc-", kind: "vpc", notFound: vpcNotFound },
  { prefix: "subnet-", kind: "subnet", notFound: subnetNotFound },
  { prefix: "sg-", kind: "security-group", notFound: groupNotFound },
];

export const createTags = operation<CreateTagsRequest, void>(
  ["Resources", "Tags"],
  (input, call) => {
    const added = checkTags(required("Tags", input.Tags));
    for (const ref of refsOf(call, input.Resources)) {
      const tags = new Map([...call.store.tags(ref), ...added]);
      requireTagCount(tags);
      call.store.setTags(ref, tags);
    }
  },
);

/** A tag given without value goes whatever its value; without tags, all go. */
export const deleteTags = operation<DeleteTagsRequest, void>(
  ["Resources", "Tags"],
  (input, call) => {
    const named = input.Tags ?? [];
    const goes = (key: string, value: string): boolean =>
      named.length === 0 ||
      named.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
    for (const ref of refsOf(call, input.Resources)) {
      const kept = [...call.store.tags(ref)].filter(([key, value]) => !goes(key, value));
      call.store.setTags(ref, new Map(kept));
    }
  },
);

export const describeTags = operation<DescribeTagsRequest, DescribeTagsResult>(
  ["Filters", "MaxResults", "NextToken"],
  (input, call) => {
    const all = everything(call).flatMap(({ id, type, ref }) =>
      [...call.store.tags(ref)].map(([key, value]) => ({ id, type, key, value })),
    );
    const { page, ...next } = selected(all, input, {
      operation: "DescribeTags",
      idOf: ({ id, key }) => `${id} ${key}`,
      notFound: (id) => ec2Fault("InvalidID", `The ID '${id}' is not valid`),
      tagsOf: ({ key, value }) => new Map([[key, value]]),
      filters: {
        key: ({ key }) => key,
        "resource-id": ({ id }) => id,
        "resource-type": ({ type }) => type,
        value: ({ value }) => value,
      },
    });
    return { ...next, Tags: page.map(shape) };
  },
);

function shape(tag: {
  readonly id: string;
  readonly type: ResourceType;
  readonly key: string;
  readonly value: string;
}): TagDescription {
  return { Key: tag.key, ResourceId: tag.id, ResourceType: tag.type, Value: tag.value };
}

function everything(call: Ec2Call): readonly Taggable[] {
  const parts = families.flatMap(({ kind }) =>
    call.networks.list(kind).map(({ id }) => ({ id, type: kind, ref: refIn(call, kind, id) })),
  );
  const rules = knownRules(call).map(({ id }) => ({
    ...{ id, type: "security-group-rule" as const, ref: ruleRef(call, id) },
  }));
  return [...parts, ...rules];
}

/** Where the tags of resources are kept. Throws the NotFound of its kind for one that is not there. */
function refsOf(call: Ec2Call, ids: readonly string[] | undefined): readonly Ref[] {
  const named = required("ResourceId", ids);
  if (named.length === 0) throw ec2Fault("MissingParameter", "The request must name a resource");
  return named.map((id) => {
    const family = families.find(({ prefix }) => id.startsWith(prefix));
    if (family !== undefined) {
      if (call.networks.get(family.kind, id) === undefined) throw family.notFound(id);
      return refIn(call, family.kind, id);
    }
    if (!id.startsWith("sgr-")) throw ec2Fault("InvalidID", `The ID '${id}' is not valid`);
    if (!knownRules(call).some((rule) => rule.id === id)) throw ruleNotFound(id);
    return ruleRef(call, id);
  });
}
