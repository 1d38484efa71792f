import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AwsEndpoint } from "../aws/endpoint.ts";
import { commonErrorStatus } from "../aws/common-errors.ts";
import { Fault } from "../aws/fault.ts";
import type { Log } from "../base/log.ts";
import type { Admin } from "./admin.ts";
import { signedRequest } from "./signed-request.ts";

/** The service name that requests of the `larder` command are signed for. */
const serviceName = "larder";

/** Serves what the `larder` command asks of a running server, signed like any AWS request. */
export function addAdminRoutes(
  app: FastifyInstance,
  endpoint: AwsEndpoint,
  admin: Admin,
  log: Log,
): void {
  const guarded =
    (action: string, run: () => Promise<object>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        const { principal } = authorize(endpoint, request);
        log.info(
          { requestId: request.id, action, principal: principal.arn },
          "administrative request",
        );
        return await run();
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        const { code, message } = thrown;
        return reply
          .code(commonErrorStatus.get(code) ?? 500)
          .send({ code, message, requestId: request.id });
      }
    };
  app.get(
    "/larder/status",
    guarded("status", () => admin.status()),
  );
  app.post(
    "/larder/down",
    guarded("down", async () => {
      await admin.down();
      return { status: "down" };
    }),
  );
}

function authorize(endpoint: AwsEndpoint, request: FastifyRequest) {
  const signer = endpoint.verify(signedRequest(request));
  if (signer.service !== serviceName) {
    throw new Fault(
      "SignatureDoesNotMatch",
      `Credential should be scoped to correct service: '${serviceName}'.`,
    );
  }
  if (signer.principal.arn !== `arn:aws:iam::${signer.account}:root`) {
    throw new Fault("AccessDenied", "Only the account's root may do this.");
  }
  return signer;
}
