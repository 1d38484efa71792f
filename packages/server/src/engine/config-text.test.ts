import fc from "fast-check";
import { expect, test } from "vitest";
import { renderConfig } from "./config-text.ts";

test("plain values stay as they are, others are quoted", () => {
  const text = renderConfig([
    ["port", "6379"],
    ["save", ""],
    ["user", "default", "on", "~*", "&*", "+@all", "-client|kill"],
    ["proc-title-template", 'a "b" \\ c'],
  ]);
  expect(text).toBe(
    'port 6379\nsave ""\nuser default on ~* &* +@all -client|kill\n' +
      'proc-title-template "a \\"b\\" \\\\ c"\n',
  );
});

test.each([
  ["a line feed", "noeviction\nrename-command CONFIG x"],
  ["a carriage return", "a\rb"],
  ["a NUL", "a\0b"],
  ["a line separator", "a\u2028b"],
  ["an escape", "\u001b[2J"],
])("%s in a value is refused, without quoting the value", (_what, value) => {
  expect(() => renderConfig([["masterauth", value]])).toThrow(
    "the value of masterauth has a character that is not printable ASCII",
  );
});

test("a directive's name cannot carry anything else", () => {
  expect(() => renderConfig([["port 1\ndir", "x"]])).toThrow("wrong characters");
});

test("whatever the value, a line holds one directive and reads back as the value", () => {
  const value = fc.string({ unit: fc.constantFrom(..." abz09\"'\\#$`;-|*~".split("")) });
  fc.assert(
    fc.property(value, (given) => {
      const text = renderConfig([["name", given]]);
      expect(text.split("\n")).toHaveLength(2);
      const rest = text.slice("name ".length, -1);
      const quoted = rest.startsWith('"');
      expect(quoted ? rest.slice(1, -1).replaceAll(/\\(.)/g, "$1") : rest).toBe(given);
    }),
  );
});
