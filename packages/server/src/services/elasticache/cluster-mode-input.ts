import { Fault } from "../../aws/fault.ts";
import type { ClusterMode } from "../../resources/cluster-mode.ts";
import type { KnownParameterGroup } from "./parameter-groups.ts";

/** A mode that a new cache can be asked to have. */
export type NewClusterMode = Exclude<ClusterMode, "compatible">;

/** The mode that a request for a new group names; null when it leaves that to its parameter group. */
export function checkClusterMode(mode: string | undefined): NewClusterMode | null {
  if (!mode) return null;
  const known = (["disabled", "enabled"] as const).find((one) => one === mode.toLowerCase());
  if (known !== undefined) return known;
  throw new Fault(
    "InvalidParameterValue",
    `The parameter ClusterMode of a new replication group must be disabled or enabled; it is ${mode}.`,
  );
}

/** The mode of caches that are made with a parameter group. */
export function clusterModeOf({ values }: Pick<KnownParameterGroup, "values">): NewClusterMode {
  return values["cluster-enabled"] === "yes" ? "enabled" : "disabled";
}

/** Throws InvalidParameterCombination unless the parameter group is one for the mode asked for. */
export function requireGroupOfMode(group: KnownParameterGroup, mode: NewClusterMode | null): void {
  if (mode === null || clusterModeOf(group) === mode) return;
  throw new Fault(
    "InvalidParameterCombination",
    `The parameter CacheParameterGroupName cannot be ${group.name} for a cache with cluster mode ` +
      `${mode}: the group has cluster-enabled ${mode === "enabled" ? "no" : "yes"}.`,
  );
}
