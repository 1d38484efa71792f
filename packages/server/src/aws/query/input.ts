import { Fault } from "../fault.ts";
import type { ListShape, ScalarShape, Shape, StructureShape } from "../shape.ts";
import type { Field } from "./fields.ts";
import { parseTimestamp } from "./timestamp.ts";

/**
 * Control characters and the line separators U+2028 and U+2029. No parameter has a use for them, and
 * in an engine's configuration a line break would start a new directive.
 */
const forbidden = /[\p{Cc}\u2028\u2029]/u;
const index = /^(?:0|[1-9]\d{0,8})$/;
const integer = /^[+-]?\d{1,10}$/;

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
): Record<string, unknown> {
  if (field.value !== undefined && field.value !== "") {
    throw new Fault("ValidationError", `${path} is a structure: write ${path}.MEMBER=VALUE.`);
  }
  const input: Record<string, unknown> = {};
  for (const { name, wireName, shape: memberShape, required } of shape.members) {
    const memberPath = path === "" ? wireName : `${path}.${wireName}`;
    const child = field.children.get(wireName);
    if (child !== undefined) input[name] = readValue(memberShape, child, memberPath);
    else if (required) {
      throw new Fault("MissingParameter", `The request must contain the parameter ${memberPath}.`);
    }
  }
  return input;
}

function readValue(shape: Shape, field: Field, path: string): unknown {
  switch (shape.kind) {
    case "structure":
      return readStructure(shape, field, path);
    case "list":
      return readList(shape, field, path);
    default:
      return readScalar(shape, field, path);
  }
}

/**
 * Clients write the elements of a list in three ways, and all of them are read: under the model's
 * name (Tags.Tag.1), under "member" (Tags.member.1), or directly (Tags.1).
 */
function readList(shape: ListShape, field: Field, path: string): unknown[] {
  if (field.value !== undefined && (field.value !== "" || field.children.size > 0)) {
    throw new Fault("ValidationError", `${path} is a list: write ${path}.${shape.elementName}.1.`);
  }
  const ways = new Map<string, Map<string, Field>>();
  for (const [name, child] of field.children) {
    if (index.test(name)) ways.set(path, field.children);
    else if (name === shape.elementName || name === "member") {
      ways.set(`${path}.${name}`, child.children);
    } else refuseElement(shape, path, name);
    if (!index.test(name) && child.value !== undefined) refuseElement(shape, path, name);
  }
  const [way, another] = ways;
  if (way === undefined) return [];
  if (another !== undefined) {
    throw new Fault("InvalidParameterValue", `The elements of ${path} are written in two ways.`);
  }
  return readElements(shape, path, way[0], way[1]);
}

function readElements(
  shape: ListShape,
  path: string,
  prefix: string,
  elements: ReadonlyMap<string, Field>,
): unknown[] {
  const numbers = [...elements.keys()].map((name) => {
    if (!index.test(name)) refuseElement(shape, path, name);
    return Number(name);
  });
  return numbers
    .toSorted((a, b) => a - b)
    .flatMap((number) => {
      const element = elements.get(String(number));
      return element ? [readValue(shape.element, element, `${prefix}.${number}`)] : [];
    });
}

function refuseElement(shape: ListShape, path: string, name: string): never {
  throw new Fault(
    "ValidationError",
    `${name} does not name an element of ${path}: write ${path}.${shape.elementName}.1 or ` +
      `${path}.member.1.`,
  );
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
