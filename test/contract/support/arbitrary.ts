import type { Member, Shape, StructureShape } from "@larder/server/aws/shape.ts";
import fc from "fast-check";

const forbidden = /[\p{Cc}\u2028\u2029\uFFFE\uFFFF]/gu;
const awkward = ["<a>&amp;'\"", "a=b&c=d", "%41+ ", "é ☃ 😀", "__proto__", "]]>", "0", "true"];

const text = fc
  .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...awkward))
  .map((value) => value.replace(forbidden, "").toWellFormed());

const time = fc.date({
  min: new Date("1970-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});

/** Values of a shape as a client sends them. */
export function inputOf(shape: StructureShape): fc.Arbitrary<Record<string, unknown>> {
  return structure(shape, (member) => valueOf(member, true));
}

/** Values of a shape as an operation answers them. */
export function outputOf(shape: StructureShape): fc.Arbitrary<Record<string, unknown>> {
  return structure(shape, (member) => valueOf(member, false));
}

function structure(shape: StructureShape, arbitrary: (shape: Shape) => fc.Arbitrary<unknown>) {
  const model = Object.fromEntries(
    shape.members.map((member: Member) => [member.name, arbitrary(member.shape)]),
  );
  const required = shape.members.filter((member) => member.required);
  return fc.record(model, {
    requiredKeys: required.map((member) => member.name),
    noNullPrototype: true,
  });
}

function valueOf(shape: Shape, asInput: boolean): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "string":
      return text;
    case "boolean":
      return fc.boolean();
    case "number":
      // Inputs are integers; among the outputs are prices.
      return asInput
        ? fc.integer()
        : fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map(plusZero));
    case "timestamp":
      return time;
    case "list":
      return fc.array(valueOf(shape.element, asInput), { maxLength: 3 });
    case "structure": {
      const inner = structure(shape, (member) => valueOf(member, asInput));
      // The query protocol has no way to write a structure without members.
      return asInput ? inner.filter(hasContent) : inner;
    }
  }
}

function plusZero(value: number): number {
  return value + 0;
}

function hasContent(value: unknown): boolean {
  return Object.keys(value as object).length > 0;
}
