import { Fault } from "../fault.ts";
import type { AccessKey, KeyRing } from "../key-ring.ts";
import type { Principal } from "../call.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import {
  canonicalRequest,
  headerValues,
  sameSignature,
  sha256Hex,
  signatureOf,
  type SignedRequest,
  terminator,
} from "./signature.ts";

/** Who signed a request, and for which service and region. */
export interface Signer {
  readonly account: string;
  readonly principal: Principal;
  readonly service: string;
  readonly region: string;
}

/** How far a client's clock may be from ours, as AWS has it. */
const skewMaxMs = 15 * 60_000;
const regionForm = /^[a-z]{2}(-[a-z]+)+-\d$/;
const serviceForm = /^[a-z0-9-]{1,64}$/;
const timestampForm = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * Verifies the Signature Version 4 of a request, in its headers or presigned. Throws a Fault with
 * MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, RequestExpired or
 * SignatureDoesNotMatch.
 */
export function verifySignature(request: SignedRequest, keys: KeyRing, now: Date): Signer {
  const credentials = readCredentials(request);
  checkTime(credentials, now);
  checkScope(credentials);
  checkSignedHeaders(credentials.signedHeaders, request);
  const key = keys.lookup(credentials.accessKeyId);
  if (key === undefined) {
    throw new Fault(
      "InvalidClientTokenId",
      "The security token included in the request is invalid.",
    );
  }
  checkSignature(credentials, request, key);
  const { region, service } = credentials.scope;
  return { account: key.account, principal: key.principal, service, region };
}

function checkTime({ timestamp, expiresSeconds }: Credentials, now: Date): void {
  const signed = parseTimestamp(timestamp);
  if (signed === null) {
    throw new Fault("IncompleteSignature", "The value of X-Amz-Date must be YYYYMMDDTHHMMSSZ.");
  }
  const ageMs = now.getTime() - signed;
  const ageMaxMs = expiresSeconds === null ? skewMaxMs : expiresSeconds * 1000;
  if (ageMs <= ageMaxMs && ageMs >= -skewMaxMs) return;
  const problem = ageMs > 0 ? "Signature expired" : "Signature not yet current";
  const serverTime = now.toISOString().replace(/[-:]|\.\d+/g, "");
  throw new Fault(
    "RequestExpired",
    `${problem}: the request was signed at ${timestamp}, the server's time is ${serverTime}.`,
  );
}

function parseTimestamp(text: string): number | null {
  if (!timestampForm.test(text)) return null;
  const ms = Date.parse(text.replace(timestampForm, "$1-$2-$3T$4:$5:$6.000Z"));
  return Number.isNaN(ms) ? null : ms;
}

function checkScope({ scope, timestamp }: Credentials): void {
  if (scope.terminator !== terminator) {
    throw mismatch(`Credential should be scoped with a valid terminator: '${terminator}'.`);
  }
  if (scope.date !== timestamp.slice(0, 8)) {
    throw mismatch("The date in the credential's scope does not match the date of the request.");
  }
  if (!regionForm.test(scope.region)) {
    throw mismatch("Credential should be scoped to a valid region, such as us-east-1.");
  }
  if (!serviceForm.test(scope.service)) {
    throw mismatch("Credential should be scoped to a service, such as elasticache.");
  }
}

function checkSignedHeaders(names: readonly string[], { headers }: SignedRequest): void {
  if (!names.includes("host")) throw mismatch("'host' must be among the SignedHeaders.");
  for (const name of names) {
    // A header that comes twice means one thing to a reader of the first, another to a reader of
    // the last, and no client has a reason to sign one.
    const count = headerValues(headers, name).length;
    if (count !== 1) throw mismatch(`The signed header '${name}' must be sent exactly once.`);
  }
}

// The body is always hashed. A client may send the hash along, but "UNSIGNED-PAYLOAD" is not taken
// for one: it would leave the parameters of a query request open to change.
function checkSignature(
  { scope, signedHeaders, signature, timestamp }: Credentials,
  request: SignedRequest,
  { secret }: AccessKey,
): void {
  const payloadHash = sha256Hex(request.body);
  if (headerValues(request.headers, "x-amz-content-sha256").some((sent) => sent !== payloadHash)) {
    throw mismatch("The value of X-Amz-Content-Sha256 is not the SHA-256 of the request's body.");
  }
  const canonical = canonicalRequest(request, signedHeaders, payloadHash);
  if (!sameSignature(signatureOf(canonical, secret, scope, timestamp), signature)) {
    throw mismatch(
      "The request signature we calculated does not match the signature you provided. Check your " +
        "AWS Secret Access Key and signing method.",
    );
  }
}

function mismatch(message: string): Fault {
  return new Fault("SignatureDoesNotMatch", message);
}
