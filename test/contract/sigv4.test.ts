import { Fault } from "@larder/server/aws/fault.ts";
import { rootKeyRing } from "@larder/server/aws/key-ring.ts";
import {
  canonicalRequest,
  type RawHeader,
  sha256Hex,
  signatureOf,
  type SignedRequest,
} from "@larder/server/aws/sigv4/signature.ts";
import { verifySignature } from "@larder/server/aws/sigv4/verify.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { account, credentials, keyRing } from "./support/server.ts";
import { type Signing, sign, withHeaders } from "./support/signing.ts";

const now = new Date("2024-05-06T07:08:09Z");
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

const verify = (request: SignedRequest, at = now) => verifySignature(request, keyRing, at);

function codeOf(request: SignedRequest, at = now): string {
  try {
    verify(request, at);
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return "accepted";
}

const post: Signing = {
  body: "Action=DescribeEvents&Version=2015-02-02&Marker=a%2Bb",
  headers: {
    "content-type": "application/x-www-form-urlencoded",
    "x-amz-meta": "a  b   c",
    "amz-sdk-request": "attempt=1; max=3",
  },
  date: now,
};
const get: Signing = {
  method: "GET",
  query: { Action: "DescribeEvents", Version: "2015-02-02", Marker: "a b/é!'()*~+=&", Empty: "" },
  date: now,
};
const forms: Readonly<Record<string, Signing>> = {
  "POST signed in headers": post,
  "GET signed in headers": get,
  "presigned GET": { ...get, expiresIn: 900 },
  "presigned POST": { ...post, expiresIn: 900 },
};

test("the example of AWS's own documentation is accepted", () => {
  const keys = rootKeyRing({
    accessKeyId: "AKIDEXAMPLE",
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    account,
  });
  const request = {
    method: "GET",
    url: "/?Action=ListUsers&Version=2010-05-08",
    headers: [
      ["Host", "iam.amazonaws.com"],
      ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"],
      ["X-Amz-Date", "20150830T123600Z"],
      [
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
          "SignedHeaders=content-type;host;x-amz-date, " +
          "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
      ],
    ] satisfies RawHeader[],
    body: Buffer.alloc(0),
  };
  const signer = verifySignature(request, keys, new Date("2015-08-30T12:40:00Z"));
  expect(signer).toMatchObject({ service: "iam", region: "us-east-1", account });
});

describe.each(Object.entries(forms))("a %s", (_form, signing) => {
  test("is accepted as the SDK signs it", async () => {
    expect(verify(await sign(signing))).toEqual({
      account,
      principal: keyRing.lookup(credentials.accessKeyId)?.principal,
      service: "elasticache",
      region: "us-east-1",
    });
  });

  test("is accepted whatever its parameters and body are", async () => {
    const texts = fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), fc.string());
    await fc.assert(
      fc.asyncProperty(texts, fc.string({ unit: "grapheme" }), async (query, body) => {
        // The SDK's own signer loses a parameter called __proto__.
        const names = Object.keys(query).filter((name) => !/^(x-amz-|__proto__$)/i.test(name));
        const kept = Object.fromEntries(names.map((name) => [name.toWellFormed(), query[name]!]));
        const request = await sign({ ...signing, query: kept, body });
        expect(codeOf(request)).toBe("accepted");
      }),
    );
  });

  test("is refused when one byte of it changes", async () => {
    const request = await sign(signing);
    const parts = partsOf(request);
    const refused = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.constantFrom(..."abcxyzABCXYZ0123456789"),
        (which, where, char) => {
          const part = parts[which % parts.length]!;
          const at = where % part.text.length;
          fc.pre(part.text[at] !== char);
          const changed = part.text.slice(0, at) + char + part.text.slice(at + 1);
          // "%2f" and "%2F" are one byte.
          fc.pre(part.name !== "url" || !sameUrl(part.text, changed));
          const code = codeOf(part.put(changed));
          expect(code, `${part.name}: ${changed}`).toMatch(
            /^(SignatureDoesNotMatch|IncompleteSignature|InvalidClientTokenId|RequestExpired|MissingAuthenticationToken|MalformedQueryString)$/,
          );
          refused.set(part.name, (refused.get(part.name) ?? 0) + 1);
        },
      ),
      { numRuns: 500 },
    );
    expect(refused.size).toBe(parts.length);
  });

  test.each(["wrong", "s3cr3t/with+sign"])("is refused when signed with %s", async (secret) => {
    expect(codeOf(await sign({ ...signing, secret }))).toBe("SignatureDoesNotMatch");
  });

  test("is refused when its key is unknown", async () => {
    const request = await sign({ ...signing, accessKeyId: "AKIDOTHER" });
    expect(codeOf(request)).toBe("InvalidClientTokenId");
  });

  test.each(["US-EAST-1", "us", "us-east-1/x", "", "..", "us-east-10"])(
    "is refused for the region %j",
    async (region) => {
      const code = codeOf(await sign({ ...signing, region }));
      expect(code).toMatch(/^(SignatureDoesNotMatch|InvalidClientTokenId)$/);
    },
  );
});

