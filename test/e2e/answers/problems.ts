import type { Shape, StructureShape } from "@larder/server/aws/shape.ts";
import { Absent, AtLeast, Each, either, Empty, moment, Perhaps } from "./expected.ts";

/**
 * Where an answer is not as the table has it, one sentence a place; none for an answer as expected.
 * @param shape of the answer in the API's model; null where the model has no answer
 */
export function problemsOf(
  shape: StructureShape | null,
  expected: object,
  answer: object,
): readonly string[] {
  const model = shape ?? { kind: "structure", members: [] };
  return structure(model, expected, answer, "answer");
}

function structure(
  { members }: StructureShape,
  expected: object,
  value: object,
  path: string,
): readonly string[] {
  const known = new Set(members.map(({ name }) => name));
  const strangers = Object.keys(expected).filter((name) => !known.has(name));
  return [
    ...strangers.map((name) => `${path}.${name} is in the table, and not in the API's model`),
    ...members.flatMap(({ name, shape }) => {
      const place = `${path}.${name}`;
      const wanted: unknown = Reflect.get(expected, name);
      if (wanted === undefined) return [`${place} is in the API's model, and not in the table`];
      return present(shape, wanted, Reflect.get(value, name), place);
    }),
  ];
}

function present(shape: Shape, wanted: unknown, value: unknown, path: string): readonly string[] {
  if (wanted instanceof Absent) {
    if (value === undefined) return [];
    return [`${path} is ${shown(value)}, and should be absent: ${wanted.because}`];
  }
  if (wanted instanceof Perhaps) {
    return value === undefined ? [] : present(shape, wanted.expected, value, path);
  }
  if (value === undefined) return [`${path} is absent`];
  switch (shape.kind) {
    case "structure":
      return structure(shape, wanted as object, value as object, path);
    case "list":
      return list(shape.element, wanted, value as readonly unknown[], path);
    case "boolean":
    case "number":
    case "string":
    case "timestamp":
      return isOfForm(wanted, value) ? [] : [`${path} is ${shown(value)}, not ${form(wanted)}`];
  }
}

function list(
  element: Shape,
  wanted: unknown,
  values: readonly unknown[],
  path: string,
): readonly string[] {
  if (wanted instanceof Empty) {
    if (values.length === 0) return [];
    return [`${path} is ${shown(values)}, and should be empty: ${wanted.because}`];
  }
  if (!(wanted instanceof Each)) return [`${path} is a list, and the table has none`];
  if (values.length === 0) return [`${path} is empty`];
  return values.flatMap((value, at) => present(element, wanted.element, value, `${path}[${at}]`));
}

function isOfForm(wanted: unknown, value: unknown): boolean {
  if (wanted instanceof RegExp) return typeof value === "string" && wanted.test(value);
  if (wanted instanceof AtLeast) return typeof value === "number" && value >= wanted.least;
  if (wanted === either) return typeof value === "boolean";
  if (wanted === moment) return value instanceof Date && !Number.isNaN(value.getTime());
  return wanted === value;
}

function form(wanted: unknown): string {
  if (wanted instanceof RegExp) return String(wanted);
  if (wanted instanceof AtLeast) return `at least ${wanted.least}`;
  return typeof wanted === "symbol" ? String(wanted.description) : shown(wanted);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
