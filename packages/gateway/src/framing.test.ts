import fc from "fast-check";
import { expect, test } from "vitest";
import { Framing } from "./framing.ts";
import { readRequest } from "./memcached-text.ts";

const query = "config get cluster\r\n";

/** A command with its data, none of which is a discovery request however much it looks like one. */
const passed = fc.oneof(
  fc.constantFrom("get a b c\r\n", "mn\r\n", "version\n", "\r\n", "config get other\r\n"),
  fc.integer({ min: 2_040, max: 5_000 }).map((length) => `get ${"k".repeat(length)}\r\n`),
  fc
    .record({
      verb: fc.constantFrom("set", "add", "replace", "append", "prepend"),
      data: fc.oneof(fc.constant(query), fc.constant(`\r\n${query}`), fc.string()),
    })
    .map(({ verb, data }) => `${verb} k 0 0 ${Buffer.byteLength(data)} noreply\r\n${data}\r\n`),
  fc.string().map((data) => `ms k ${Buffer.byteLength(data + query)} T0\r\n${data}${query}\r\n`),
  fc.constant(`cas k 0 0 ${query.length} 7\r\n${query}\r\n`),
);

/** Bytes cut into chunks at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => bytes.subarray(sorted[index - 1] ?? 0, end));
}

/** What comes out of a framing that answers discovery requests with "<answered>". */
function run(chunks: readonly Buffer[]): string {
  const out: Buffer[] = [];
  const framing = new Framing(
    (line) => {
      const request = readRequest(line);
      if (request.kind === "other") return request;
      if (request.kind === "noop") return { dataBytes: 0 };
      return { instead: () => void out.push(Buffer.from("<answered>")) };
    },
    (bytes) => void out.push(Buffer.from(bytes)),
  );
  for (const chunk of chunks) framing.push(chunk);
  framing.flush();
  return Buffer.concat(out).toString();
}

test("discovery requests are taken in their place and all else passes, however it is cut", () => {
  const part = fc.oneof(passed, fc.constant(query), fc.constant("config get CLUSTER\n"));
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat()), (parts, places) => {
      const expected = parts.map((one) =>
        /^config get cluster\r?\n$/i.test(one) ? "<answered>" : one,
      );
      expect(run(cut(Buffer.from(parts.join("")), places))).toBe(expected.join(""));
    }),
    { numRuns: 500 },
  );
});

test("every single cut of a request and its data gives the same", () => {
  const bytes = Buffer.from(`${query}set k 0 0 20\r\n${query}\r\n${query}get x\r\n`);
  for (let place = 0; place <= bytes.length; place += 1) {
    expect(run(cut(bytes, [place]))).toBe(
      `<answered>set k 0 0 20\r\n${query}\r\n<answered>get x\r\n`,
    );
  }
});

test("an endless line is passed on and not kept", () => {
  let forwarded = 0;
  const framing = new Framing(
    () => expect.unreachable(),
    (bytes) => void (forwarded += bytes.length),
  );
  for (let n = 0; n < 1_000; n += 1) framing.push(Buffer.alloc(10_000, "a"));
  expect(forwarded).toBe(10_000_000);
});
