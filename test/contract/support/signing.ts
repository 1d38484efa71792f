import { Sha256 } from "@aws-crypto/sha256-js";
import type { RawHeader, SignedRequest } from "@larder/server/aws/sigv4/signature.ts";
import { SignatureV4 } from "@smithy/signature-v4";
import { credentials } from "./server.ts";

export interface Signing {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly region?: string;
  readonly date?: Date;
  readonly secret?: string;
  readonly accessKeyId?: string;
  readonly host?: string;
  /** Signs in the query string, for so many seconds. */
  readonly expiresIn?: number;
}

/** A request as the SDK's own signer signs it. */
export async function sign(signing: Signing): Promise<SignedRequest> {
  const { method = "POST", path = "/", query = {}, body = "", host = "127.0.0.1" } = signing;
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: signing.accessKeyId ?? credentials.accessKeyId,
      secretAccessKey: signing.secret ?? credentials.secretAccessKey,
    },
    region: signing.region ?? "us-east-1",
    service: signing.service ?? "elasticache",
    sha256: Sha256,
  });
  const unsigned = {
    ...{ method, path, body, protocol: "http:", hostname: host, query: { ...query } },
    headers: { host, ...signing.headers },
  };
  const date = signing.date ?? new Date();
  const { expiresIn } = signing;
  const signed =
    expiresIn === undefined
      ? await signer.sign(unsigned, { signingDate: date })
      : await signer.presign(unsigned, { signingDate: date, expiresIn });
  return {
    method: signed.method,
    url: signed.path + queryString(signed.query ?? {}),
    headers: Object.entries(signed.headers),
    body: Buffer.from(body),
  };
}

/** A signed request with some of its headers replaced; null takes one out. */
export function withHeaders(
  request: SignedRequest,
  changes: Readonly<Record<string, string | null>>,
): SignedRequest {
  const kept = request.headers.filter(([name]) => !(name.toLowerCase() in changes));
  const added = Object.entries(changes).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  return { ...request, headers: [...kept, ...added] satisfies readonly RawHeader[] };
}

function queryString(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
