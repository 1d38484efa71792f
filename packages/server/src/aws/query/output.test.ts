import { describe, expect, test } from "vitest";
import type { StructureShape } from "../shape.ts";
import { escapeXml, writeMembers } from "./output.ts";

test.each([
  ["<a href='x'>\"&\"</a>", "&lt;a href=&apos;x&apos;&gt;&quot;&amp;&quot;&lt;/a&gt;"],
  ["a\r\n\tb", "a&#xd;&#xa;&#x9;b"],
  ["a\u2028b\u0085c", "a&#x2028;b&#x85;c"],
  ["a\u0000b\u001Bc\uFFFEd", "a\uFFFDb\uFFFDc\uFFFDd"],
  ["a\uD800b", "a\uFFFDb"],
  ["é 😀", "é 😀"],
  ["]]>", "]]&gt;"],
])("%j is escaped", (text, expected) => {
  expect(escapeXml(text)).toBe(expected);
});

describe("a value of the wrong type is a bug, and never reaches the wire", () => {
  const shape: StructureShape = {
    kind: "structure",
    members: (["string", "boolean", "number", "timestamp"] as const).map((kind) => ({
      ...{ name: kind, wireName: kind, ec2Name: kind, required: false, sensitive: false },
      shape: { kind },
    })),
  };
  test.each([{ string: 1 }, { boolean: "true" }, { number: NaN }, { timestamp: "2024-01-01" }])(
    "%j",
    (value) => {
      expect(() => writeMembers(shape, value)).toThrow(/an output is not/);
    },
  );
  test("an invalid date", () => {
    expect(() => writeMembers(shape, { timestamp: new Date(NaN) })).toThrow("Invalid time");
  });
});
