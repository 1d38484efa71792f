import type { FastifyRequest } from "fastify";
import type { EndpointRequest } from "../aws/endpoint.ts";
import type { RawHeader } from "../aws/sigv4/signature.ts";

const noBody = Buffer.alloc(0);

/** The request as it came, for its signature to be verified. */
export function signedRequest(request: FastifyRequest): EndpointRequest {
  const { raw, body, id, ip } = request;
  const headers: RawHeader[] = [];
  for (let at = 0; at + 1 < raw.rawHeaders.length; at += 2) {
    headers.push([raw.rawHeaders[at] ?? "", raw.rawHeaders[at + 1] ?? ""]);
  }
  return {
    requestId: id,
    remoteAddress: ip,
    method: raw.method ?? "",
    url: raw.url ?? "",
    headers,
    body: Buffer.isBuffer(body) ? body : noBody,
  };
}
