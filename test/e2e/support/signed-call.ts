import { credentials, type TestServer } from "@larder/testkit/server.ts";
import type { SignedRequest } from "@larder/server/aws/sigv4/signature.ts";
import { type Signing, sign } from "../../contract/support/signing.ts";

/** What came back, as far as these tests ask. */
export interface Answered {
  readonly status: number;
  /** AWS's error code, from the XML; of the `larder` command's interface, from the JSON. */
  readonly code: string | undefined;
  readonly text: string;
}

/** Sends a request, signed with the server's key unless told otherwise, after `change` to it. */
export async function signedCall(
  server: Pick<TestServer, "endpoint">,
  signing: Signing,
  change: (request: SignedRequest) => SignedRequest = (request) => request,
): Promise<Answered> {
  const { host } = new URL(server.endpoint);
  const key = { accessKeyId: credentials.accessKeyId, secret: credentials.secretAccessKey };
  const { method, url, headers, body } = change(await sign({ ...key, ...signing, host }));
  const answer = await fetch(server.endpoint + url, {
    method,
    headers: headers.filter(([name]) => name.toLowerCase() !== "host") as [string, string][],
    body: method === "GET" ? null : new Uint8Array(body),
  });
  const text = await answer.text();
  const [, xml, json] = /<Code>([^<]*)<\/Code>|"code":"([^"]*)"/.exec(text) ?? [];
  return { status: answer.status, code: xml ?? json, text };
}
