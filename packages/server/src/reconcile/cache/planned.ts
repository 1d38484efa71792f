import type { CacheSettings } from "../../resources/cache-settings.ts";
import type { InstalledEngine } from "../../resources/engine-name.ts";
import { findNodeType } from "../../resources/node-types.ts";
import {
  isDue,
  minorUpgrade,
  type PendingChange,
  withChange,
  withoutNodeType,
} from "../../resources/pending-change.ts";

/** What becomes of a cache's pending change in this pass. */
export interface PlannedChange<S extends CacheSettings> {
  /** What the cache is asked to be from now on; null while the change cannot begin. */
  readonly spec: S | null;
  readonly because: string;
  /** Told at once. */
  readonly messages: readonly string[];
  /** Told when all is as the new spec asks. */
  readonly announce: readonly string[];
}

/**
 * Begins the change that waits, once it is due, or finds that it cannot be made; null when nothing
 * is to happen now. All of it is decided here, before anything is touched: a node type that the data
 * does not fit leaves every node as it is.
 * @param fits whether the data fits the node type that waits; null while that is not known
 */
export function planChange<S extends CacheSettings>(
  spec: S,
  fits: boolean | null,
  installed: readonly InstalledEngine[],
  now: Date,
): PlannedChange<S> | null {
  const change = spec.pending ?? automaticUpgrade(spec, installed);
  if (change === null || !isDue(change, spec, now)) return null;
  const because = "a change of its nodes begins";
  if (change.nodeType === null || !isSmaller(change.nodeType, spec.nodeType) || fits === true) {
    const announce = finishedMessages(spec, change);
    return { spec: withChange(spec, change), because, messages: [], announce };
  }
  if (fits === null) {
    return {
      spec: null,
      because: "the memory in use is not known yet",
      messages: [],
      announce: [],
    };
  }
  const messages = [`Failed applying modification to cache node type to ${change.nodeType}.`];
  const rest = withoutNodeType(change);
  return {
    spec: rest === null ? { ...spec, pending: null } : withChange(spec, rest),
    because: rest === null ? "its data does not fit the node type that was asked for" : because,
    messages,
    announce: rest === null ? [] : finishedMessages(spec, rest),
  };
}

/** Whether nodes of `type` hold less than those of `than`. */
export function isSmaller(type: string, than: string): boolean {
  const bytes = (name: string) => findNodeType(name)?.maxMemoryBytes ?? 0;
  return bytes(type) < bytes(than);
}

function automaticUpgrade(
  settings: CacheSettings,
  installed: readonly InstalledEngine[],
): PendingChange | null {
  const engine = minorUpgrade(settings, installed);
  return engine === null ? null : { nodeType: null, engine, due: "window" };
}

function finishedMessages(from: CacheSettings, change: PendingChange): readonly string[] {
  const { nodeType, engine } = change;
  const version = (of: Pick<CacheSettings, "engine" | "engineVersion">) =>
    `${of.engine} ${of.engineVersion}`;
  return [
    ...(nodeType === null
      ? []
      : [`Finished modifying cache node type from ${from.nodeType} to ${nodeType}`]),
    ...(engine === null
      ? []
      : [`Finished modifying engine version from ${version(from)} to ${version(engine)}`]),
  ];
}
