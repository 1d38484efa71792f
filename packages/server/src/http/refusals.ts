import type { FastifyError, FastifyInstance } from "fastify";
import { internalFailure } from "../aws/dispatch.ts";
import { refuse } from "../aws/endpoint.ts";
import { Fault } from "../aws/fault.ts";
import type { Log } from "../base/log.ts";
import { send } from "./aws-route.ts";

const overrides = ["x-http-method-override", "x-http-method", "x-method-override"] as const;

/** Answers what reaches no route, and what a route cannot take. */
export function addRefusals(app: FastifyInstance, log: Log): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    if (overrides.some((name) => request.headers[name] !== undefined)) {
      return reply.code(400).send({ message: "the method of a request cannot be overridden" });
    }
    if (request.raw.url?.startsWith("/") !== true) {
      return reply.code(400).send({ message: "the request's target must be a path" });
    }
  });

  app.setNotFoundHandler((request, reply) => {
    if (request.url.split("?")[0] !== "/") {
      return reply.code(404).send({ message: "there is nothing at this path" });
    }
    const fault = new Fault("MethodNotAllowed", "AWS services take GET and POST requests.");
    return send(reply.header("allow", "GET, POST"), refuse(fault, request.id));
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) {
      // The rest of the body is not read, so the connection cannot serve another request.
      const closing = reply.header("connection", "close");
      return send(closing, { ...refuse(badRequest(error), request.id), status });
    }
    log.error({ requestId: request.id, err: error }, "request failed unexpectedly");
    return send(reply, refuse(internalFailure(request.id), request.id));
  });
}

function badRequest(error: FastifyError): Fault {
  if (error.statusCode === 413) {
    return new Fault("RequestEntityTooLarge", "The body of a request has at most 1048576 bytes.");
  }
  return new Fault("MalformedQueryString", `The request cannot be read: ${error.message}.`);
}
