import { compareVersions } from "../../resources/engine-version.ts";
import type { ParameterDefinition } from "../../resources/parameters/definition.ts";
import type { Family } from "../../resources/parameters/families.ts";
import type { ElastiCacheCall } from "./operation.ts";

/**
 * Whether an engine of this server knows the parameter. A family whose engine is not installed at
 * all has nobody who could not.
 */
export function isKnownToEngine(
  call: ElastiCacheCall,
  family: Family,
  { minimumEngineVersion }: ParameterDefinition,
): boolean {
  const engines = call.installed.filter((one) => one.family === family.name);
  if (engines.length === 0) return true;
  return engines.some((one) => compareVersions(one.binaryVersion, minimumEngineVersion) >= 0);
}
