import { describe, expect, test } from "vitest";
import { parseReplies } from "./foreign-engine.ts";

const whole = "+OK\r\n-NOAUTH Authentication required.\r\n$5\r\nab\r\nc\r\n+PONG\r\n";

test("replies are read however they are cut", () => {
  const bytes = Buffer.from(whole);
  expect(parseReplies(bytes)).toEqual([
    { text: "OK" },
    { error: "NOAUTH Authentication required." },
    { text: "ab\r\nc" },
    { text: "PONG" },
  ]);
  for (let end = 0; end < bytes.length; end += 1) {
    const some = parseReplies(bytes.subarray(0, end));
    expect(parseReplies(bytes).slice(0, some.length)).toEqual(some);
  }
});

describe("what no engine says to such questions ends the reading", () => {
  test.each([
    ["HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["$99999999\r\nx\r\n"],
    ["$-1\r\n"],
    ["*2\r\n+a\r\n+b\r\n"],
    [""],
  ])("%j", (text) => {
    expect(parseReplies(Buffer.from(text))).toEqual([]);
  });
});
