import { isDeepStrictEqual } from "node:util";
import { parametersToApply } from "../../resources/node-parameters.ts";
import type { NodeSpec } from "../../resources/node.ts";
import type { Resource } from "../../resources/resource.ts";
import { refKey } from "../../resources/ref.ts";
import type { ShardSpec } from "../../resources/shard.ts";
import type { Write } from "../reconciler.ts";
import type { SeenMember, SeenShard } from "./seen.ts";

type Values = Readonly<Record<string, string>>;

/**
 * Asks the shard's nodes for its parameters. Each takes over what its engine can change while it
 * runs, and the rest with its next launch.
 */
export function planParameters(
  shard: Resource<"shard">,
  seen: SeenShard,
  others: readonly Write[],
): readonly Write[] {
  // A launch brings them too.
  const written = new Set(others.map(({ ref }) => refKey(ref)));
  return seen.members.flatMap(({ node }): Write[] => {
    if (node === null || written.has(refKey(node)) || !stays(shard.spec, node.spec)) return [];
    const { parameters } = seen;
    if (isDeepStrictEqual(node.spec.parameters, parameters)) return [];
    return [{ write: "spec", ref: node, spec: { ...node.spec, parameters } }];
  });
}

/** Ids of running nodes that have yet to take over parameters of their shard. */
export function nodesApplying(
  shard: ShardSpec,
  family: string,
  parameters: Values,
  members: readonly SeenMember[],
): readonly string[] {
  return members
    .filter(({ node, running }) => running && node !== null && stays(shard, node.spec))
    .filter(
      ({ node }) => node !== null && parametersToApply(family, parameters, node.status).length > 0,
    )
    .map(({ id }) => id);
}

/** Whether the node is not about to become another engine or size, with parameters of that. */
function stays(shard: ShardSpec, node: NodeSpec): boolean {
  const { engine, engineVersion, nodeType } = node;
  return isDeepStrictEqual(
    [engine, engineVersion, nodeType],
    [shard.engine, shard.engineVersion, shard.nodeType],
  );
}
