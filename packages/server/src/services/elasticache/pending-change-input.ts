import { Fault } from "../../aws/fault.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import type { EngineName } from "../../resources/engine-name.ts";
import { compareVersions } from "../../resources/engine-version.ts";
import type { EngineChange, PendingChange } from "../../resources/pending-change.ts";
import {
  changedParameterGroup,
  newEngine,
  newNodeType,
  type FoundParameterGroup,
} from "./cache-settings-input.ts";
import { type EngineVersion, resolveEngineVersion } from "./engine-versions.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { isDefaultGroup, requireParameterGroup } from "./parameter-groups.ts";

/** What a request may say of node type and engine. */
export interface ChangeInput {
  readonly Engine?: string | undefined;
  readonly EngineVersion?: string | undefined;
  readonly CacheNodeType?: string | undefined;
  readonly CacheParameterGroupName?: string | undefined;
  readonly ApplyImmediately?: boolean | undefined;
}

/** What a request comes to, with what waited before. */
export interface RequestedChange {
  readonly pending: PendingChange | null;
  /** The parameter group that applies at once. */
  readonly parameterGroup: FoundParameterGroup;
  /** The one that applies once nothing waits any more: another only with another family. */
  readonly nextParameterGroup: FoundParameterGroup;
}

/**
 * The change of node type and engine that a cache is left with by a request. A newer request for the
 * same thing takes the place of one that waits, and asking for what the cache has calls it off;
 * ApplyImmediately has everything begin that waits, too.
 * @param blocked makes the error for a change that another one stands in the way of
 */
export function requestedChange(
  call: ElastiCacheCall,
  settings: CacheSettings,
  input: ChangeInput,
  blocked: (message: string) => Fault,
): RequestedChange {
  const waiting = settings.pending;
  const version = requestedVersion(call, settings, input);
  const current = requireParameterGroup(call, settings.parameterGroup);
  const changesFamily = version !== null && version.family !== current.family;
  const nextParameterGroup = changesFamily
    ? groupOfNewFamily(call, settings, version, input.CacheParameterGroupName)
    : changedParameterGroup(call, settings, input.CacheParameterGroupName);
  const parameterGroup = changesFamily ? current : nextParameterGroup;
  const asksEngine = Boolean(input.Engine) || Boolean(input.EngineVersion);
  const engine = asksEngine ? engineChange(version, nextParameterGroup) : (waiting?.engine ?? null);
  const asksNodeType = Boolean(input.CacheNodeType);
  const runs = engine ?? settings;
  const nodeType = asksNodeType
    ? requestedNodeType(settings, runs, input.CacheNodeType)
    : (waiting?.nodeType ?? null);
  if (input.ApplyImmediately === true) {
    if (asksEngine && engine !== null && !asksNodeType && nodeType !== null) {
      throw blocked(`its node type is to change to ${nodeType} in the maintenance window`);
    }
    if (asksNodeType && nodeType !== null && !asksEngine && engine !== null) {
      const name = `${engine.engine} ${engine.engineVersion}`;
      throw blocked(`its engine is to change to ${name} in the maintenance window`);
    }
  }
  const due = input.ApplyImmediately === true ? "now" : "window";
  const pending =
    nodeType === null && engine === null ? null : ({ nodeType, engine, due } as const);
  return { pending, parameterGroup, nextParameterGroup };
}

/** The version that is asked for; null when it is what the cache runs. Throws for a way back. */
function requestedVersion(
  call: ElastiCacheCall,
  settings: CacheSettings,
  input: ChangeInput,
): EngineVersion | null {
  const family: readonly EngineName[] =
    settings.engine === "memcached" ? ["memcached"] : ["redis", "valkey"];
  const engine = input.Engine ? newEngine(input.Engine, family) : settings.engine;
  if (engine === settings.engine && !input.EngineVersion) return null;
  const asked = resolveEngineVersion(call, engine, input.EngineVersion || undefined);
  if (settings.engine === "valkey" && engine === "redis") {
    throw new Fault(
      "InvalidParameterCombination",
      "A valkey cache cannot be changed to redis: make a new cache instead.",
    );
  }
  if (engine !== settings.engine) return asked;
  const order = compareVersions(asked.version, settings.engineVersion);
  if (order === 0) return null;
  if (order > 0) return asked;
  throw new Fault(
    "InvalidParameterCombination",
    `The engine version cannot be downgraded from ${settings.engineVersion} to ${asked.version}: ` +
      "make a new cache with the older version instead.",
  );
}

function engineChange(
  version: EngineVersion | null,
  group: FoundParameterGroup,
): EngineChange | null {
  if (version === null) return null;
  const { engine, version: engineVersion } = version;
  return { engine, engineVersion, parameterGroup: group.name };
}

/**
 * The parameter group of a version with another family. It must be named, but for another engine a
 * default group is followed by the default group of the new family.
 */
function groupOfNewFamily(
  call: ElastiCacheCall,
  settings: CacheSettings,
  { engine, family }: EngineVersion,
  name: string | undefined,
): FoundParameterGroup {
  const followed = engine !== settings.engine && isDefaultGroup(settings.parameterGroup);
  const suffix = settings.parameterGroup.endsWith(".cluster.on") ? ".cluster.on" : "";
  const group = name || (followed ? `default.${family}${suffix}` : settings.parameterGroup);
  return changedParameterGroup(call, settings, group, family);
}

/** The node type that is asked for; null when it is what the cache has. */
function requestedNodeType(
  settings: CacheSettings,
  runs: Pick<CacheSettings, "engine" | "engineVersion">,
  name: string | undefined,
): string | null {
  const nodeType = newNodeType(runs.engine, runs.engineVersion, name);
  if (nodeType.name === settings.nodeType) return null;
  if (settings.engine !== "memcached") return nodeType.name;
  throw new Fault(
    "InvalidParameterCombination",
    `The node type of a memcached cluster cannot change: it is ${settings.nodeType}. Make a new ` +
      "cluster with the node type that you want.",
  );
}
