import type { Allowed, ParameterDefinition } from "./definition.ts";

type Value = ParameterDefinition["value"];

/** A parameter that callers may set. `since` is the first engine version that has it. */
export function settable(
  name: string,
  value: Value,
  allowed: Allowed,
  since: string,
  description: string,
): ParameterDefinition {
  return row(name, value, allowed, since, description, true);
}

/** A parameter that is only shown: AWS fixes it, or Larder does not carry out another value. */
export function shown(
  name: string,
  value: Value,
  allowed: Allowed,
  since: string,
  description: string,
): ParameterDefinition {
  return row(name, value, allowed, since, description, false);
}

/** The parameter as one whose changes reach a node with its next start alone. */
export function atReboot(definition: ParameterDefinition): ParameterDefinition {
  return { ...definition, changeType: "requires-reboot" };
}

function row(
  name: string,
  value: Value,
  allowed: Allowed,
  since: string,
  description: string,
  modifiable: boolean,
): ParameterDefinition {
  const dataType = dataTypeOf(value, allowed);
  const common = { changeType: "immediate", minimumEngineVersion: since } as const;
  return { name, value, allowed, dataType, modifiable, description, ...common };
}

function dataTypeOf(value: Value, allowed: Allowed): ParameterDefinition["dataType"] {
  if (allowed.kind === "integer") return "integer";
  if (allowed.kind === "decimal") return "float";
  const samples = allowed.kind === "choice" ? allowed.values : [value];
  // A value that follows from the node type is always a size or a count.
  const numeric = samples.every((one) => typeof one === "function" || /^-?\d+$/.test(one));
  return numeric ? "integer" : "string";
}
