import { AssertionError } from "../base/assert.ts";
import type { Log } from "../base/log.ts";
import { forAudit } from "./audit.ts";
import type { Call } from "./call.ts";
import { Fault } from "./fault.ts";
import type { AwsAnswer, AwsRequest } from "./protocol.ts";
import type { AwsOperation, AwsService } from "./service.ts";

/** What a request turned out to be, for its line in the audit log. */
interface Outcome {
  readonly answer: AwsAnswer;
  readonly action: string | null;
  readonly input: unknown;
  readonly code: string | null;
}

/**
 * Runs the operation that a verified request asks for and leaves one line in the audit log. Never
 * throws: a bug in an operation answers InternalFailure, with a request id that stands in the log
 * beside the stack.
 */
export async function dispatch(
  service: AwsService,
  request: AwsRequest,
  call: Call,
  log: Log,
): Promise<AwsAnswer> {
  const { answer, action, input, code } = await run(service, request, call, log);
  log.info(
    {
      requestId: call.requestId,
      service: service.name,
      action,
      account: call.account,
      region: call.region,
      principal: call.principal.arn,
      accessKeyId: call.principal.accessKeyId,
      status: answer.status,
      code,
      input,
    },
    "request answered",
  );
  return answer;
}

async function run(
  service: AwsService,
  request: AwsRequest,
  call: Call,
  log: Log,
): Promise<Outcome> {
  let operation: AwsOperation | null = null;
  let shown: unknown = null;
  try {
    const asked = service.protocol.read(service, request);
    operation = asked.operation;
    const { name, run: handler, input: shape } = operation;
    if (typeof handler !== "function") {
      throw new Fault("NotImplemented", `${name} is not implemented: ${handler.notImplemented}.`);
    }
    const input = asked.readInput();
    if (shape !== null) shown = forAudit(service, shape, input);
    const output = await handler(input, call);
    const answer = service.protocol.answer(service, operation, output, call.requestId);
    return { answer, action: name, input: shown, code: null };
  } catch (thrown) {
    const { fault, status } = explain(service, thrown, call.requestId, log);
    const answer = service.protocol.refuse(service, fault, status, call.requestId);
    return { answer, action: operation?.name ?? null, input: shown, code: fault.code };
  }
}

function explain(
  service: AwsService,
  thrown: unknown,
  requestId: string,
  log: Log,
): { fault: Fault; status: number } {
  try {
    if (!(thrown instanceof Fault)) throw thrown;
    const status = service.statusOf(thrown.code);
    if (status === undefined) {
      throw new AssertionError(`${service.name} has no error ${thrown.code}`, { cause: thrown });
    }
    return { fault: thrown, status };
  } catch (error) {
    log.error({ requestId, service: service.name, err: error }, "operation failed unexpectedly");
    return { fault: internalFailure(requestId), status: 500 };
  }
}

/** What a caller learns of a bug: nothing but where to find it in the log. */
export function internalFailure(requestId: string): Fault {
  return new Fault(
    "InternalFailure",
    `The request failed because of an unknown error. The server's log has it under ${requestId}.`,
  );
}
