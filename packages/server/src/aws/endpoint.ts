import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { DeferredService } from "./deferred-service.ts";
import { dispatch, internalFailure } from "./dispatch.ts";
import { type FailureMeter, newFailureMeter } from "./failure-meter.ts";
import { Fault } from "./fault.ts";
import type { KeyRing } from "./key-ring.ts";
import type { AwsAnswer, Protocol } from "./protocol.ts";
import { queryProtocol } from "./query/protocol.ts";
import type { AwsService } from "./service.ts";
import { readCredentials } from "./sigv4/credentials.ts";
import { headerValues, type SignedRequest, splitUrl } from "./sigv4/signature.ts";
import { type Signer, verifySignature } from "./sigv4/verify.ts";
import { commonErrorStatus } from "./common-errors.ts";

/** What the AWS services share. */
export interface EndpointOptions {
  readonly services: readonly (AwsService | DeferredService)[];
  readonly keyRing: KeyRing;
  readonly log: Log;
  readonly clock: Clock;
}

/** A request as it came, under the id that its answer carries. */
export interface EndpointRequest extends SignedRequest {
  readonly requestId: string;
  /** The caller's IP address, for the log. */
  readonly remoteAddress: string;
}

/** Every AWS service behind one door. */
export interface AwsEndpoint {
  /** Verifies the signature and runs the operation. Never throws. */
  answer(request: EndpointRequest): Promise<AwsAnswer>;
  /** Who signed the request; throws a Fault, which is also logged, unless the signature is right. */
  verify(request: EndpointRequest): Signer;
}

/** Puts services behind one door: the service in a signature's credential scope chooses. */
export function createAwsEndpoint(options: EndpointOptions): AwsEndpoint {
  const { keyRing, log, clock } = options;
  const services = new Map(options.services.map((service) => [service.name, service]));
  const failures = newFailureMeter(clock);

  const verify = (request: EndpointRequest): Signer => {
    try {
      return verifySignature(request, keyRing, clock.now());
    } catch (thrown) {
      throw logged(thrown, request, failures, log);
    }
  };

  const answer = async (request: EndpointRequest): Promise<AwsAnswer> => {
    const { requestId } = request;
    try {
      const signer = verify(request);
      const found = services.get(signer.service);
      if (found === undefined) throw unknownService(signer.service, [...services.keys()]);
      const service = "load" in found ? await found.load() : found;
      const call = {
        requestId,
        account: signer.account,
        region: signer.region,
        principal: signer.principal,
        now: clock.now(),
      };
      return await dispatch(service, toAwsRequest(request), call, log);
    } catch (thrown) {
      const protocol = services.get(claimedService(request))?.protocol;
      if (thrown instanceof Fault) return refuse(thrown, requestId, protocol);
      log.error({ requestId, err: thrown }, "request failed unexpectedly");
      return refuse(internalFailure(requestId), requestId, protocol);
    }
  };

  return { answer, verify };
}

/** The answer to a request that came to no service, in the protocol of the one it was meant for. */
export function refuse(
  fault: Fault,
  requestId: string,
  protocol: Protocol = queryProtocol,
): AwsAnswer {
  return protocol.refuse(null, fault, commonErrorStatus.get(fault.code) ?? 500, requestId);
}

/** The service that a request says it is for, unverified; "" where it does not say. */
function claimedService(request: EndpointRequest): string {
  try {
    return readCredentials(request).scope.service;
  } catch {
    // Why it cannot be read is what the caller is being told already.
    return "";
  }
}

// Requests that fail are never turned away unverified: somebody who guesses would then lock out
// everybody who calls from the same address. They only stop being told why, and stop filling the log.
function logged(
  thrown: unknown,
  { requestId, remoteAddress, headers }: EndpointRequest,
  failures: FailureMeter,
  log: Log,
): unknown {
  if (!(thrown instanceof Fault)) return thrown;
  const verdict = failures.count(remoteAddress);
  if (verdict === "silent") {
    return new Fault("Throttling", "Too many requests from this address failed authentication.");
  }
  const [userAgent = ""] = headerValues(headers, "user-agent");
  log.warn(
    { requestId, remoteAddress, userAgent: userAgent.slice(0, 200), code: thrown.code },
    verdict === "last" ? "request refused; more will not be logged" : "request refused",
  );
  return thrown;
}

function unknownService(name: string, known: readonly string[]): Fault {
  return new Fault(
    "NotImplemented",
    `The service ${name} is not implemented. This server has ${known.join(", ")}.`,
  );
}

function toAwsRequest({ url, headers, body }: SignedRequest) {
  const [contentType = ""] = headerValues(headers, "content-type");
  return {
    queryString: splitUrl(url).query,
    contentType: (contentType.split(";")[0] ?? "").trim().toLowerCase(),
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}
