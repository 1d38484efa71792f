import { createHmac, hash, timingSafeEqual } from "node:crypto";

export const algorithm = "AWS4-HMAC-SHA256";
export const terminator = "aws4_request";

/** A header's name as sent, and its value as Node gives it: one character for each byte. */
export type RawHeader = readonly [name: string, value: string];

/** A request exactly as it came, which is what its signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query string, undecoded. */
  readonly url: string;
  readonly headers: readonly RawHeader[];
  readonly body: Uint8Array;
}

/** What the key of a signature is derived for. */
export interface Scope {
  /** "YYYYMMDD". */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** The SHA-256 of `data` in lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/**
 * The canonical request of Signature Version 4 ("Create a signed AWS API request" in the IAM user
 * guide), one character for each byte. The SDK's signer cannot make it: it adds and drops headers,
 * while a verifier must take the request as it came.
 */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const { path, query } = splitUrl(request.url);
  const headers = signedHeaders.map(
    (name) => `${name}:${headerValues(request.headers, name).map(trimHeader).join(",")}\n`,
  );
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** The signature of a canonical request, in lower-case hexadecimal digits. */
export function signatureOf(
  canonical: string,
  secret: string,
  scope: Scope,
  timestamp: string,
): string {
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/${terminator}`;
  const digest = sha256Hex(Buffer.from(canonical, "latin1"));
  const text = [algorithm, timestamp, scopeText, digest].join("\n");
  return hmac(signingKey(secret, scope), text).toString("hex");
}

// Deriving a key is most of a verification's cost, and a day's requests share a few keys.
const signingKeys = new Map<string, Buffer>();
const signingKeysMax = 100;

function signingKey(secret: string, { date, region, service }: Scope): Buffer {
  const name = JSON.stringify([secret, date, region, service]);
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = [date, region, service, terminator].reduce<Buffer>(
    (derived, part) => hmac(derived, part),
    Buffer.from(`AWS4${secret}`),
  );
  if (signingKeys.size >= signingKeysMax) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

/** Compares two signatures in a time that does not depend on where they differ. */
export function sameSignature(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Every value that was sent under a header's name. */
export function headerValues(headers: readonly RawHeader[], name: string): string[] {
  return headers.filter(([sent]) => sent.toLowerCase() === name).map(([, value]) => value);
}

/** Path and query string of a URL as it stands in the request line. */
export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf("?");
  if (mark === -1) return { path: url, query: "" };
  return { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

// The path as sent is encoded once more: every service but S3 does so. Dot segments need no
// normalising, because no route has any.
function canonicalPath(path: string): string {
  return path.split("/").map(encode).join("/");
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .filter(([name]) => name !== "X-Amz-Signature");
  return pairs
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// A URL that cannot be decoded was signed by nobody: it stays as it is and matches no signature.
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

// RFC 3986: everything but letters, digits and -._~ is percent-encoded.
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function trimHeader(value: string): string {
  return value.trim().replace(/[ \t]+/g, " ");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
