import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Allowed,
  allowedText,
  choice,
  exactlyOrFrom,
  fixed,
  from,
  validateParameter,
  yesNo,
} from "./definition.ts";
import { settable } from "./rows.ts";

function problem(allowed: Allowed, value: string): string | null {
  return validateParameter(settable("p", "", allowed, "1.0.0", ""), value);
}

const letters: Allowed = { kind: "letters", letters: "KEA" };
const decimal: Allowed = { kind: "decimal", min: 1.01, max: 100 };

test.each([
  [yesNo, "yes,no"],
  [from(0), "0-"],
  [from(1, 10), "1-10"],
  [exactlyOrFrom(0, 20), "0,20-"],
  [letters, "KEA"],
  [decimal, "1.01-100"],
  [fixed, ""],
])("allowed values are written as AWS does (%#)", (allowed, text) => {
  expect(allowedText(allowed)).toBe(text);
});

test.each<[Allowed, string]>([
  [choice("ascii", "auto"), "ascii"],
  [from(-1), "-1"],
  [from(0, 100), "100"],
  [exactlyOrFrom(0, 20), "0"],
  [exactlyOrFrom(0, 20), "20"],
  [letters, ""],
  [letters, "AK"],
  [decimal, "1.25"],
])("%j takes %j", (allowed, value) => {
  expect(problem(allowed, value)).toBeNull();
});

test.each<[Allowed, string]>([
  [yesNo, "YES"],
  [yesNo, ""],
  [from(0), "-1"],
  [from(0), "01"],
  [from(0), "1e3"],
  [from(0), "1mb"],
  [from(0), " 1"],
  [from(0), ""],
  [from(0), "2147483648"],
  [from(0), "99999999999999999999"],
  [exactlyOrFrom(0, 20), "19"],
  [letters, "KK"],
  [letters, "q"],
  [decimal, "1"],
  [decimal, "NaN"],
  [fixed, ""],
])("%j refuses %j", (allowed, value) => {
  expect(problem(allowed, value)).toMatch(/^The parameter p must be /);
});

test("no value that is taken holds anything that could end a line or an option", () => {
  const kinds = fc.constantFrom(yesNo, from(0), exactlyOrFrom(0, 20), letters, decimal);
  const hostile = fc.tuple(
    fc.constantFrom("", "yes", "0", "25", "KEA", "1.5"),
    fc.constantFrom("\n", "\r", "\0", " ", '"', ",", "--", "\u2028"),
    fc.string(),
  );
  fc.assert(
    fc.property(kinds, hostile, (allowed, parts) => {
      expect(problem(allowed, parts.join(""))).not.toBeNull();
    }),
  );
});
