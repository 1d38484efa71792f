import { Fault } from "../../aws/fault.ts";
import type { CacheSettings } from "../../resources/cache-settings.ts";
import { type EngineName, engineNames } from "../../resources/engine-name.ts";
import type { NodeType } from "../../resources/node-type.ts";
import { findNodeType, isDataTiered, nodeTypesFor } from "../../resources/node-types.ts";
import { setBeforeUse } from "../../resources/parameters/changes.ts";
import { parameterConflict } from "../../resources/parameters/conflict.ts";
import { findFamily, findParameter } from "../../resources/parameters/families.ts";
import { type NewClusterMode, requireGroupOfMode } from "./cluster-mode-input.ts";
import { resolveEngineVersion } from "./engine-versions.ts";
import { maintenanceWindow, randomMaintenanceWindow } from "./maintenance-window.ts";
import type { ElastiCacheCall } from "./operation.ts";
import { requireParameterGroup } from "./parameter-groups.ts";
import { checkSecurityGroups } from "./security-groups-input.ts";
import { newSubnetGroup } from "./subnet-groups.ts";

/** The settings that new caches of both front doors are asked for with. */
export interface SettingsInput {
  readonly EngineVersion?: string | undefined;
  readonly CacheNodeType?: string | undefined;
  readonly Port?: number | undefined;
  readonly CacheParameterGroupName?: string | undefined;
  readonly CacheSubnetGroupName?: string | undefined;
  readonly SecurityGroupIds?: readonly string[] | undefined;
  readonly PreferredMaintenanceWindow?: string | undefined;
  readonly AutoMinorVersionUpgrade?: boolean | undefined;
}

/** A parameter group as an operation finds it: its family and the values that it sets. */
export type FoundParameterGroup = ReturnType<typeof requireParameterGroup>;

const defaultPorts: Record<EngineName, number> = { redis: 6379, valkey: 6379, memcached: 11211 };
/** Ports below belong to the system: an engine that is not root's cannot listen on them. */
const portMin = 1024;
const portMax = 65_535;

/**
 * The settings of a new cache, defaults filled in. Throws a Fault for the first that is wrong.
 * @param clusterMode the mode that its parameter group has to have; null leaves it to the group
 */
export function newSettings(
  call: ElastiCacheCall,
  engine: EngineName,
  input: SettingsInput,
  clusterMode: NewClusterMode | null,
): CacheSettings {
  const { version, family } = resolveEngineVersion(call, engine, input.EngineVersion || undefined);
  const nodeType = newNodeType(engine, version, input.CacheNodeType);
  const preset = `default.${family}${clusterMode === "enabled" ? ".cluster.on" : ""}`;
  const groupName = input.CacheParameterGroupName || preset;
  const parameterGroup = requireParameterGroup(call, groupName.toLowerCase());
  requireSuitable(parameterGroup, family, nodeType);
  requireGroupOfMode(parameterGroup, clusterMode);
  const subnetGroup = newSubnetGroup(call, input.CacheSubnetGroupName);
  return {
    engine,
    engineVersion: version,
    nodeType: nodeType.name,
    port: newPort(engine, input.Port),
    parameterGroup: parameterGroup.name,
    subnetGroup: subnetGroup.name,
    securityGroupIds: checkSecurityGroups(call, subnetGroup, input.SecurityGroupIds),
    maintenanceWindow: input.PreferredMaintenanceWindow
      ? maintenanceWindow(input.PreferredMaintenanceWindow)
      : randomMaintenanceWindow(call.region),
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
    update: null,
    pending: null,
  };
}

/** The engine of that name in any case. An unknown one is refused, never replaced by a default. */
export function newEngine(name: string, allowed: readonly EngineName[]): EngineName {
  const engine = allowed.find((one) => one === name.toLowerCase());
  if (engine !== undefined) return engine;
  const why = engineNames.some((one) => one === name.toLowerCase())
    ? `The engine ${name.toLowerCase()} cannot be used here.`
    : `There is no engine named ${name}.`;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter Engine must be one of ${allowed.join(", ")}. ${why}`,
  );
}

/**
 * The parameter group that an existing cache is to change to. Throws a Fault when it is missing or
 * would change what can only be chosen for a new cache.
 * @param family that it must be of: the one of the engine version that the cache is to run
 */
export function changedParameterGroup(
  call: ElastiCacheCall,
  settings: CacheSettings,
  name: string | undefined,
  family?: string,
): FoundParameterGroup {
  const current = requireParameterGroup(call, settings.parameterGroup);
  const isSame = !name || name.toLowerCase() === current.name;
  if (isSame && (family ?? current.family) === current.family) return current;
  const changed = isSame ? current : requireParameterGroup(call, name.toLowerCase());
  const nodeType = findNodeType(settings.nodeType) ?? null;
  requireSuitable(changed, family ?? current.family, nodeType);
  for (const parameter of setBeforeUse) {
    const [was, is] = [valueIn(current, parameter), valueIn(changed, parameter)];
    if (was === is) continue;
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter CacheParameterGroupName cannot be ${changed.name}: it has ${parameter} ${is}, ` +
        `and the cache was created with ${was}, which cannot change.`,
    );
  }
  return changed;
}

/** Whether nodes with the group keep their data in an append-only file. */
export function appendsOnly({ values }: FoundParameterGroup): boolean {
  return values["appendonly"] === "yes";
}

/** The node type of that name. Throws a Fault unless caches of that engine and version can have it. */
export function newNodeType(
  engine: EngineName,
  version: string,
  name: string | undefined,
): NodeType {
  if (!name) {
    throw new Fault("InvalidParameterValue", "The parameter CacheNodeType must be provided.");
  }
  const nodeType = findNodeType(name.toLowerCase());
  if (nodeType === undefined) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter CacheNodeType must name a node type such as cache.t4g.small; ` +
        `there is none named ${name}.`,
    );
  }
  if (isDataTiered(nodeType)) {
    throw new Fault(
      "InvalidParameterCombination",
      `The parameter CacheNodeType cannot be ${nodeType.name}: its nodes need data tiering, which ` +
        "this version of Larder does not have.",
    );
  }
  if (nodeTypesFor(engine, version).includes(nodeType)) return nodeType;
  throw new Fault(
    "InvalidParameterCombination",
    `The parameter CacheNodeType cannot be ${nodeType.name} for ${engine} ${version}.`,
  );
}

function newPort(engine: EngineName, port: number | undefined): number {
  if (port === undefined) return defaultPorts[engine];
  if (Number.isInteger(port) && port >= portMin && port <= portMax) return port;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter Port must be a number from ${portMin} to ${portMax}; it is ${port}.`,
  );
}

function requireSuitable(
  group: FoundParameterGroup,
  family: string,
  nodeType: NodeType | null,
): void {
  if (group.family !== family) {
    throw new Fault(
      "InvalidParameterCombination",
      `Expected a parameter group of family ${family} but found one of family ${group.family}.`,
    );
  }
  const conflict = parameterConflict(family, group.values, nodeType);
  if (conflict !== null) throw new Fault("InvalidParameterCombination", conflict);
}

/** What the group sets, or its family has by default; undefined for what the family lacks. */
function valueIn({ family, values }: FoundParameterGroup, name: string): string | undefined {
  const known = findFamily(family);
  const value = known === undefined ? undefined : findParameter(known, name)?.value;
  return values[name] ?? (typeof value === "string" ? value : undefined);
}
