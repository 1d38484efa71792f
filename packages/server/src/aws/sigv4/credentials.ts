import { Fault } from "../fault.ts";
import { decode } from "../query/fields.ts";
import { algorithm, headerValues, type Scope, type SignedRequest, splitUrl } from "./signature.ts";

/** What a request says about its own signature. Nothing of it is verified yet. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly scope: Scope & { readonly terminator: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** "YYYYMMDDTHHMMSSZ". */
  readonly timestamp: string;
  /** For how long a presigned URL holds; null for a request signed in its headers. */
  readonly expiresSeconds: number | null;
}

const expiresSecondsMax = 604_800;
const authorizationForm = /^AWS4-HMAC-SHA256[ \t]+(.*)$/s;
const signatureForm = /^[0-9a-f]{64}$/;

/** Finds the credentials in the headers or the query string of a request, which hold them in one. */
export function readCredentials(request: SignedRequest): Credentials {
  const authorization = headerValues(request.headers, "authorization");
  const query = presignedParameters(splitUrl(request.url).query);
  if (authorization.length === 0 && query.size === 0) {
    throw new Fault("MissingAuthenticationToken", "Request is missing Authentication Token.");
  }
  if (authorization.length + Math.sign(query.size) > 1) {
    throw incomplete("A request carries one signature, in its headers or in its query string.");
  }
  const [header] = authorization;
  return header === undefined ? fromQuery(query) : fromHeader(header, request);
}

function fromHeader(header: string, request: SignedRequest): Credentials {
  const match = authorizationForm.exec(header.trim());
  if (match === null) throw incomplete(`The Authorization header must start with ${algorithm}.`);
  const parts = new Map<string, string>();
  for (const part of (match[1] ?? "").split(",")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(part.trim()) ?? [];
    if (parts.has(name)) throw incomplete(`The Authorization header has ${name} twice.`);
    parts.set(name, value);
  }
  const dates = headerValues(request.headers, "x-amz-date");
  if (dates.length !== 1) throw incomplete("A signed request has one X-Amz-Date header.");
  const take = (name: string) =>
    parts.get(name) ?? missing(`The Authorization header requires the ${name} parameter.`);
  return build({
    credential: take("Credential"),
    signedHeaders: take("SignedHeaders"),
    signature: take("Signature"),
    timestamp: dates[0] ?? "",
    expiresSeconds: null,
  });
}

function fromQuery(query: ReadonlyMap<string, string>): Credentials {
  const take = (name: string) =>
    query.get(name) ?? missing(`A presigned URL requires the parameter ${name}.`);
  if (take("X-Amz-Algorithm") !== algorithm) {
    throw incomplete(`The value of X-Amz-Algorithm must be ${algorithm}.`);
  }
  const expires = take("X-Amz-Expires");
  const expiresSeconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (expiresSeconds < 1 || expiresSeconds > expiresSecondsMax) {
    throw incomplete(`The value of X-Amz-Expires must be from 1 to ${expiresSecondsMax} seconds.`);
  }
  return build({
    credential: take("X-Amz-Credential"),
    signedHeaders: take("X-Amz-SignedHeaders"),
    signature: take("X-Amz-Signature"),
    timestamp: take("X-Amz-Date"),
    expiresSeconds,
  });
}

interface Texts {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly expiresSeconds: number | null;
}

function build({ credential, signedHeaders, signature, timestamp, expiresSeconds }: Texts) {
  // An access key id may itself contain slashes, so the scope is read from the end.
  const parts = credential.split("/");
  const [date = "", region = "", service = "", terminator = ""] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join("/");
  if (accessKeyId === "") {
    throw incomplete("The Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request.");
  }
  if (!signatureForm.test(signature)) {
    throw incomplete("The Signature must be 64 lower-case hexadecimal digits.");
  }
  const names = signedHeaders.split(";");
  const canonical = [...new Set(signedHeaders.toLowerCase().split(";"))].toSorted().join(";");
  if (signedHeaders !== canonical) {
    throw incomplete("The SignedHeaders must be in lower case, sorted, and without repetition.");
  }
  const scope = { date, region, service, terminator };
  return { accessKeyId, scope, signedHeaders: names, signature, timestamp, expiresSeconds };
}

function presignedParameters(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    if (!name.startsWith("X-Amz-")) continue;
    if (found.has(name)) throw incomplete("A presigned URL has each of its parameters once.");
    found.set(name, decode(value));
  }
  return found;
}

function missing(message: string): never {
  throw incomplete(message);
}

function incomplete(message: string): Fault {
  return new Fault("IncompleteSignature", message);
}
