import { assert } from "../base/assert.ts";
import type { Call } from "./call.ts";
import { commonErrorStatus } from "./common-errors.ts";
import type { NotImplemented } from "./not-implemented.ts";
import type { Protocol } from "./protocol.ts";
import { structureOf, type StructureShape } from "./shape.ts";

/** What a service is made of. `C` is what its operations are told beyond the plain Call. */
export interface ServiceDefinition<C extends Call> {
  /** The signing name, which chooses the service: it stands in the signature's credential scope. */
  readonly name: string;
  /** The API version, for example "2015-02-02". */
  readonly version: string;
  readonly xmlNamespace: string;
  readonly protocol: Protocol;
  /** The exports of the service's SDK package: the schemas of operations and errors among them. */
  readonly sdk: object;
  readonly operations: Readonly<Record<string, Handler<C> | NotImplemented>>;
  /** Said of the SDK's operations that are not among `operations`. */
  readonly otherwise?: NotImplemented;
  /** HTTP status by error code, of a service whose SDK has no schemas of its errors. */
  readonly errorStatus?: ReadonlyMap<string, number>;
  /** Members that no log may show, beyond those that the model marks as sensitive. */
  readonly secrets?: readonly string[];
  /** Adds what the service's operations work with. */
  readonly context: (call: Call) => C;
}

/** An operation's code; `never` stands for the input, whose type depends on the operation. */
type Handler<C> = (input: never, call: C) => unknown;

/** A service, ready to be asked. */
export interface AwsService {
  readonly name: string;
  readonly version: string;
  readonly xmlNamespace: string;
  readonly protocol: Protocol;
  readonly operations: ReadonlyMap<string, AwsOperation>;
  readonly secrets: ReadonlySet<string>;
  /** HTTP status of an error code; undefined for a code that the service does not have. */
  statusOf(code: string): number | undefined;
}

/** One operation of a service. */
export interface AwsOperation {
  readonly name: string;
  /** Null where the model has none, and for an operation that is not implemented. */
  readonly input: StructureShape | null;
  readonly output: StructureShape | null;
  readonly run: ((input: Record<string, unknown>, call: Call) => unknown) | NotImplemented;
}

/**
 * Reads the schemas of every operation that has a handler, and of every error, once. Throws when an
 * operation has no schema, or one that no protocol can read.
 */
export function defineService<C extends Call>(definition: ServiceDefinition<C>): AwsService {
  const { name, version, xmlNamespace, protocol, context, sdk } = definition;
  const operations = new Map<string, AwsOperation>(absentOperations(sdk, definition.otherwise));
  for (const [operation, handler] of Object.entries(definition.operations)) {
    const schema = Reflect.get(sdk, `${operation}$`) as unknown;
    assert(isSchema(schema, 9), `${name} has no operation ${operation}`);
    if (typeof handler !== "function") {
      operations.set(operation, { name: operation, input: null, output: null, run: handler });
      continue;
    }
    const [, , , , input, output] = schema;
    operations.set(operation, {
      name: operation,
      input: structureOf(input),
      output: structureOf(output),
      run: (given, call) => handler(given as never, context(call)),
    });
  }
  const statuses = new Map([...errorStatuses(sdk), ...(definition.errorStatus ?? [])]);
  return {
    name,
    version,
    xmlNamespace,
    protocol,
    operations,
    secrets: new Set(definition.secrets ?? []),
    statusOf: (code) => statuses.get(code) ?? commonErrorStatus.get(code),
  };
}

// A static schema is an array that starts with its kind: 9 for an operation, -3 for an error.
function isSchema(value: unknown, kind: number): value is readonly unknown[] {
  return Array.isArray(value) && value[0] === kind;
}

function absentOperations(
  sdk: object,
  otherwise: NotImplemented | undefined,
): readonly (readonly [string, AwsOperation])[] {
  if (otherwise === undefined) return [];
  return Object.entries(sdk).flatMap(([key, schema]) => {
    if (!isSchema(schema, 9)) return [];
    const name = key.slice(0, -1);
    return [[name, { name, input: null, output: null, run: otherwise }]];
  });
}

function errorStatuses(sdk: object): Map<string, number> {
  const statuses = new Map<string, number>();
  for (const schema of Object.values(sdk)) {
    if (!isSchema(schema, -3)) continue;
    const traits = schema[3];
    if (typeof traits !== "object" || traits === null || !("awsQueryError" in traits)) continue;
    const [code, status] = traits.awsQueryError as readonly [string, number];
    statuses.set(code, status);
  }
  return statuses;
}
