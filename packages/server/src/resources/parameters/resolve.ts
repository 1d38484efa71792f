import { assert } from "../../base/assert.ts";
import type { ClusterMode } from "../cluster-mode.ts";
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
  clusterMode: ClusterMode = "disabled",
): Record<string, string> {
  const family = findFamily(familyName);
  assert(family !== undefined, `${familyName} is a known parameter group family`);
  // A group says it for caches that are made with it; from then on it is the cache's to say.
  const decided: Readonly<Record<string, string>> = {
    "cluster-enabled": clusterMode === "disabled" ? "no" : "yes",
  };
  return Object.fromEntries(
    family.definitions.map((definition) => [
      definition.name,
      decided[definition.name] ??
        groupValues[definition.name] ??
        defaultValue(definition, nodeType),
    ]),
  );
}
