import type { Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { ec2Fault } from "./faults.ts";

/** Tags by key. */
export type Tags = ReadonlyMap<string, string>;

/** EC2's user guide, "Tag your Amazon EC2 resources". Lengths in characters. */
const tagsPerResourceMax = 50;
const keyLengthMax = 127;
const valueLengthMax = 256;

/**
 * The tags for a new resource. Throws InvalidParameterValue when they are meant for another type of
 * resource, or break the rules.
 */
export function newTags(
  type: string,
  specifications: readonly TagSpecification[] | undefined,
): Tags {
  const all = specifications ?? [];
  const other = all.find(({ ResourceType }) => ResourceType !== type);
  if (other !== undefined) {
    throw invalid(
      `'${other.ResourceType ?? ""}' is not a valid taggable resource type for this operation.`,
    );
  }
  return checkTags(all.flatMap(({ Tags: tags = [] }) => tags));
}

/** The tags of a request. Throws InvalidParameterValue, or TagLimitExceeded for too many. */
export function checkTags(tags: readonly Tag[]): Tags {
  const checked = new Map<string, string>();
  for (const { Key: key = "", Value: value = "" } of tags) {
    requireKey(key);
    if ([...value].length > valueLengthMax) {
      throw invalid(`Tag value exceeds the maximum length of ${valueLengthMax} characters`);
    }
    if (checked.has(key)) throw invalid(`Duplicate tag key '${key}' specified.`);
    checked.set(key, value);
  }
  requireTagCount(checked);
  return checked;
}

/** Throws TagLimitExceeded when a resource would have too many tags. */
export function requireTagCount(tags: Tags): void {
  if (tags.size <= tagsPerResourceMax) return;
  throw ec2Fault(
    "TagLimitExceeded",
    `The maximum number of tags on a resource is ${tagsPerResourceMax}.`,
  );
}

/** Tags as the API writes them. */
export function tagsShape(tags: Tags): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

function requireKey(key: string): void {
  if (key === "") throw invalid("Tag key cannot be empty");
  if ([...key].length > keyLengthMax) {
    throw invalid(`Tag key exceeds the maximum length of ${keyLengthMax} characters`);
  }
  if (key.toLowerCase().startsWith("aws:")) {
    throw invalid("Tag keys starting with 'aws:' are reserved for internal use");
  }
}

function invalid(message: string) {
  return ec2Fault("InvalidParameterValue", message);
}
