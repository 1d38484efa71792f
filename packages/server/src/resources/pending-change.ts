import type { CacheSettings } from "./cache-settings.ts";
import { type EngineName, engineServing, type InstalledEngine } from "./engine-name.ts";
import { compareVersions } from "./engine-version.ts";
import { isInMaintenanceWindow } from "./maintenance-window.ts";

/** A change that replaces a cache's nodes: asked for, and not begun. */
export interface PendingChange {
  /** The node type to change to; null to keep it. */
  readonly nodeType: string | null;
  /** What the nodes are to run; null to keep it. */
  readonly engine: EngineChange | null;
  /** Whether it begins as soon as it can, or in the maintenance window. */
  readonly due: "now" | "window";
}

/** Another version, or another engine, with a parameter group of its family. */
export type EngineChange = Pick<CacheSettings, "engine" | "engineVersion" | "parameterGroup">;

/** From these on, minor versions are upgraded without being asked for (user guide, "Versions"). */
const upgradedByThemselves: Readonly<Partial<Record<EngineName, string>>> = {
  redis: "6.0",
  valkey: "7.2",
};

/** Whether the change is to begin at this moment. */
export function isDue(
  { due }: PendingChange,
  { maintenanceWindow }: CacheSettings,
  now: Date,
): boolean {
  return due === "now" || isInMaintenanceWindow(maintenanceWindow, now);
}

/** The settings once the change was carried out. */
export function withChange<S extends CacheSettings>(settings: S, change: PendingChange): S {
  const { engine, nodeType } = change;
  return {
    ...settings,
    ...engine,
    nodeType: nodeType ?? settings.nodeType,
    pending: null,
  };
}

/** What is left of a change whose node type cannot be had. */
export function withoutNodeType(change: PendingChange): PendingChange | null {
  return change.engine === null ? null : { ...change, nodeType: null };
}

/**
 * The newer minor version that a cache with automatic upgrades is to run; null if there is none. A
 * version that the same binary serves would be another name for what runs already.
 */
export function minorUpgrade(
  { engine, engineVersion, parameterGroup, autoMinorVersionUpgrade }: CacheSettings,
  installed: readonly InstalledEngine[],
): EngineChange | null {
  const first = upgradedByThemselves[engine];
  if (!autoMinorVersionUpgrade || first === undefined) return null;
  const current = engineServing(installed, engine, engineVersion);
  if (current === undefined || compareVersions(engineVersion, first) < 0) return null;
  const newer = installed
    .filter((one) => one !== current && one.engine === engine && one.family === current.family)
    .flatMap((one) => one.serves)
    .filter((version) => majorOf(version) === majorOf(engineVersion))
    .filter((version) => compareVersions(version, engineVersion) > 0)
    .toSorted(compareVersions)
    .at(-1);
  return newer === undefined ? null : { engine, engineVersion: newer, parameterGroup };
}

function majorOf(version: string): string {
  return version.split(".")[0] ?? "";
}
