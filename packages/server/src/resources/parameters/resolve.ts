import { assert } from "../../base/assert.ts";
import type { NodeType } from "../node-type.ts";
import { defaultValue } from "./definition.ts";
import { findFamily } from "./families.ts";

/**
 * Every parameter of a family as a node is to be started with it, by AWS's name: the group's value,
 * else the family's default, else what follows from the node type.
 * @param familyName e.g. "redis7"; asserts that Larder knows it
 * @param groupValues the values that a parameter group sets
 */
export function resolveParameters(
  familyName: string,
  groupValues: Readonly<Record<string, string>>,
  nodeType: NodeType,
): Record<string, string> {
  const family = findFamily(familyName);
  assert(family !== undefined, `${familyName} is a known parameter group family`);
  return Object.fromEntries(
    family.definitions.map((definition) => [
      definition.name,
      groupValues[definition.name] ?? defaultValue(definition, nodeType),
    ]),
  );
}
