import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesWildcards } from "./wildcard.ts";

test.each([
  ["cache", "cache", true],
  ["cache", "caches", false],
  ["cache*", "caches", true],
  ["*che", "cache", true],
  ["c?che", "cache", true],
  ["c?che", "cche", false],
  ["*", "", true],
  ["?", "", false],
  ["", "", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-b-b-d", false],
  ["a\\*b", "a*b", true],
  ["a\\*b", "a-b", false],
  ["a\\?", "a?", true],
  ["a\\", "a\\", true],
  ["CACHE", "cache", false],
])("%j matches %j: %s", (pattern, text, expected) => {
  expect(matchesWildcards(pattern, text)).toBe(expected);
});

test("it agrees with a regular expression", () => {
  const chars = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 8 });
  const texts = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 });
  fc.assert(
    fc.property(chars, texts, (pattern, text) => {
      const source = pattern.map((char) => (char === "*" ? ".*" : char === "?" ? "." : char));
      const expected = new RegExp(`^${source.join("")}$`).test(text.join(""));
      expect(matchesWildcards(pattern.join(""), text.join(""))).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test("many stars cost no more than one pass for each character", () => {
  const pattern = `${"*a".repeat(500)}b`;
  expect(matchesWildcards(pattern, "a".repeat(5_000))).toBe(false);
});
