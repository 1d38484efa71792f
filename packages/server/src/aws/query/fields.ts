import { Fault } from "../fault.ts";

/** Far above what any operation takes (a tag list of 50 makes 100), far below what could hurt. */
const fieldsMax = 10_000;
/** The deepest parameter of ElastiCache has eight parts. */
const partsMax = 16;

/**
 * The parameters of a query request as a tree: "Tags.Tag.1.Key=a" is the value "a" under four names.
 * Children are kept in Maps, so that names such as "__proto__" are names like any other.
 */
export interface Field {
  value: string | undefined;
  readonly children: Map<string, Field>;
}

/** A tree without parameters. */
export function newField(): Field {
  return { value: undefined, children: new Map() };
}

/**
 * Adds the form-encoded `text` to the tree. Refuses what is not form-encoded UTF-8 and what goes
 * beyond the bounds. A parameter that comes twice is refused as well: two readers of one request
 * could otherwise see different values.
 */
export function addFields(root: Field, text: string): void {
  let count = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("&", start);
    const end = found === -1 ? text.length : found;
    const pair = text.slice(start, end);
    start = end + 1;
    if (pair === "") continue;
    if (++count > fieldsMax) {
      throw new Fault("InvalidParameterValue", `A request has at most ${fieldsMax} parameters.`);
    }
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    add(root, name, equals === -1 ? "" : decode(pair.slice(equals + 1)));
  }
}

function add(root: Field, name: string, value: string): void {
  const parts = name.split(".", partsMax + 1);
  if (parts.length > partsMax) {
    throw new Fault("InvalidParameterValue", `A parameter's name has at most ${partsMax} parts.`);
  }
  let field = root;
  for (const part of parts) {
    let child = field.children.get(part);
    if (child === undefined) {
      child = newField();
      field.children.set(part, child);
    }
    field = child;
  }
  if (field.value !== undefined) {
    throw new Fault("InvalidParameterValue", `The parameter ${name} was sent more than once.`);
  }
  field.value = value;
}

/** Undoes form encoding, in which "+" is a space. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Fault("MalformedQueryString", "The parameters are not percent-encoded UTF-8.");
  }
}
