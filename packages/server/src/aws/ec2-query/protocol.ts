import type { Protocol } from "../protocol.ts";
import type { Dialect } from "../query/input.ts";
import { escapeXml, writeMembers } from "../query/output.ts";
import { readQueryRequest } from "../query/request.ts";

const xmlType = "text/xml;charset=utf-8";

/** Names have capitals, and nothing stands between a list and its numbers: "Filter.1.Value.1". */
const ec2Dialect: Dialect = { nameOf: (member) => member.ec2Name, elementNames: () => [] };

/**
 * The query protocol as EC2 has it: parameters named in its own way, results directly below the
 * response, errors in a list.
 */
export const ec2QueryProtocol: Protocol = {
  read: (service, request) => readQueryRequest(service, request, ec2Dialect),

  answer(service, operation, output, requestId) {
    // An operation without result says that it was done.
    const result =
      operation.output === null ? "<return>true</return>" : writeMembers(operation.output, output);
    const body =
      `<${operation.name}Response xmlns="${escapeXml(service.xmlNamespace)}">` +
      `<requestId>${requestId}</requestId>${result}</${operation.name}Response>`;
    return { status: 200, contentType: xmlType, body };
  },

  refuse(_service, fault, status, requestId) {
    const body =
      `<Response><Errors><Error><Code>${escapeXml(fault.code)}</Code>` +
      `<Message>${escapeXml(fault.message)}</Message></Error></Errors>` +
      `<RequestID>${requestId}</RequestID></Response>`;
    return { status, contentType: xmlType, body };
  },
};
