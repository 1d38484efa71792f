import { Fault } from "../../aws/fault.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";

/** What ElastiCache can change of an existing cache and this version of Larder cannot. */
interface Unchangeable {
  readonly Engine?: string | undefined;
  readonly EngineVersion?: string | undefined;
  readonly CacheNodeType?: string | undefined;
}

/**
 * Throws InvalidParameterCombination when a request would change the engine, its version or the node
 * type of a cache. Naming what it already has is no change.
 */
export function requireUnchanged(input: Unchangeable, settings: CacheSettings): void {
  const asked = [
    ["Engine", input.Engine?.toLowerCase(), settings.engine],
    ["EngineVersion", input.EngineVersion, settings.engineVersion],
    ["CacheNodeType", input.CacheNodeType?.toLowerCase(), settings.nodeType],
  ] as const;
  const other = asked.find(([, value, is]) => Boolean(value) && value !== is);
  if (other === undefined) return;
  throw new Fault(
    "InvalidParameterCombination",
    `The parameter ${other[0]} is not available for a change: this version of Larder cannot change ` +
      `it on an existing cache. It is ${other[2]}.`,
  );
}