// Every part of a request that its signature covers, and the signature itself.
function partsOf(request: SignedRequest) {
  const signed = request.headers.filter(([name]) => !/^(user-agent)$/i.test(name));
  return [
    { name: "method", text: request.method, put: (method: string) => ({ ...request, method }) },
    { name: "url", text: request.url, put: (url: string) => ({ ...request, url }) },
    ...(request.body.length === 0 ? [] : [bodyOf(request)]),
    ...signed.map(([name, text]) => ({
      ...{ name, text },
      put: (value: string) => withHeaders(request, { [name.toLowerCase()]: value }),
    })),
  ];
}

function bodyOf(request: SignedRequest) {
  const text = Buffer.from(request.body).toString();
  return { name: "body", text, put: (body: string) => ({ ...request, body: Buffer.from(body) }) };
}

function sameUrl(a: string, b: string): boolean {
  try {
    return decodeURIComponent(a) === decodeURIComponent(b);
  } catch {
    return false;
  }
}

describe("time", () => {
  test.each([
    [-14, "accepted"],
    [14, "accepted"],
    [-16, "RequestExpired"],
    [16, "RequestExpired"],
  ])("a request signed %i minutes from now is %s", async (offset, expected) => {
    expect(codeOf(await sign({ ...post, date: minutes(offset) }))).toBe(expected);
  });

  test.each([
    [0, "accepted"],
    [59, "accepted"],
    [61, "RequestExpired"],
    [-14, "accepted"],
    [-16, "RequestExpired"],
  ])("a URL presigned for an hour is, %i minutes later, %s", async (later, expected) => {
    expect(codeOf(await sign({ ...get, expiresIn: 3600 }), minutes(later))).toBe(expected);
  });

  test("a presigned URL holds for seven days at most", async () => {
    const week = await sign({ ...get, expiresIn: 604_800 });
    expect(codeOf(week, minutes(7 * 24 * 60 - 1))).toBe("accepted");
    for (const wrong of ["604801", "0", "-1", "1e3", "", "99999999"]) {
      const url = week.url.replace("X-Amz-Expires=604800", `X-Amz-Expires=${wrong}`);
      expect(codeOf({ ...week, url }), wrong).toBe("IncompleteSignature");
    }
  });

  test.each(["20240506", "20241306T070809Z", "2024-05-06T07:08:09Z", "", "x"])(
    "the date %j is incomplete",
    async (date) => {
      const request = withHeaders(await sign(post), { "x-amz-date": date });
      expect(codeOf(request)).toBe("IncompleteSignature");
    },
  );
});

describe("the body's hash", () => {
  const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  test.each(["UNSIGNED-PAYLOAD", emptyHash, "", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])(
    "cannot be replaced by %j, signed or not",
    async (value) => {
      const changed = withHeaders(await sign(post), { "x-amz-content-sha256": value });
      expect(codeOf(changed)).toBe("SignatureDoesNotMatch");
      const headers = { ...post.headers, "x-amz-content-sha256": value };
      expect(codeOf(await sign({ ...post, headers }))).toBe("SignatureDoesNotMatch");
      // Here the header is not among those that the signature covers.
      const presigned = await sign({ ...get, expiresIn: 60 });
      expect(codeOf(presigned)).toBe("accepted");
      const added = withHeaders(presigned, { "x-amz-content-sha256": value });
      expect(codeOf(added)).toBe(value === emptyHash ? "accepted" : "SignatureDoesNotMatch");
    },
  );
});

