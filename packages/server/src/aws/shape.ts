import { NormalizedSchema } from "@smithy/core/schema";
import { assert } from "../base/assert.ts";

/**
 * What an operation takes or gives, read once from the SDK's runtime schema. Only this file knows
 * how the SDK writes schemas down; protocols work on these shapes.
 */
export type Shape = ScalarShape | ListShape | StructureShape;

export interface ScalarShape {
  readonly kind: "string" | "boolean" | "number" | "timestamp";
}

export interface ListShape {
  readonly kind: "list";
  readonly element: Shape;
  /** The element's name on the wire: the model's `locationName`, else "member". */
  readonly elementName: string;
  /** Elements stand on the wire without an enclosing list. */
  readonly flattened: boolean;
}

export interface StructureShape {
  readonly kind: "structure";
  readonly members: readonly Member[];
}

/** One member of a structure. */
export interface Member {
  /** In JavaScript. */
  readonly name: string;
  /** On the wire: the model's `locationName`, else the name. */
  readonly wireName: string;
  /** In a request of the ec2 query protocol: a name of its own, else the wire's with a capital. */
  readonly ec2Name: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** Marked in the model as something that no log may show. */
  readonly sensitive: boolean;
}

const known = new WeakMap<object, StructureShape>();

/** The structure behind an operation's input or output; null where the model has none. */
export function structureOf(schema: unknown): StructureShape | null {
  const normalized = NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
  if (normalized.isUnitSchema()) return null;
  return readStructure(normalized);
}

function readStructure(schema: NormalizedSchema): StructureShape {
  assert(schema.isStructSchema(), `schema ${schema.getName() ?? "?"} is not a structure`);
  const definition = schema.getSchema() as unknown as readonly unknown[];
  const seen = known.get(definition);
  if (seen !== undefined) return seen;
  const members: Member[] = [];
  const shape: StructureShape = { kind: "structure", members };
  // Remembered before its members are read, because a structure may contain itself.
  known.set(definition, shape);
  // A structure's schema is [3, namespace, name, traits, names, schemas, requiredCount]: the model's
  // required members stand first.
  const requiredCount = typeof definition[6] === "number" ? definition[6] : 0;
  for (const [name, member] of schema.structIterator()) {
    // The name of a list's elements is a trait of the elements, so only the member's own count here.
    const { xmlName, ec2QueryName } = member.getMemberTraits();
    const wireName = xmlName ?? name;
    members.push({
      name,
      wireName,
      ec2Name: typeof ec2QueryName === "string" ? ec2QueryName : capitalized(wireName),
      shape: readShape(member),
      required: members.length < requiredCount,
      sensitive: Boolean(member.getMergedTraits().sensitive),
    });
  }
  return shape;
}

function capitalized(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

function readShape(schema: NormalizedSchema): Shape {
  if (schema.isStructSchema()) return readStructure(schema);
  if (schema.isListSchema()) {
    const element = schema.getValueSchema();
    return {
      kind: "list",
      element: readShape(element),
      elementName: element.getMergedTraits().xmlName ?? "member",
      flattened: Boolean(schema.getMergedTraits().xmlFlattened),
    };
  }
  if (schema.isStringSchema()) return { kind: "string" };
  if (schema.isBooleanSchema()) return { kind: "boolean" };
  if (schema.isNumericSchema()) return { kind: "number" };
  assert(schema.isTimestampSchema(), `no protocol reads the schema ${schema.getName() ?? "?"}`);
  return { kind: "timestamp" };
}
