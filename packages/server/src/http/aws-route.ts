import type { FastifyInstance, FastifyReply } from "fastify";
import type { AwsEndpoint } from "../aws/endpoint.ts";
import type { AwsAnswer } from "../aws/protocol.ts";
import { signedRequest } from "./signed-request.ts";

/** Serves every AWS service on `/`. */
export function addAwsRoute(app: FastifyInstance, endpoint: AwsEndpoint): void {
  app.route({
    method: ["GET", "POST"],
    url: "/",
    handler: async (request, reply) => send(reply, await endpoint.answer(signedRequest(request))),
  });
}

/** Puts an AWS answer on the wire. */
export function send(reply: FastifyReply, { status, contentType, body }: AwsAnswer): FastifyReply {
  return reply
    .code(status)
    .header("content-type", contentType)
    .header("x-amzn-requestid", reply.request.id)
    .send(body);
}
