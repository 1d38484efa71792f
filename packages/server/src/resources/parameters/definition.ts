import type { NodeType } from "../node-type.ts";

/** The values that a parameter can take. */
export type Allowed =
  | { readonly kind: "choice"; readonly values: readonly string[] }
  /** Whole numbers from `min` to `max`, and `also` (a value with a meaning of its own) if given. */
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly also?: number }
  | { readonly kind: "decimal"; readonly min: number; readonly max: number }
  /** Any selection of these letters, none too. */
  | { readonly kind: "letters"; readonly letters: string }
  /** Not for callers to choose. */
  | { readonly kind: "fixed" };

/** When a changed value reaches a node: while it runs, or with its next start. */
export type ChangeType = "immediate" | "requires-reboot";

/** One engine parameter of a family, by AWS's name. */
export interface ParameterDefinition {
  readonly name: string;
  /** The family's default; a function where it follows from the node type. */
  readonly value: string | ((nodeType: NodeType) => string);
  readonly allowed: Allowed;
  readonly dataType: "string" | "integer" | "float";
  readonly modifiable: boolean;
  readonly changeType: ChangeType;
  readonly description: string;
  readonly minimumEngineVersion: string;
}

/** The largest value of an open-ended count: what every engine holds in a 32-bit integer. */
const countMax = 2 ** 31 - 1;

/** The largest value of an open-ended size in bytes. */
export const sizeBytesMax = Number.MAX_SAFE_INTEGER;

export const fixed: Allowed = { kind: "fixed" };
export const yesNo = choice("yes", "no");
export const zeroOne = choice("0", "1");

export function choice(...values: readonly string[]): Allowed {
  return { kind: "choice", values };
}

/** Whole numbers from `min` on, up to what an engine's integer holds unless `max` is given. */
export function from(min: number, max = countMax): Allowed {
  return { kind: "integer", min, max };
}

/** `value`, which has a meaning of its own, or a whole number from `min` on. */
export function exactlyOrFrom(value: number, min: number, max = countMax): Allowed {
  return { kind: "integer", min, max, also: value };
}

/** `allowed` as the API writes it, e.g. "yes,no", "0-", "0,20-", "1-65000"; "" where fixed. */
export function allowedText(allowed: Allowed): string {
  switch (allowed.kind) {
    case "choice":
      return allowed.values.join(",");
    case "integer": {
      const open = allowed.max === countMax || allowed.max === sizeBytesMax;
      const range = `${allowed.min}-${open ? "" : allowed.max}`;
      return allowed.also === undefined ? range : `${allowed.also},${range}`;
    }
    case "decimal":
      return `${allowed.min}-${allowed.max}`;
    case "letters":
      return allowed.letters;
    case "fixed":
      return "";
  }
}

/** Why a parameter cannot have `value`, as a sentence with what is allowed; null if it can. */
export function validateParameter(definition: ParameterDefinition, value: string): string | null {
  const wanted = unmetBy(definition.allowed, value);
  if (wanted === null) return null;
  return `The parameter ${definition.name} must be ${wanted}.`;
}

function unmetBy(allowed: Allowed, value: string): string | null {
  switch (allowed.kind) {
    case "choice":
      return allowed.values.includes(value) ? null : `one of ${allowed.values.join(", ")}`;
    case "integer": {
      const number = /^(0|-?[1-9]\d{0,15})$/.test(value) ? Number(value) : NaN;
      if (number === allowed.also) return null;
      if (number >= allowed.min && number <= allowed.max) return null;
      const range = `a whole number from ${allowed.min} to ${allowed.max}`;
      return allowed.also === undefined ? range : `${allowed.also}, or ${range}`;
    }
    case "decimal": {
      const number = /^\d{1,4}(\.\d{1,6})?$/.test(value) ? Number(value) : NaN;
      if (number >= allowed.min && number <= allowed.max) return null;
      return `a number from ${allowed.min} to ${allowed.max}`;
    }
    case "letters": {
      const known = [...value].every((letter) => allowed.letters.includes(letter));
      if (known && new Set(value).size === value.length) return null;
      return `made of the letters ${allowed.letters}, each at most once`;
    }
    case "fixed":
      return "left as it is";
  }
}

/** The value that a parameter has where the group does not set it. */
export function defaultValue(definition: ParameterDefinition, nodeType: NodeType): string {
  return typeof definition.value === "string" ? definition.value : definition.value(nodeType);
}
