import type { Protocol } from "../protocol.ts";
import { queryDialect } from "./input.ts";
import { escapeXml, writeMembers } from "./output.ts";
import { readQueryRequest } from "./request.ts";

const xmlType = "text/xml;charset=utf-8";

/** The AWS Query protocol: form-encoded parameters, answers in XML. */
export const queryProtocol: Protocol = {
  read: (service, request) => readQueryRequest(service, request, queryDialect),

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
