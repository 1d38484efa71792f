import type { AwsService, AwsOperation } from "./service.ts";
import type { Fault } from "./fault.ts";

/** A request as it came over HTTP, its signature already verified. */
export interface AwsRequest {
  /** What stands after the question mark of the URL, undecoded. */
  readonly queryString: string;
  /** The content type's essence in lower case, or "" where none was sent. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** What goes back over HTTP. */
export interface AwsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The operation that a request asks for, with a way to its checked input. */
export interface Asked {
  readonly operation: AwsOperation;
  /** Parses and checks the input; throws a Fault that names the first wrong parameter. */
  readInput(): Record<string, unknown>;
}

/** How an AWS service puts operations, inputs, outputs and errors on the wire. */
export interface Protocol {
  /** Throws a Fault when the request names no operation of the service. */
  read(service: AwsService, request: AwsRequest): Asked;
  answer(
    service: AwsService,
    operation: AwsOperation,
    output: unknown,
    requestId: string,
  ): AwsAnswer;
  /** `service` is null when the request failed before its service was known. */
  refuse(service: AwsService | null, fault: Fault, status: number, requestId: string): AwsAnswer;
}
