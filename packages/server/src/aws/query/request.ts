import { Fault } from "../fault.ts";
import type { Asked, AwsRequest } from "../protocol.ts";
import type { AwsService } from "../service.ts";
import { addFields, type Field, newField } from "./fields.ts";
import { type Dialect, readStructure } from "./input.ts";

const formType = "application/x-www-form-urlencoded";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * What a request of a query protocol asks for: its parameters stand in the query string, in a
 * form-encoded body, or (as a presigned POST has them) in both.
 */
export function readQueryRequest(
  service: AwsService,
  request: AwsRequest,
  dialect: Dialect,
): Asked {
  const fields = readFields(request);
  const action = fields.children.get("Action")?.value ?? "";
  if (action === "") throw new Fault("MissingAction", "The request must contain an Action.");
  const version = fields.children.get("Version")?.value ?? "NO_VERSION_SPECIFIED";
  const operation = service.operations.get(action);
  if (operation === undefined || version !== service.version) {
    throw new Fault(
      "InvalidAction",
      `Could not find operation ${shorten(action)} for version ${shorten(version)}; ` +
        `${service.name} has version ${service.version}.`,
    );
  }
  const { input } = operation;
  return {
    operation,
    readInput: () => (input === null ? {} : readStructure(input, fields, "", dialect)),
  };
}

function readFields({ queryString, contentType, body }: AwsRequest): Field {
  const fields = newField();
  addFields(fields, queryString);
  if (body.length === 0) return fields;
  if (contentType !== formType) {
    throw new Fault("MalformedQueryString", `The content type of a request's body is ${formType}.`);
  }
  addFields(fields, decodeBody(body));
  return fields;
}

function decodeBody(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new Fault("MalformedQueryString", "The request's body is not UTF-8.");
  }
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