describe("credentials", () => {
  const header = async (edit: (text: string) => string) => {
    const request = await sign(post);
    const [, text = ""] = request.headers.find(([name]) => name === "authorization") ?? [];
    return withHeaders(request, { authorization: edit(text) });
  };

  test("none at all", async () => {
    const bare = withHeaders(await sign(post), { authorization: null });
    expect(codeOf(bare)).toBe("MissingAuthenticationToken");
  });

  test.each([
    ["another scheme", () => "Basic dGVzdDp0ZXN0"],
    ["nothing but the scheme", () => "AWS4-HMAC-SHA256"],
    ["an empty header", () => ""],
    ["no credential", (text: string) => text.replace(/Credential=[^,]*, /, "")],
    ["no signed headers", (text: string) => text.replace(/SignedHeaders=[^,]*, /, "")],
    ["no signature", (text: string) => text.replace(/, Signature=.*/, "")],
    ["a part twice", (text: string) => `${text}, Signature=${"0".repeat(64)}`],
    ["a signature in capitals", (text: string) => text.replace(/[0-9a-f]{64}/, "A".repeat(64))],
    ["a short signature", (text: string) => text.slice(0, -1)],
    ["an empty key", (text: string) => text.replace("AKIDTEST", "")],
    ["a short scope", (text: string) => text.replace("/aws4_request", "")],
    ["headers out of order", (text: string) => text.replace(/(content-type);host/, "host;$1")],
    ["a header twice", (text: string) => text.replace("host;", "host;host;")],
    ["a header in capitals", (text: string) => text.replace("host;", "Host;")],
  ])("%s", async (_what, edit) => {
    expect(codeOf(await header(edit))).toMatch(/^(IncompleteSignature|InvalidClientTokenId)$/);
  });

  test("host is always signed, even when the signature is right without it", async () => {
    const signedWith = (names: readonly string[]) => {
      const timestamp = "20240506T070809Z";
      const scope = { date: "20240506", region: "us-east-1", service: "elasticache" };
      const headers: RawHeader[] = [
        ["Host", "127.0.0.1"],
        ["X-Amz-Date", timestamp],
      ];
      const bare = { method: "POST", url: "/", headers, body: Buffer.from("Action=x") };
      const canonical = canonicalRequest(bare, names, sha256Hex(bare.body));
      const signature = signatureOf(canonical, credentials.secretAccessKey, scope, timestamp);
      const credential = `${credentials.accessKeyId}/20240506/us-east-1/elasticache/aws4_request`;
      return withHeaders(bare, {
        authorization:
          `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, ` +
          `Signature=${signature}`,
      });
    };
    expect(codeOf(signedWith(["host", "x-amz-date"]))).toBe("accepted");
    expect(codeOf(signedWith(["x-amz-date"]))).toBe("SignatureDoesNotMatch");
  });

  test("a signed header is sent once", async () => {
    const request = await sign(post);
    const twice = { ...request, headers: [...request.headers, ["Host", "evil"] as const] };
    expect(codeOf(twice)).toBe("SignatureDoesNotMatch");
    expect(codeOf(withHeaders(request, { "x-amz-meta": null }))).toBe("SignatureDoesNotMatch");
  });

  test("two Authorization headers, or a header and a presigned URL", async () => {
    const request = await sign(post);
    const copy = request.headers.filter(([name]) => name === "authorization");
    expect(codeOf({ ...request, headers: [...request.headers, ...copy] })).toBe(
      "IncompleteSignature",
    );
    const presigned = await sign({ ...get, expiresIn: 60 });
    expect(codeOf({ ...presigned, headers: request.headers })).toBe("IncompleteSignature");
  });

  test("a session token is no obstacle", async () => {
    const headers = { ...post.headers, "x-amz-security-token": "anything" };
    expect(codeOf(await sign({ ...post, headers }))).toBe("accepted");
  });
});
