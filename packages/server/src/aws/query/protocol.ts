import { Fault } from "../fault.ts";
import type { AwsRequest, Protocol } from "../protocol.ts";
import { addFields, type Field, newField } from "./fields.ts";
import { readStructure } from "./input.ts";
import { escapeXml, writeMembers } from "./output.ts";

const formType = "application/x-www-form-urlencoded";
const xmlType = "text/xml;charset=utf-8";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The AWS Query protocol: parameters in the query string, in a form-encoded body, or (as a presigned
 * POST has them) in both; answers in XML.
 */
export const queryProtocol: Protocol = {
  read(service, request) {
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
    return { operation, readInput: () => (input === null ? {} : readStructure(input, fields, "")) };
  },

  answer(service, operation, output, requestId) {
    const result =
      operation.output === null || operation.output.members.length === 0
        ? ""
        : `<${operation.name}Result>${writeMembers(operation.output, output)}` +
          `</${operation.name}Result>`;
    const body =
      `<${operation.name}Response xmlns="${escapeXml(service.xmlNamespace)}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
      `</${operation.name}Response>`;
    return { status: 200, contentType: xmlType, body };
  },

  refuse(service, fault, status, requestId) {
    const namespace = service === null ? "" : ` xmlns="${escapeXml(service.xmlNamespace)}"`;
    const body =
      `<ErrorResponse${namespace}><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type>` +
      `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>` +
      `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, contentType: xmlType, body };
  },
};

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
