import { assert } from "../../base/assert.ts";
import type { Shape, StructureShape } from "../shape.ts";

/**
 * Escapes text for XML. Line breaks and tabs become references, because parsers normalise them.
 * What XML 1.0 forbids even as a reference (other control characters, lone surrogates, U+FFFE and
 * U+FFFF) becomes U+FFFD: one such character would make the whole answer unreadable.
 */
export function escapeXml(text: string): string {
  return needsCare.test(text)
    ? text
        .toWellFormed()
        .replace(forbidden, "\uFFFD")
        .replace(special, (char) => names.get(char) ?? `&#x${char.charCodeAt(0).toString(16)};`)
    : text;
}

const needsCare = /[\p{Cc}\p{Cs}<>&"'\u2028\u2029\uFFFE\uFFFF]/u;
// oxlint-disable-next-line no-control-regex -- these are the characters to be taken out
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
const special = /[\p{Cc}<>&"'\u2028\u2029]/gu;
const names = new Map([
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
]);

/** The members of `value` as elements. Members that are undefined or null are left out. */
export function writeMembers(shape: StructureShape, value: unknown): string {
  assert(typeof value === "object" && value !== null, "an output is not a structure");
  let xml = "";
  for (const { name, wireName, shape: memberShape } of shape.members) {
    const member = Reflect.get(value, name) as unknown;
    if (member === undefined || member === null) continue;
    xml += writeMember(memberShape, wireName, member);
  }
  return xml;
}

function writeMember(shape: Shape, name: string, value: unknown): string {
  if (shape.kind !== "list") return element(name, writeValue(shape, value));
  assert(Array.isArray(value), `the output ${name} is not a list`);
  const elementName = shape.flattened ? name : shape.elementName;
  let xml = "";
  for (const item of value) {
    if (item !== undefined && item !== null) xml += writeMember(shape.element, elementName, item);
  }
  return shape.flattened ? xml : element(name, xml);
}

function element(name: string, content: string): string {
  return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function writeValue(shape: Exclude<Shape, { kind: "list" }>, value: unknown): string {
  switch (shape.kind) {
    case "structure":
      return writeMembers(shape, value);
    case "string":
      assert(typeof value === "string", "an output is not a string");
      return escapeXml(value);
    case "boolean":
      assert(typeof value === "boolean", "an output is not a boolean");
      return String(value);
    case "number":
      assert(Number.isFinite(value), "an output is not a number");
      return String(value);
    case "timestamp":
      assert(value instanceof Date, "an output is not a time");
      return value.toISOString();
  }
}
