import { connect } from "node:net";
import { createStsService } from "@larder/server/services/sts/service.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf, elastiCacheWith } from "./support/elasticache.ts";
import { clientOf, credentials, keyRing, startHttp } from "./support/server.ts";
import { type Signing, sign } from "./support/signing.ts";

let downs = 0;
const admin = {
  status: async () => ({ version: "1.2.3", region: "us-east-1", caches: [] }),
  down: async () => {
    downs += 1;
  },
};
const handlers = {
  DescribeEvents: () => ({ Events: [] }),
  DeleteCacheSubnetGroup: () => undefined,
  CreateUser: (input: { UserName: string }) => ({ UserName: input.UserName }),
};
let server: Awaited<ReturnType<typeof startHttp>>;
beforeAll(async () => {
  server = await startHttp([elastiCacheWith(handlers), createStsService()], { admin });
});
afterAll(() => server.close());

const form = { "content-type": "application/x-www-form-urlencoded" };
const host = () => `127.0.0.1:${server.port}`;
const describeEvents = "Action=DescribeEvents&Version=2015-02-02";

async function send(signing: Signing, change: Partial<RequestInit> = {}, path?: string) {
  const signed = await sign({ headers: form, ...signing, host: host() });
  const body = signed.method === "GET" ? null : new Uint8Array(signed.body);
  const answer = await fetch(server.url + (path ?? signed.url), {
    method: signed.method,
    headers: signed.headers.filter(([name]) => name !== "host") as [string, string][],
    body,
    ...change,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const codeOf = (xml: string) => /<Code>([^<]*)<\/Code>/.exec(xml)?.[1];

/** Sends bytes as they are; gives back all that comes until the server closes or is silent. */
function raw(bytes: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  let text = "";
  const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes, "latin1"));
  socket.setTimeout(2_000, () => socket.destroy());
  socket.on("data", (data) => {
    text += data.toString();
    if (/^HTTP\/1.1 \d+/.test(text) && /\r\n\r\n/.test(text)) socket.end();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => answer.resolve(text));
  return answer.promise;
}

async function stillServes() {
  expect((await send({ body: describeEvents })).status).toBe(200);
}

describe("AWS requests", () => {
  test("are answered in AWS's envelope", async () => {
    const { status, headers, text } = await send({ body: describeEvents });
    const id = headers.get("x-amzn-requestid");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/xml;charset=utf-8");
    expect(text).toBe(
      '<DescribeEventsResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">' +
        "<DescribeEventsResult><Events/></DescribeEventsResult>" +
        `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>` +
        "</DescribeEventsResponse>",
    );
  });

  test("have no result where the model has none", async () => {
    const action = "Action=DeleteCacheSubnetGroup&CacheSubnetGroupName=a&Version=2015-02-02";
    const { text } = await send({ body: action });
    expect(text).toMatch(/^<DeleteCacheSubnetGroupResponse xmlns="[^"]*"><ResponseMetadata>/);
  });

  test("are refused in AWS's envelope", async () => {
    const { status, headers, text } = await send({ body: "Action=<x>&Version=2015-02-02" });
    expect(status).toBe(400);
    expect(text).toBe(
      '<ErrorResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><Error>' +
        "<Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation " +
        "&lt;x&gt; for version 2015-02-02; elasticache has version 2015-02-02.</Message></Error>" +
        `<RequestId>${headers.get("x-amzn-requestid")}</RequestId></ErrorResponse>`,
    );
  });

  const query = { Action: "DescribeEvents", Version: "2015-02-02" };
  test.each<[string, Signing]>([
    ["GET", { method: "GET", query }],
    ["presigned GET", { method: "GET", query, expiresIn: 60, headers: {} }],
    ["POST with a query string", { query, headers: {} }],
    ["presigned POST", { query, expiresIn: 60, body: "Duration=60" }],
    [
      "charset",
      {
        body: describeEvents,
        headers: { "content-type": `${form["content-type"]}; charset=utf-8` },
      },
    ],
  ])("may come as %s", async (_way, signing) => {
    expect((await send(signing)).text).toContain("<DescribeEventsResult>");
  });

  test.each<[string, number, Signing]>([
    ["MissingAction", 400, { body: "Version=2015-02-02" }],
    ["MissingAction", 400, { body: "" }],
    ["InvalidAction", 400, { body: "Action=DescribeEvents" }],
    ["InvalidAction", 400, { body: "Action=DescribeEvents&Version=2014-01-01" }],
    ["InvalidAction", 400, { body: "Action=describeevents&Version=2015-02-02" }],
    ["InvalidAction", 400, { body: "Action=__proto__&Version=2015-02-02" }],
    ["InvalidAction", 400, { body: "Action=constructor&Version=2015-02-02" }],
    ["NotImplemented", 501, { body: "Action=DescribeUsers&Version=2015-02-02" }],
    ["NotImplemented", 501, { body: describeEvents, service: "s3" }],
    ["NotImplemented", 501, { body: describeEvents, service: "larder" }],
    ["InvalidAction", 400, { body: describeEvents, service: "sts" }],
    ["MissingParameter", 400, { body: "Action=CreateUser&Version=2015-02-02" }],
    ["ValidationError", 400, { body: `${describeEvents}&MaxRecords=many` }],
    ["InvalidParameterValue", 400, { body: `${describeEvents}&SourceIdentifier=a%0Ab` }],
    ["InvalidParameterValue", 400, { body: `${describeEvents}&Marker=a&Marker=b` }],
    ["InvalidParameterValue", 400, { query, body: describeEvents }],
    ["MalformedQueryString", 400, { body: `${describeEvents}&Marker=%ff` }],
    ["MalformedQueryString", 400, { body: "{}", headers: { "content-type": "application/json" } }],
    ["MalformedQueryString", 400, { body: describeEvents, headers: {} }],
    ["SignatureDoesNotMatch", 403, { body: describeEvents, secret: "wrong" }],
    ["InvalidClientTokenId", 403, { body: describeEvents, accessKeyId: "AKIDOTHER" }],
    ["RequestExpired", 400, { body: describeEvents, date: new Date(Date.now() - 3_600_000) }],
    ["RequestExpired", 400, { body: describeEvents, date: new Date(Date.now() + 3_600_000) }],
  ])("are refused with %s, HTTP %i: %j", async (code, status, signing) => {
    const answer = await send(signing);
    expect([codeOf(answer.text), answer.status]).toEqual([code, status]);
  });

  test("XML's own characters come back as they were", async () => {
    const UserName = "<&>\"' ]]> &#10; <!-- é 😀";
    const client = clientOf(server.url);
    const required = { UserId: "a", Engine: "redis", AccessString: "on" };
    const answer = await client.send(commandOf("CreateUser", { UserName, ...required }));
    client.destroy();
    expect(answer).toMatchObject({ UserName });
  });
});

describe("bounds", () => {
  test("a body of 1 MiB is read, one byte more is not", async () => {
    const fill = (size: number) => describeEvents + "&x=".padEnd(size - describeEvents.length, "y");
    expect((await send({ body: fill(1_048_576) })).status).toBe(200);
    const answer = await send({ body: fill(1_048_577) });
    expect([answer.status, codeOf(answer.text)]).toEqual([413, "RequestEntityTooLarge"]);
    await stillServes();
  });

  test("a body that claims 100 MB is refused before it is sent", async () => {
    const head = `POST / HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 100000000\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1.1 413 /);
    await stillServes();
  });

  test("a chunked body is counted as well", async () => {
    const head = `POST / HTTP/1.1\r\nHost: ${host()}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `10000\r\n${"a".repeat(65_536)}\r\n`;
    expect(await raw(head + chunk.repeat(17))).toMatch(/^HTTP\/1.1 413 /);
    await stillServes();
  });

  test("10,000 parameters are read, one more is not", async () => {
    const fill = (count: number) =>
      `${describeEvents}${Array.from({ length: count - 2 }, (_, n) => `&p${n}=`).join("")}`;
    expect((await send({ body: fill(10_000) })).status).toBe(200);
    expect(codeOf((await send({ body: fill(10_001) })).text)).toBe("InvalidParameterValue");
  });
});

describe("malformed HTTP is refused, and the server goes on", () => {
  test.each<[string, RegExp, string]>([
    ["no HTTP", /^HTTP\/1.1 400 /, "hello\r\n\r\n"],
    ["no Host", /^HTTP\/1.1 400 /, "POST / HTTP/1.1\r\n\r\n"],
    [
      "Content-Length and Transfer-Encoding",
      /^HTTP\/1.1 400 /,
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "two Content-Lengths",
      /^HTTP\/1.1 400 /,
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    ],
    [
      "a header of 1 MB",
      /^HTTP\/1.1 431 /,
      `GET / HTTP/1.1\r\nX: ${"a".repeat(1_000_000)}\r\n\r\n`,
    ],
    ["a bare line feed in a header", /^HTTP\/1.1 400 /, "GET / HTTP/1.1\nHost: a\nX: a\rb\n\n"],
    ["TRACE", /^HTTP\/1.1 (400|404|405) /, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["PUT", /^HTTP\/1.1 405 /, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"],
    ["HEAD", /^HTTP\/1.1 405 /, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an absolute URI", /^HTTP\/1.1 400 /, "GET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["two slashes", /^HTTP\/1.1 404 /, "GET // HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["dots", /^HTTP\/1.1 404 /, "GET /console/../health HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a broken escape", /^HTTP\/1.1 (400|404) /, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"],
    [
      "method override",
      /^HTTP\/1.1 400 /,
      "POST /health HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n",
    ],
    [
      "a broken content type",
      /^HTTP\/1.1 (400|403|415) /,
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ;;;\r\nContent-Length: 1\r\n\r\na",
    ],
    ["no signature", /^HTTP\/1.1 403 /, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"],
  ])("%s", async (_what, expected, bytes) => {
    expect(await raw(bytes)).toMatch(expected);
    await stillServes();
  });

  test("an upload that is cut off", async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 1000\r\n\r\nabc`);
    await new Promise((done) => socket.once("connect", done));
    socket.destroy();
    await stillServes();
  });
});

describe("beside the AWS services", () => {
  test("/health needs no signature", async () => {
    const answer = await fetch(`${server.url}/health`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: "ok", version: "0.0.0", pid: process.pid },
    ]);
  });

  test("any other path is not found", async () => {
    const answer = await fetch(`${server.url}/nothing`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { message: "there is nothing at this path" },
    ]);
  });

  test("/larder/status and /larder/down take a signature for larder", async () => {
    const status = await send({ method: "GET", path: "/larder/status", service: "larder" });
    expect(JSON.parse(status.text)).toEqual({ version: "1.2.3", region: "us-east-1", caches: [] });
    const down = await send({ path: "/larder/down", service: "larder" });
    expect([down.status, downs]).toEqual([200, 1]);
  });

  test.each<[number, string, Signing]>([
    [403, "SignatureDoesNotMatch", { service: "elasticache" }],
    [403, "SignatureDoesNotMatch", { service: "larder", secret: "wrong" }],
    [403, "InvalidClientTokenId", { service: "larder", accessKeyId: "AKIDOTHER" }],
    [400, "RequestExpired", { service: "larder", date: new Date(0) }],
  ])("/larder/down refuses others: %i %s", async (status, code, signing) => {
    const before = downs;
    const answer = await send({ path: "/larder/down", ...signing });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    const unsigned = await fetch(`${server.url}/larder/down`, { method: "POST" });
    expect([unsigned.status, downs]).toEqual([403, before]);
  });
});

test("/larder/down is for the account's root alone", async () => {
  const root = keyRing.lookup(credentials.accessKeyId)!;
  const user = { ...root.principal, arn: `arn:aws:iam::${root.account}:user/eve` };
  const keys = { lookup: () => ({ ...root, principal: user }) };
  await using guarded = await startHttp([], { admin, keys });
  const path = "/larder/down";
  const signed = await sign({ path, service: "larder", host: `127.0.0.1:${guarded.port}` });
  const before = downs;
  const answer = await fetch(guarded.url + path, {
    method: "POST",
    headers: signed.headers.filter(([name]) => name !== "host") as [string, string][],
  });
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: "AccessDenied" }]);
  expect(downs).toBe(before);
});

test("a flood of bad signatures is throttled and does not fill the log; good ones pass", async () => {
  await using flooded = await startHttp([elastiCacheWith(handlers)]);
  const codes = new Map<string | undefined, number>();
  for (let count = 0; count < 400; count += 1) {
    const answer = await fetch(flooded.url, { method: "POST" });
    const code = codeOf(await answer.text());
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect(Object.fromEntries(codes)).toEqual({ MissingAuthenticationToken: 300, Throttling: 100 });
  expect(flooded.log.lines.filter(({ message }) => message.includes("refused"))).toHaveLength(300);
  const client = clientOf(flooded.url);
  await client.send(commandOf("DescribeEvents", {}));
  client.destroy();
});

test("closing lets a request under way finish", async () => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const slow = {
    DescribeEvents: async () => {
      entered.resolve();
      await leave.promise;
      return { Events: [] };
    },
  };
  const closing = await startHttp([elastiCacheWith(slow)]);
  const client = clientOf(closing.url);
  const asked = client.send(commandOf("DescribeEvents", {}));
  await entered.promise;
  const closed = closing.close();
  leave.resolve();
  expect((await asked).$metadata.httpStatusCode).toBe(200);
  client.destroy();
  await closed;
  await expect(fetch(closing.url)).rejects.toThrow("fetch failed");
});
