import { assert } from "../../base/assert.ts";
import { findFamily } from "./families.ts";

type Values = Readonly<Record<string, string>>;

/** Parameters whose values differ, by when a change of them can reach a running node. */
export interface ParameterChanges {
  readonly immediate: readonly string[];
  readonly atReboot: readonly string[];
}

/** Parameters that belong to what a cache is: they change only while no cache uses the group. */
export const setBeforeUse = [
  // Which of a client's databases, or slots, are where.
  "databases",
  "cluster-enabled",
  // Where the data set lies on disk: a node that is started with the other value finds none.
  "appendonly",
] as const;

/** The parameters of a family that are asked to be other than they are. */
export function parameterChanges(
  familyName: string,
  inForce: Values,
  wanted: Values,
): ParameterChanges {
  const family = findFamily(familyName);
  assert(family !== undefined, `${familyName} is a known parameter group family`);
  const changed = family.definitions.filter(({ name }) => inForce[name] !== wanted[name]);
  const named = (type: "immediate" | "requires-reboot") =>
    changed.filter(({ changeType }) => changeType === type).map(({ name }) => name);
  return { immediate: named("immediate"), atReboot: named("requires-reboot") };
}
