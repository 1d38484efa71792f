import { Fault } from "../fault.ts";
import type { ListShape, Member, ScalarShape, Shape, StructureShape } from "../shape.ts";
import type { Field } from "./fields.ts";
import { parseTimestamp } from "./timestamp.ts";

/**
 * Control characters and the line separators U+2028 and U+2029. No parameter has a use for them, and
 * in an engine's configuration a line break would start a new directive.
 */
const forbidden = /[\p{Cc}\u2028\u2029]/u;
const index = /^(?:0|[1-9]\d{0,8})$/;
const integer = /^[+-]?\d{1,10}$/;

/** In what the two query protocols differ when they name parameters. */
export interface Dialect {
  /** The name of a structure's member. */
  readonly nameOf: (member: Member) => string;
  /** The names that may stand between a list and the numbers of its elements. */
  readonly elementNames: (list: ListShape) => readonly string[];
}

/**
 * Clients write the elements of a list in three ways, and all of them are read: under the model's
 * name (Tags.Tag.1), under "member" (Tags.member.1), or directly (Tags.1).
 */
export const queryDialect: Dialect = {
  nameOf: (member) => member.wireName,
  elementNames: (list) => [list.elementName, "member"],
};

/**
 * The input that `field` holds, checked against `shape`: required members are present, values have
 * the right type. Parameters that the model does not know are ignored, as AWS does. `path` is the
 * parameter's name as the caller wrote it.
 *
 * AWS has three codes for a bad parameter. Here a missing one is MissingParameter, one of the wrong
 * type ValidationError, and one with a forbidden character or a contradiction InvalidParameterValue.
 */
export function readStructure(
  shape: StructureShape,
  field: Field,
  path: string,
  dialect: Dialect,
): Record<string, unknown> {
  if (field.value !== undefined && field.value !== "") {
    throw new Fault("ValidationError", `${path} is a structure: write ${path}.MEMBER=VALUE.`);
  }
  const input: Record<string, unknown> = {};
  for (const member of shape.members) {
    const wireName = dialect.nameOf(member);
    const memberPath = path === "" ? wireName : `${path}.${wireName}`;
    const child = field.children.get(wireName);
    if (child !== undefined) {
      input[member.name] = readValue(member.shape, child, memberPath, dialect);
    } else if (member.required) {
      throw new Fault("MissingParameter", `The request must contain the parameter ${memberPath}.`);
    }
  }
  return input;
}

function readValue(shape: Shape, field: Field, path: string, dialect: Dialect): unknown {
  switch (shape.kind) {
    case "structure":
      return readStructure(shape, field, path, dialect);
    case "list":
      return readList(shape, field, path, dialect);
    default:
      return readScalar(shape, field, path);
  }
}

function readList(shape: ListShape, field: Field, path: string, dialect: Dialect): unknown[] {
  const names = dialect.elementNames(shape);
  const refuse = (name: string) => refuseElement(path, name, names);
  if (field.value !== undefined && (field.value !== "" || field.children.size > 0)) {
    throw new Fault("ValidationError", `${path} is a list: write ${examples(path, names)[0]}.`);
  }
  const ways = new Map<string, Map<string, Field>>();
  for (const [name, child] of field.children) {
    if (index.test(name)) ways.set(path, field.children);
    else if (names.includes(name)) ways.set(`${path}.${name}`, child.children);
    else refuse(name);
    if (!index.test(name) && child.value !== undefined) refuse(name);
  }
  const [way, another] = ways;
  if (way === undefined) return [];
  if (another !== undefined) {
    throw new Fault("InvalidParameterValue", `The elements of ${path} are written in two ways.`);
  }
  const [prefix, elements] = way;
  for (const name of elements.keys()) if (!index.test(name)) refuse(name);
  return [...elements]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([number, element]) => readValue(shape.element, element, `${prefix}.${number}`, dialect));
}

function refuseElement(path: string, name: string, names: readonly string[]): never {
  throw new Fault(
    "ValidationError",
    `${name} does not name an element of ${path}: write ${examples(path, names).join(" or ")}.`,
  );
}

function examples(path: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [`${path}.1`] : names.map((name) => `${path}.${name}.1`);
}

function readScalar(shape: ScalarShape, field: Field, path: string): unknown {
  const text = field.value;
  if (text === undefined || field.children.size > 0) {
    throw new Fault("ValidationError", `${path} takes one value: write ${path}=VALUE.`);
  }
  // The messages leave the value out: it may be a password.
  if (forbidden.test(text)) {
    throw new Fault(
      "InvalidParameterValue",
      `The parameter ${path} must not contain control characters or line breaks.`,
    );
  }
  switch (shape.kind) {
    case "string":
      return text;
    case "boolean":
      return readBoolean(text) ?? wrongType(path, "true or false");
    case "number":
      return readInteger(text) ?? wrongType(path, "an integer from -2147483648 to 2147483647");
    case "timestamp":
      return parseTimestamp(text) ?? wrongType(path, "a time such as 2024-01-31T12:00:00Z");
  }
}

function wrongType(path: string, allowed: string): never {
  throw new Fault("ValidationError", `The value of ${path} must be ${allowed}.`);
}

function readBoolean(text: string): boolean | null {
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

// The schemas do not tell integers from doubles. No input of the services served so far is a double,
// and all their integers have 32 bits.
function readInteger(text: string): number | null {
  const value = Number(text);
  return integer.test(text) && value === Math.trunc(value) && value === (value | 0)
    ? value + 0
    : null;
}
