import type { Tag } from "@aws-sdk/client-elasticache";
import { Fault } from "../../aws/fault.ts";
import type { Ref } from "../../resources/ref.ts";
import type { Store } from "../../store/store.ts";
import { quotas, requireWithin } from "./quotas.ts";

/** Tags by key. */
export type Tags = ReadonlyMap<string, string>;

/** User guide, "Tagging your ElastiCache resources". Lengths in characters. */
const keyLengthMax = 128;
const valueLengthMax = 256;
const allowedCharacters = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u;
const reservedPrefix = "aws:";

/**
 * The tags of a request. Throws InvalidParameterValue for a key or value that breaks the rules or a
 * key that comes twice, and TagQuotaPerResourceExceeded for more than a resource can have.
 */
export function validateTags(tags: readonly Tag[] | undefined): Tags {
  const checked = new Map<string, string>();
  for (const { Key: key = "", Value: value = "" } of tags ?? []) {
    requireTagKey(key);
    requireTagValue(key, value);
    if (checked.has(key)) throw invalid(`The tag key "${key}" is given more than once.`);
    checked.set(key, value);
  }
  requireWithin(quotas.tagsPerResource, checked.size);
  return checked;
}

/** Throws InvalidParameterValue unless callers may use the key. */
export function requireTagKey(key: string): void {
  const length = [...key].length;
  if (length < 1 || length > keyLengthMax || !allowedCharacters.test(key)) {
    throw invalid(
      `The tag key "${key}" must have 1 to ${keyLengthMax} characters: ` +
        "letters, digits, spaces and + - = . _ : / @.",
    );
  }
  if (key.toLowerCase().startsWith(reservedPrefix)) {
    throw invalid(`The tag key "${key}" must not start with ${reservedPrefix}, which is reserved.`);
  }
}

/**
 * Copies tags to resources that inherit them: from a replication group to its members, for example.
 * What these have beside stays; an inherited value replaces one of the same key. Throws
 * TagQuotaPerResourceExceeded when one would have too many.
 */
export function inheritTags(store: Store, tags: Tags, heirs: readonly Ref[]): void {
  for (const heir of heirs) setTagsWithin(store, heir, new Map([...store.tags(heir), ...tags]));
}

/** Sets a resource's tags. Throws TagQuotaPerResourceExceeded when they are too many. */
export function setTagsWithin(store: Store, ref: Ref, tags: Tags): void {
  requireWithin(quotas.tagsPerResource, tags.size);
  store.setTags(ref, tags);
}

function requireTagValue(key: string, value: string): void {
  if ([...value].length <= valueLengthMax && allowedCharacters.test(value)) return;
  throw invalid(
    `The value of the tag "${key}" must have at most ${valueLengthMax} characters: ` +
      "letters, digits, spaces and + - = . _ : / @.",
  );
}

function invalid(message: string): Fault {
  return new Fault("InvalidParameterValue", message);
}
