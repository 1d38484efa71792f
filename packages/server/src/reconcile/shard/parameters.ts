import { isDeepStrictEqual } from "node:util";
import { parametersToApply } from "../../resources/node-parameters.ts";
import type { Resource } from "../../resources/resource.ts";
import { refKey } from "../../resources/ref.ts";
import type { Write } from "../reconciler.ts";
import { isOutdated } from "./roll.ts";
import type { SeenShard } from "./seen.ts";

/**
 * Asks the shard's nodes for its parameters. Each takes over what its engine can change while it
 * runs, and the rest with its next launch.
 */
export function planParameters(
  shard: Resource<"shard">,
  seen: SeenShard,
  others: readonly Write[],
): readonly Write[] {
  const { parameters } = seen;
  // A launch brings them too.
  const written = new Set(others.map(({ ref }) => refKey(ref)));
  return nodesToTune(shard, seen)
    .filter((node) => !written.has(refKey(node)))
    .filter((node) => !isDeepStrictEqual(node.spec.parameters, parameters))
    .map((node) => ({ write: "spec", ref: node, spec: { ...node.spec, parameters } }));
}

/** A running node that has yet to take over parameters of its shard; undefined if there is none. */
export function applyingNode(
  shard: Resource<"shard">,
  seen: SeenShard,
): Resource<"node"> | undefined {
  const running = new Set(seen.members.map((one) => (one.running ? one.node : null)));
  return nodesToTune(shard, seen).find(
    (node) =>
      running.has(node) && parametersToApply(seen.family, seen.parameters, node.status).length > 0,
  );
}

/** The nodes but for those that are replaced by another engine or size, with parameters of that. */
function nodesToTune(shard: Resource<"shard">, seen: SeenShard): readonly Resource<"node">[] {
  return seen.members
    .filter((one) => !isOutdated(shard, one, seen))
    .flatMap(({ node }) => (node === null ? [] : [node]));
}
