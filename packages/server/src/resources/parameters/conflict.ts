import { assert } from "../../base/assert.ts";
import type { NodeType } from "../node-type.ts";
import { type Family, findFamily, findParameter } from "./families.ts";

const mebibyte = 1024 * 1024;

/** Memcached's slab page, which chunks must divide evenly. */
const slabPageBytes = mebibyte;

/** What memcached 1.5 and later switch on by themselves, unless no_modern is 1. */
const modernFeatures = [
  "lru_crawler",
  "lru_maintainer",
  "maxconns_fast",
  "slab_automove",
  "slab_reassign",
] as const;

/**
 * Why values that are each allowed cannot stand together, as a sentence; null if they can.
 * Memcached refuses to start with such values, or would not do what they say (tried on 1.6.18).
 * @param groupValues the values that a parameter group sets
 * @param nodeType of a node that is to run with them, or null to ask for no node in particular
 */
export function parameterConflict(
  familyName: string,
  groupValues: Readonly<Record<string, string>>,
  nodeType: NodeType | null,
): string | null {
  const family = findFamily(familyName);
  assert(family !== undefined, `${familyName} is a known parameter group family`);
  if (family.engine !== "memcached") return null;
  return (
    featureConflict(groupValues) ??
    chunkConflict(family, groupValues) ??
    memoryConflict(family, groupValues, nodeType)
  );
}

function featureConflict(groupValues: Readonly<Record<string, string>>): string | null {
  if (groupValues["no_modern"] !== "0") return null;
  const off = modernFeatures.find((name) => groupValues[name] === "0");
  if (off === undefined) return null;
  return `The parameter ${off} cannot be 0 while no_modern is 0, which switches it on.`;
}

function chunkConflict(
  family: Family,
  groupValues: Readonly<Record<string, string>>,
): string | null {
  const itemBytes = numberOf(family, groupValues, "max_item_size");
  const chunkBytes = numberOf(family, groupValues, "slab_chunk_max");
  if (slabPageBytes % chunkBytes !== 0) {
    return `The parameter slab_chunk_max must be a power of two; it is ${chunkBytes}.`;
  }
  if (itemBytes % chunkBytes === 0) return null;
  return (
    `The parameter max_item_size (${itemBytes}) must be a multiple of ` +
    `slab_chunk_max (${chunkBytes}).`
  );
}

function memoryConflict(
  family: Family,
  groupValues: Readonly<Record<string, string>>,
  nodeType: NodeType | null,
): string | null {
  if (nodeType === null || nodeType.memcachedMb === null) return null;
  const overheadMb = numberOf(family, groupValues, "memcached_connections_overhead");
  const itemBytes = numberOf(family, groupValues, "max_item_size");
  const itemMemoryMb = nodeType.memcachedMb - overheadMb;
  if (itemBytes <= (itemMemoryMb * mebibyte) / 2) return null;
  return (
    `On ${nodeType.name}, memcached_connections_overhead (${overheadMb} MB) leaves ` +
    `${Math.max(itemMemoryMb, 0)} MB for items; max_item_size (${itemBytes}) must be ` +
    "at most half of that."
  );
}

function numberOf(
  family: Family,
  groupValues: Readonly<Record<string, string>>,
  name: string,
): number {
  const definition = findParameter(family, name);
  assert(typeof definition?.value === "string", `${name} has a default for every node type`);
  return Number(groupValues[name] ?? definition.value);
}
