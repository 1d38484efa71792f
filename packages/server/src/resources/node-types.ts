import type { EngineName } from "./engine-name.ts";
import { compareVersions } from "./engine-version.ts";
import { familyMinimums, nodeTypeRows } from "./node-type-data.ts";
import type { NodeType } from "./node-type.ts";

/** Every node type that Larder knows, smallest of a family first. */
export const nodeTypes: readonly NodeType[] = nodeTypeRows.map(
  ([name, vcpus, maxMemoryBytes, maxClients, memcachedMb, memcachedThreads]) => ({
    name: `cache.${name}`,
    ...{ vcpus, maxMemoryBytes, maxClients, memcachedMb, memcachedThreads },
  }),
);

const byName = new Map(nodeTypes.map((nodeType) => [nodeType.name, nodeType]));

/** The node type of that full name, e.g. "cache.t4g.small". */
export function findNodeType(name: string): NodeType | undefined {
  return byName.get(name);
}

/** The family of a node type, e.g. "t4g" of "cache.t4g.small". */
export function familyOf(nodeType: NodeType): string {
  return nodeType.name.split(".")[1] ?? "";
}

/**
 * Whether nodes of the type keep part of their data on an SSD. Larder does not tier data, so that
 * such a type can be described but not asked for.
 */
export function isDataTiered(nodeType: NodeType): boolean {
  return familyOf(nodeType) === "r6gd";
}

/** The node types that a cache of this engine and version can be asked to run on. */
export function nodeTypesFor(engine: EngineName, version: string): readonly NodeType[] {
  return nodeTypes.filter((nodeType) => {
    const minimum = familyMinimums[familyOf(nodeType)]?.[engine] ?? null;
    if (minimum === null || isDataTiered(nodeType)) return false;
    return compareVersions(version, minimum) >= 0;
  });
}
