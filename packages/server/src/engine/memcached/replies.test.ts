import fc from "fast-check";
import { expect, test } from "vitest";
import { readItem, readLine, readStats } from "./replies.ts";

const bytes = (text: string) => Buffer.from(text);

test("a reply is taken once it is complete, however it is cut", () => {
  const whole = bytes("VALUE k 0 5\r\nEND\r\n\r\nEND\r\nVERSION 1.6.18\r\n");
  const end = "VALUE k 0 5\r\nEND\r\n\r\nEND\r\n".length;
  for (let length = 0; length < end; length += 1) {
    expect(readItem(whole.subarray(0, length))).toBeNull();
  }
  expect(readItem(whole)).toEqual({ reply: bytes("END\r\n"), used: end });
});

test("stats are read up to their end, a missing item is null, and refusals are errors", () => {
  const stats = readStats(bytes("STAT bytes 12\r\nSTAT version 1.6.18\r\nEND\r\nrest"));
  expect(stats).toEqual({
    reply: new Map([
      ["bytes", "12"],
      ["version", "1.6.18"],
    ]),
    used: 41,
  });
  expect(readItem(bytes("END\r\n"))).toEqual({ reply: null, used: 5 });
  expect(readStats(bytes("ERROR\u001b[2J\r\n"))?.reply).toEqual(
    new Error("memcached answered ERROR?[2J"),
  );
});

test("what is no reply at all ends the connection", () => {
  expect(() => readLine(bytes("x".repeat(9_000)))).toThrow("too long");
  expect(() => readItem(bytes("VALUE k 0 1\r\nabcdefgh\r\nEND\r\n"))).toThrow("torn");
});

test("whatever a node sends, a reader takes no more than there is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (sent) => {
      for (const read of [readLine, readItem, readStats]) {
        let used: number;
        try {
          used = read(Buffer.from(sent))?.used ?? 0;
        } catch {
          continue; // said to be no reply
        }
        expect(used).toBeLessThanOrEqual(sent.length);
      }
    }),
  );
});
